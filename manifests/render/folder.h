// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "manifests/decode/decode.h"
#include "manifests/kustomize/variables.h"
#include "manifests/resource.h"
#include "manifests/sops/identities.h"

namespace gantry::manifests {

struct SourceFile {
  /// Relative to the folder, with '/'.
  std::string path;
  std::string content;
};

/// What a folder of manifests comes to.
struct RenderedSet {
  /// Defaults applied, namespaces filled in, ordered by key; no key twice.
  std::vector<Resource> resources;
  /// SHA-256, lower-case hex, over the contentDigest (diff/mask.h) of each resource, with its kind:
  /// what approvals bind to.
  std::string hash;
  /// Errors and warnings of all files; with an error, `resources` must not be used.
  std::vector<Diagnostic> diagnostics;
  /// What else a kustomization is made of; see kustomize::Rendered.
  std::set<std::string> folders;

  bool ok() const;
};

/// Decodes every *.yaml, *.yml and *.json of `files` (at any depth), fills in `defaultNamespace`
/// where an object names none, applies defaults, and validates each object and the set. A key that
/// occurs twice is an error that names both places, and so is a kustomization: it says what its own
/// folder is. Files of SOPS are decrypted with `keys` (sops/decrypt.h); without, they are errors.
/// Pure: the same files give the same bytes.
RenderedSet renderFolder(const std::vector<SourceFile>& files, const std::string& defaultNamespace,
                         const DecodeLimits& limits = {}, const sops::Identities* keys = nullptr);

struct RenderOptions {
  /// The folder of the repository that is rendered; "" is its root.
  std::string folder = {};
  /// For objects that name no namespace.
  std::string defaultNamespace = {};
  /// What ${NAME} is replaced by (kustomize/variables.h); with none, nothing is replaced.
  kustomize::Variables variables = {};
  DecodeLimits limits = {};
  /// What files of SOPS are decrypted with; null if there is no key.
  std::shared_ptr<const sops::Identities> keys = {};
};

/// Renders a folder of a repository: by its kustomization if it has one, else as renderFolder does
/// with the files below it. Paths of `files` are relative to the root of the repository. Pure.
RenderedSet render(const std::vector<SourceFile>& files, const RenderOptions& options);

}  // namespace gantry::manifests
