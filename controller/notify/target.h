// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "absl/status/statusor.h"
#include "controller/notify/notice.h"
#include "controller/notify/outgoing.h"

namespace gantry::notify {

/// Whether somebody wants to be told of it. Pure.
bool isWanted(const schema::Notification& notification, const Notice& notice);

/// The value of a key of a Secret. Error: FAILED_PRECONDITION (there is none).
using SecretValue =
    std::function<absl::StatusOr<std::string>(const schema::SecretKeyRef& reference)>;

/// From the Secrets of the ledger, in the namespace of Projects. White space at the end is cut off,
/// which `echo` and editors leave there.
SecretValue secretsOf(const model::State& state);

/// The message that tells `notification` of `notice`. Nothing: it has no use for that event, as a
/// commit status has none for a hold. `id` is the same for every try. Errors: those of `secret`;
/// INVALID_ARGUMENT (an address that is none); their messages hold no secret. Pure.
absl::StatusOr<std::optional<Outgoing>> messageFor(const schema::Notification& notification,
                                                   const Notice& notice, const std::string& id,
                                                   const std::string& externalUrl,
                                                   const SecretValue& secret);

/// Whether `notification` is read by people, who are better served by one message about many
/// notices than by many messages. Pure.
bool canBeGathered(const schema::Notification& notification);

/// One message that tells of all `notices`: how many, what, and which Applications. Only for what
/// canBeGathered. Errors: as messageFor. Pure.
absl::StatusOr<std::optional<Outgoing>> gatheredMessage(const schema::Notification& notification,
                                                        std::span<const Notice> notices,
                                                        const std::string& id,
                                                        const std::string& externalUrl,
                                                        const SecretValue& secret);

// ---- the kinds, for target.cpp and their tests

absl::StatusOr<std::optional<Outgoing>> commitStatus(const schema::CommitStatusTarget& target,
                                                     const Notice& notice, const std::string& link,
                                                     const SecretValue& secret);

/// A mail of that text, written at `at`; `about` stands in its subject.
absl::StatusOr<Outgoing> mail(const schema::EmailTarget& target, const std::string& about,
                              const std::string& text, base::Timestamp at, const std::string& id,
                              const SecretValue& secret);

/// The URL, if it is one of HTTP and fit for a request. Error: INVALID_ARGUMENT, without the URL.
absl::StatusOr<std::string> checkedUrl(std::string url);

}  // namespace gantry::notify
