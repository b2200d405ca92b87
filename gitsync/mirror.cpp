// SPDX-License-Identifier: Apache-2.0
#include "gitsync/mirror.h"

#include <cstdlib>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTemporary = "tmp_";

template <class Iterator, class Predicate>
void collect(const fs::path& folder, Predicate isStale, std::vector<fs::path>& stale) {
  std::error_code error;
  for (const auto& entry : Iterator(folder, error)) {
    if (isStale(entry.path().filename().string())) stale.push_back(entry.path());
  }
}

// A child that was killed leaves locks and halves of packs; nobody else uses the mirror now. No ref
// may end in ".lock", but a branch may well be called "tmp_x".
void removeLeftovers(const fs::path& mirror) {
  const auto isLock = [](const std::string& name) { return name.ends_with(".lock"); };
  const auto isTemporary = [](const std::string& name) { return name.starts_with(kTemporary); };
  const auto isEither = [&](const std::string& name) {
    return isLock(name) || isTemporary(name) || name.starts_with("pack_git2_");
  };
  std::vector<fs::path> stale;
  collect<fs::directory_iterator>(mirror, isEither, stale);
  collect<fs::recursive_directory_iterator>(mirror / "refs", isLock, stale);
  collect<fs::recursive_directory_iterator>(mirror / "objects", isEither, stale);
  std::error_code ignored;
  for (const fs::path& path : stale) fs::remove_all(path, ignored);
}

}  // namespace

absl::StatusOr<RepositoryHandle> openOrInitMirror(const std::string& mirror) {
  removeLeftovers(mirror);
  if (absl::StatusOr<RepositoryHandle> opened = openMirror(mirror); opened.ok()) return opened;
  git_repository* repository = nullptr;
  std::error_code ignored;
  fs::create_directories(fs::path(mirror).parent_path(), ignored);
  if (const int result = git_repository_init(&repository, mirror.c_str(), 1); result != 0) {
    return gitError(result, "the local mirror cannot be made");
  }
  return RepositoryHandle(repository);
}

std::string mirrorRef(const std::string& ref) {
  const std::size_t kind = std::string_view("refs/").size();
  const std::size_t name = std::min(ref.find('/', kind), ref.size() - 1) + 1;
  return absl::StrCat("refs/gantry/", ref.substr(kind, name - kind),
                      absl::StrReplaceAll(ref.substr(name), {{"/", "%2F"}}));
}

absl::Status setRef(git_repository* repository, const std::string& ref, const git_oid& commit) {
  git_reference* created = nullptr;
  const int result = git_reference_create(&created, repository, ref.c_str(), &commit, 1, "gantry");
  const ReferenceHandle handle(created);
  return result == 0 ? absl::OkStatus() : gitError(result, "a ref cannot be written");
}

absl::StatusOr<git_oid> commitOfRef(git_repository* repository, const std::string& ref) {
  git_reference* looked = nullptr;
  if (const int result = git_reference_lookup(&looked, repository, ref.c_str()); result != 0) {
    return gitError(result, "a ref cannot be read");
  }
  const ReferenceHandle handle(looked);
  git_object* peeled = nullptr;
  if (git_reference_peel(&peeled, looked, GIT_OBJECT_COMMIT) != 0) {
    return absl::FailedPreconditionError("the ref is not of a commit");
  }
  const git_oid id = *git_object_id(peeled);
  git_object_free(peeled);
  return id;
}

absl::StatusOr<TemporaryFolder> TemporaryFolder::make(const std::string& mirror) {
  std::string path = (fs::path(mirror) / absl::StrCat(std::string(kTemporary), "XXXXXX")).string();
  if (::mkdtemp(path.data()) == nullptr) {
    return absl::UnavailableError(absl::StrCat("no folder can be made in ", mirror));
  }
  return TemporaryFolder(path);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) fs::remove_all(path_, ignored);
}

}  // namespace gantry::gitsync
