// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "manifests/kustomize/object.h"

// Where values of encrypted files may be. Plans and errors mask what is below data and stringData
// of a Secret, and nothing else; so that is where such a value has to stay after every single step
// of a rendering, since the next one could show it, or tell something about it, before the last.
//
// Nodes carry the mark (Node::decrypted), and copies of them do. A step that makes a new text of a
// marked one keeps the mark, or refuses: what compares with such a value, or takes it apart, tells
// what it is.

namespace gantry::manifests::kustomize {

/// Marks what is secret in a document of an encrypted file: of a Secret, all below data and
/// stringData. Whoever decrypts says that nothing else is (Opened::notForManifests). `file` is its
/// number.
void markDecrypted(Node& document, int file);

/// Whether a value in the tree was decrypted.
bool holdsDecrypted(const Node& node);

/// Whether the object holds decrypted values only where they are masked. If not, there is an error
/// at `where`, the step that brought one elsewhere; it names the place of the value, never its
/// text.
bool keepsDecrypted(const Object& object, const Place& where, Build& build);

}  // namespace gantry::manifests::kustomize
