// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <array>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "controller/notify/bodies.pb.h"
#include "controller/notify/target.h"
#include "controller/notify/text.h"

namespace gantry::notify {
namespace {

/// GitHub refuses what is longer; GitLab takes 255 characters, Gitea any number.
constexpr std::size_t kLongestDescription = 140;
/// GitLab refuses what is longer, as a target_url.
constexpr std::size_t kLongestGitLabUrl = 255;

struct Stage {
  const char* event;
  /// GitHub and Gitea; GitLab.
  const char* state;
  const char* gitLabState;
  const char* description;
};

// What a commit goes through. What is replaced, or was held, is over without being good or bad; if
// it still counts, what becomes of it is told after that.
constexpr std::array<Stage, 11> kStages = {{
    {event::kPlanPending, "pending", "pending", "pending approval"},
    {event::kPlanApproved, "pending", "pending", "approved"},
    {event::kPlanRejected, "failure", "failed", "rejected"},
    {event::kPlanSuperseded, "error", "canceled", "superseded"},
    {event::kHoldSet, "failure", "failed", "held"},
    {event::kHoldLifted, "error", "canceled", "no longer held"},
    {event::kApplied, "pending", "running", "syncing"},
    {event::kRolledBack, "pending", "running", "syncing"},
    {event::kHealthy, "success", "success", "healthy"},
    {event::kDegraded, "failure", "failed", "degraded"},
    {event::kSyncFailed, "failure", "failed", "sync failed"},
}};

bool isCommit(const std::string& text) {
  return (text.size() == 40 || text.size() == 64) &&
         std::ranges::all_of(text, [](unsigned char c) { return absl::ascii_isxdigit(c); });
}

// "acme/shop" → "acme%2Fshop": GitLab takes the path for the number of a project.
std::string escaped(const std::string& path) {
  std::string out;
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    if (absl::ascii_isalnum(byte) || absl::StrContains("-._~", absl::string_view(&c, 1))) {
      out += c;
    } else {
      absl::StrAppend(&out, "%", absl::AsciiStrToUpper(absl::BytesToHexString({&c, 1})));
    }
  }
  return out;
}

template <class Body>
absl::StatusOr<std::string> json(const Body& body) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(body, &text, options).ok()) {
    return absl::InvalidArgumentError("the text is not UTF-8");
  }
  return text;
}

absl::StatusOr<Outgoing> toGitLab(const std::string& api, const std::string& repository,
                                  const std::string& commit, const std::string& token,
                                  GitLabCommitStatus status) {
  HttpPost post;
  post.url = absl::StrCat(api, "/projects/", escaped(repository), "/statuses/", commit);
  post.headers = {{"Content-Type", "application/json"}, {"PRIVATE-TOKEN", token}};
  post.harmless = "Cannot transition status";
  GANTRY_ASSIGN_OR_RETURN(post.body, json(status));
  return post;
}

absl::StatusOr<Outgoing> toGitHub(const std::string& api, const std::string& repository,
                                  const std::string& commit, const std::string& authorization,
                                  const CommitStatus& status) {
  HttpPost post;
  post.url = absl::StrCat(api, "/repos/", repository, "/statuses/", commit);
  post.headers = {{"Content-Type", "application/json"},
                  {"Accept", "application/vnd.github+json, application/json"},
                  {"Authorization", authorization}};
  GANTRY_ASSIGN_OR_RETURN(post.body, json(status));
  return post;
}

}  // namespace

absl::StatusOr<std::optional<Outgoing>> commitStatus(const schema::CommitStatusTarget& target,
                                                     const Notice& notice, const std::string& link,
                                                     const SecretValue& secret) {
  const auto stage = std::ranges::find(kStages, notice.event, &Stage::event);
  const std::string& commit = notice.revision.commit();
  if (stage == kStages.end() || !isCommit(commit)) return std::nullopt;
  GANTRY_ASSIGN_OR_RETURN(std::string api, checkedUrl(target.api_url()));
  while (api.ends_with('/')) api.pop_back();
  const std::string& repository = target.repository();
  const bool isPath = std::ranges::all_of(repository, [](unsigned char c) {
    return absl::ascii_isalnum(c) ||
           absl::StrContains("-._/", absl::string_view(reinterpret_cast<char*>(&c), 1));
  });
  if (!isPath) return absl::InvalidArgumentError("the repository is not written as owner/name");
  GANTRY_ASSIGN_OR_RETURN(const std::string token, secret(target.token_from()));
  const std::string description =
      shortened(notice.reason.empty() ? stage->description
                                      : absl::StrCat(stage->description, ": ", notice.reason),
                kLongestDescription);
  const std::string context = absl::StrCat("gantry/", notice.application.name);
  absl::StatusOr<Outgoing> message = absl::InvalidArgumentError("the provider is not known");
  if (target.provider() == "gitlab") {
    GitLabCommitStatus status;
    status.set_state(stage->gitLabState);
    // Half an address leads nowhere.
    if (link.size() <= kLongestGitLabUrl) status.set_target_url(link);
    status.set_description(description);
    status.set_name(context);
    message = toGitLab(api, repository, commit, token, std::move(status));
  } else {
    CommitStatus status;
    status.set_state(stage->state);
    status.set_target_url(link);
    status.set_description(description);
    status.set_context(context);
    const char* scheme = target.provider() == "gitea" ? "token " : "Bearer ";
    message = toGitHub(api, repository, commit, absl::StrCat(scheme, token), status);
  }
  GANTRY_RETURN_IF_ERROR(message.status());
  return *std::move(message);
}

}  // namespace gantry::notify
