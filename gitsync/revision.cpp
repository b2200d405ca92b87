// SPDX-License-Identifier: Apache-2.0
#include "gitsync/revision.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gitsync/semver.h"

namespace gantry::gitsync {
namespace {

constexpr std::string_view kBranches = "refs/heads/";
constexpr std::string_view kTags = "refs/tags/";

/// Digits of a commit, as Git accepts and as it prints them.
constexpr std::size_t kShortestAbbreviation = 4;
constexpr std::size_t kUsualAbbreviation = 7;

const AdvertisedRef* find(const std::vector<AdvertisedRef>& refs, const std::string& name) {
  const auto found = std::ranges::find(refs, name, &AdvertisedRef::name);
  return found == refs.end() ? nullptr : &*found;
}

const AdvertisedRef* highest(const std::vector<AdvertisedRef>& refs, const VersionRange& range) {
  const AdvertisedRef* best = nullptr;
  Version bestVersion;
  for (const AdvertisedRef& ref : refs) {
    if (!ref.name.starts_with(kTags)) continue;
    const std::optional<Version> version = parseVersion(ref.name.substr(kTags.size()));
    if (!version || !range.contains(*version)) continue;
    // Of "v1.2" and "1.2.0" always the same one, whatever the order of the remote.
    if (best != nullptr &&
        (bestVersion > *version || (bestVersion == *version && best->name < ref.name))) {
      continue;
    }
    best = &ref;
    bestVersion = *version;
  }
  return best;
}

bool isHex(const std::string& text) {
  return std::ranges::all_of(
      text, [](unsigned char c) { return absl::ascii_isdigit(c) || (c >= 'a' && c <= 'f'); });
}

/// What to do about a commit that is abbreviated, as Git prints them; empty for other text.
std::string hintOfCommit(const std::string& revision) {
  if (revision.size() < kShortestAbbreviation || revision.size() >= 40 || !isHex(revision))
    return {};
  return absl::StrCat("; a commit is written with all 40 digits: git rev-parse ", revision);
}

}  // namespace

bool isCommitId(const std::string& revision) {
  return revision.size() == 40 && isHex(revision);
}

bool isRefName(const std::string& revision) {
  return revision.starts_with("refs/");
}

absl::StatusOr<AdvertisedRef> resolveRevision(const std::string& revision,
                                              const std::vector<AdvertisedRef>& advertised) {
  if (advertised.empty()) {
    return absl::FailedPreconditionError("the repository is empty; push a first commit to it");
  }
  if (isRefName(revision)) {
    if (const AdvertisedRef* ref = find(advertised, revision)) return *ref;
    return absl::NotFoundError(absl::StrCat("there is no ref \"", revision, "\""));
  }
  if (const AdvertisedRef* branch =
          find(advertised, absl::StrCat(std::string(kBranches), revision)))
    return *branch;
  if (const AdvertisedRef* tag = find(advertised, absl::StrCat(std::string(kTags), revision))) {
    return *tag;
  }
  const absl::StatusOr<VersionRange> range = VersionRange::parse(revision);
  if (!range.ok()) {
    return absl::NotFoundError(
        absl::StrCat("there is no branch \"", revision, "\" and no tag", hintOfCommit(revision)));
  }
  if (const AdvertisedRef* tag = highest(advertised, *range)) return *tag;
  return absl::NotFoundError(
      absl::StrCat("no tag is a version in the range \"", revision,
                   "\"; prereleases count only if the range names one, like >=1.2-0",
                   // Some abbreviated ids have digits only; no version is that high.
                   revision.size() >= kUsualAbbreviation ? hintOfCommit(revision) : ""));
}

bool mayMove(const std::string& ref, const std::string& revision) {
  if (isCommitId(revision)) return false;
  if (isRefName(revision)) return ref == revision;
  if (ref.starts_with(kBranches)) return ref.substr(kBranches.size()) == revision;
  if (!ref.starts_with(kTags)) return false;
  const std::string tag = ref.substr(kTags.size());
  if (tag == revision) return true;
  const std::optional<Version> version = parseVersion(tag);
  if (!version) return false;
  const absl::StatusOr<VersionRange> range = VersionRange::parse(revision);
  return range.ok() && range->contains(*version);
}

}  // namespace gantry::gitsync
