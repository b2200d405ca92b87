// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "controller/webhooks/secrets.h"

namespace gantry::webhooks {

/// Who sends. Forgejo counts as Gitea, whose hooks it kept; the two Bitbuckets have little in
/// common.
enum class Provider { kGitHub, kGitLab, kGitea, kBitbucketCloud, kBitbucketServer };

/// "github", "gitlab", "gitea", "bitbucket-cloud", "bitbucket-server": for metrics and answers.
const char* providerName(Provider provider);

/// What a delivery is about.
enum class Event {
  kPush,
  /// A test of the hook.
  kPing,
  /// Of no use here.
  kOther,
};

struct Sender {
  Provider provider;
  Event event;
};

/// The value of a header by its name, whose case is of no account; empty if it is not there.
using Headers = std::function<std::string(std::string_view name)>;

/// By the header that names the event. Empty: none that is known. Pure.
std::optional<Sender> recognise(const Headers& headers);

/// Whether the sender knows one of the secrets, by the provider's own kind of proof:
///
///   GitHub             X-Hub-Signature-256: sha256=HEX    HMAC-SHA256 of the body
///   GitLab             X-Gitlab-Token: the secret itself
///   Gitea, Forgejo     X-Gitea-Signature, X-Forgejo-Signature: HEX
///   Bitbucket          X-Hub-Signature: sha256=HEX
///
/// Pure.
bool isProven(Provider provider, const Headers& headers, std::string_view body,
              const Secrets& secrets);

}  // namespace gantry::webhooks
