// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <google/protobuf/message.h>

#include <memory>
#include <string>
#include <string_view>

namespace gantry::manifests {

/// The key of the hash in masks. A daemon sets its own at start, before other threads run, and
/// keeps it (the controller: with its certificate authority), so that a mask of today compares with
/// one of yesterday and nobody else can try out guesses. Without a key there are no digits: a mask
/// then tells nothing but that there is a secret.
void setMaskKey(std::string key);

/// "(secret 4f2a90c1)": eight digits of HMAC-SHA-256; "(secret)" without a key. What is a mask
/// already stays as it is, so that what the controller has masked reads the same on the desktop.
std::string maskOf(std::string_view value);

/// 64 hex digits that stand for the canonical bytes of an object where others may see them (digests
/// of plans, hashes in Git notes): SHA-256, or, if it holds a secret value, HMAC-SHA-256 with the
/// key of the masks, so that nobody can try out guesses of the secret. Any thread.
std::string contentDigest(const google::protobuf::Message& message);

/// A copy whose secret values (option `secret`) are replaced by their masks. Any thread.
std::unique_ptr<google::protobuf::Message> masked(const google::protobuf::Message& message);

}  // namespace gantry::manifests
