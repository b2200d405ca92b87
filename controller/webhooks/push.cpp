// SPDX-License-Identifier: Apache-2.0
#include "controller/webhooks/push.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/status.h"
#include "controller/webhooks/push.pb.h"
#include "gitsync/revision.h"

namespace gantry::webhooks {
namespace {

constexpr absl::string_view kBranches = "refs/heads/";
constexpr absl::string_view kTags = "refs/tags/";

template <class Message>
absl::StatusOr<Message> read(Provider provider, std::string_view body) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  Message message;
  // The library stops at 100 levels of objects, and does not recurse into lists. Its errors quote
  // the body.
  if (!google::protobuf::util::JsonStringToMessage({body.data(), body.size()}, &message, options)
           .ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the body is not the JSON that ", providerName(provider),
                     " sends after a push; is the content type set to application/json?"));
  }
  return message;
}

void add(PushHint& hint, const std::string& url) {
  if (auto parsed = parseRepositoryUrl(url)) hint.repositories.push_back(*std::move(parsed));
}

void addRef(PushHint& hint, std::string ref) {
  const bool known = std::ranges::find(hint.refs, ref) != hint.refs.end();
  if (!ref.empty() && !known) hint.refs.push_back(std::move(ref));
}

absl::StatusOr<PushHint> gitHub(Provider provider, std::string_view body) {
  GANTRY_ASSIGN_OR_RETURN(const GitHubPush push, read<GitHubPush>(provider, body));
  PushHint hint;
  add(hint, push.repository().clone_url());
  add(hint, push.repository().ssh_url());
  add(hint, push.repository().html_url());
  addRef(hint, push.ref());
  return hint;
}

absl::StatusOr<PushHint> gitLab(std::string_view body) {
  GANTRY_ASSIGN_OR_RETURN(const GitLabPush push, read<GitLabPush>(Provider::kGitLab, body));
  PushHint hint;
  const std::string& event = push.event_name();
  if (!event.empty() && event != "push" && event != "tag_push") return hint;
  add(hint, push.project().git_http_url());
  add(hint, push.project().git_ssh_url());
  add(hint, push.project().web_url());
  addRef(hint, push.ref());
  return hint;
}

absl::StatusOr<PushHint> bitbucketCloud(std::string_view body) {
  GANTRY_ASSIGN_OR_RETURN(const BitbucketCloudPush push,
                          read<BitbucketCloudPush>(Provider::kBitbucketCloud, body));
  PushHint hint;
  add(hint, push.repository().links().html().href());
  if (!push.repository().full_name().empty()) {
    add(hint, absl::StrCat("https://bitbucket.org/", push.repository().full_name()));
  }
  for (const BitbucketCloudPush::Change& change : push.push().changes()) {
    const BitbucketCloudPush::Ref& ref = change.has_new_() ? change.new_() : change.old();
    if (ref.name().empty()) continue;
    const bool isTag = absl::EndsWith(ref.type(), "tag");
    addRef(hint, absl::StrCat(isTag ? kTags : kBranches, ref.name()));
  }
  return hint;
}

absl::StatusOr<PushHint> bitbucketServer(std::string_view body) {
  GANTRY_ASSIGN_OR_RETURN(const BitbucketServerPush push,
                          read<BitbucketServerPush>(Provider::kBitbucketServer, body));
  PushHint hint;
  for (const auto& link : push.repository().links().clone()) add(hint, link.href());
  for (const auto& link : push.repository().links().self()) add(hint, link.href());
  for (const auto& change : push.changes()) addRef(hint, change.ref().id());
  return hint;
}

}  // namespace

absl::StatusOr<PushHint> parsePush(Provider provider, std::string_view body) {
  switch (provider) {
    case Provider::kGitHub:
    case Provider::kGitea:
      return gitHub(provider, body);
    case Provider::kGitLab:
      return gitLab(body);
    case Provider::kBitbucketCloud:
      return bitbucketCloud(body);
    case Provider::kBitbucketServer:
      return bitbucketServer(body);
  }
  GANTRY_CHECK(false);
}

bool concerns(const PushHint& hint, std::string_view repositoryUrl, std::string_view revision) {
  const bool refFits =
      hint.refs.empty() || std::ranges::any_of(hint.refs, [&](const std::string& ref) {
        return gitsync::mayMove(ref, std::string(revision));
      });
  if (!refFits) return false;
  const auto url = parseRepositoryUrl(repositoryUrl);
  return url && std::ranges::any_of(hint.repositories, [&](const RepositoryUrl& each) {
           return sameRepository(each, *url);
         });
}

}  // namespace gantry::webhooks
