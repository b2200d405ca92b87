// SPDX-License-Identifier: Apache-2.0
#include "gitsync/remote.h"

#include <filesystem>
#include <span>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {
namespace {

namespace fs = std::filesystem;

/// The remote's certificate counts only if the library found it good. The one place where trust in
/// a remote is decided; host keys of ssh:// belong here too.
int checkCertificate(git_cert*, int valid, const char*, void*) {
  return valid != 0 ? 0 : GIT_ECERTIFICATE;
}

git_remote_callbacks callbacks() {
  git_remote_callbacks result = GIT_REMOTE_CALLBACKS_INIT;
  result.certificate_check = checkCertificate;
  return result;
}

std::string mirrorRef(const std::string& branch) {
  return absl::StrCat("refs/gantry/heads/", branch);
}

/// A child that was killed leaves locks and halves of packs; nobody else uses the mirror now.
void removeLeftovers(const fs::path& mirror) {
  std::error_code error;
  std::vector<fs::path> stale;
  for (const auto& entry : fs::recursive_directory_iterator(mirror, error)) {
    const fs::path& path = entry.path();
    if (path.extension() == ".lock" || path.filename().string().starts_with("pack_git2_") ||
        path.filename().string().starts_with("tmp_")) {
      stale.push_back(path);
    }
  }
  for (const fs::path& path : stale) fs::remove(path, error);
}

absl::StatusOr<RepositoryHandle> openOrInit(const std::string& mirror) {
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

/// One connection to the remote, and what it advertises.
class Connection {
 public:
  explicit Connection(const child::Request& request) : request_(request) {}

  absl::Status open(git_repository* repository) {
    repository_ = repository;
    GANTRY_RETURN_IF_ERROR(checkLocalPath());
    git_remote* remote = nullptr;
    if (const int result = git_remote_create_anonymous(&remote, repository, request_.url().c_str());
        result != 0) {
      return gitError(result, "the remote cannot be used");
    }
    remote_.reset(remote);
    git_remote_connect_options options = GIT_REMOTE_CONNECT_OPTIONS_INIT;
    options.callbacks = callbacks();
    if (const int result = git_remote_connect_ext(remote, GIT_DIRECTION_FETCH, &options);
        result != 0) {
      return gitError(result, "no connection");
    }
    return absl::OkStatus();
  }

  /// The branch's head, as the remote says it.
  absl::StatusOr<git_oid> head() {
    const git_remote_head** heads = nullptr;
    std::size_t count = 0;
    if (const int result = git_remote_ls(&heads, &count, remote_.get()); result != 0) {
      return gitError(result, "the remote's branches cannot be listed");
    }
    const std::string wanted = "refs/heads/" + request_.branch();
    for (std::size_t i = 0; i < count; ++i) {
      if (wanted == heads[i]->name) return heads[i]->oid;
    }
    if (count == 0) {
      return absl::FailedPreconditionError("the repository is empty; push a first commit to it");
    }
    return absl::NotFoundError(absl::StrCat("there is no branch \"", request_.branch(), "\""));
  }

  /// Brings the head to the mirror, unless it is there already.
  absl::StatusOr<git_oid> fetch() {
    GANTRY_ASSIGN_OR_RETURN(const git_oid wanted, head());
    git_oid known;
    const std::string ref = mirrorRef(request_.branch());
    if (git_reference_name_to_id(&known, repository_, ref.c_str()) == 0 &&
        git_oid_equal(&known, &wanted) != 0) {
      return wanted;
    }
    git_fetch_options options = GIT_FETCH_OPTIONS_INIT;
    options.callbacks = callbacks();
    options.download_tags = GIT_REMOTE_DOWNLOAD_TAGS_NONE;
    std::string refspec = absl::StrCat("+refs/heads/", request_.branch(), ":", ref);
    char* refspecs[] = {refspec.data()};
    const git_strarray wantedRefs = {refspecs, 1};
    if (const int result = git_remote_download(remote_.get(), &wantedRefs, &options); result != 0) {
      return gitError(result, "the objects cannot be fetched");
    }
    GANTRY_RETURN_IF_ERROR(remember(wanted));
    return wanted;
  }

  /// Pushes `commit` as the branch's new head, on top of `parent` only.
  absl::Status push(const git_oid& commit) {
    git_reference* created = nullptr;
    const std::string temporary = "refs/gantry/push/" + request_.branch();
    if (const int result =
            git_reference_create(&created, repository_, temporary.c_str(), &commit, 1, "push");
        result != 0) {
      return gitError(result, "the revert commit cannot be named");
    }
    const ReferenceHandle reference(created);
    // Without a leading '+', the remote refuses what is not a fast-forward.
    std::string refspec = absl::StrCat(temporary, ":refs/heads/", request_.branch());
    char* refspecs[] = {refspec.data()};
    const git_strarray pushed = {refspecs, 1};
    std::string rejection;
    git_push_options options = GIT_PUSH_OPTIONS_INIT;
    options.callbacks = callbacks();
    options.callbacks.payload = &rejection;
    options.callbacks.push_update_reference = [](const char*, const char* status, void* payload) {
      if (status != nullptr) *static_cast<std::string*>(payload) = status;
      return 0;
    };
    // What is open was opened to fetch; a push connects anew.
    git_remote_disconnect(remote_.get());
    const int result = git_remote_push(remote_.get(), &pushed, &options);
    git_reference_delete(reference.get());
    if (result != 0) return gitError(result, "the revert commit cannot be pushed");
    if (!rejection.empty()) {
      return absl::AbortedError(absl::StrCat("the remote refused the revert commit: ", rejection));
    }
    return remember(commit);
  }

 private:
  /// A local repository that is not there: libgit2's own message does not say so.
  absl::Status checkLocalPath() const {
    const std::string path(absl::StripPrefix(request_.url(), "file://"));
    std::error_code ignored;
    if (path.starts_with("/") && !fs::exists(path, ignored)) {
      return absl::NotFoundError("there is no such folder on the controller's machine");
    }
    return absl::OkStatus();
  }

  absl::Status remember(const git_oid& head) {
    git_reference* created = nullptr;
    const int result = git_reference_create(
        &created, repository_, mirrorRef(request_.branch()).c_str(), &head, 1, "fetch");
    const ReferenceHandle reference(created);
    return result == 0 ? absl::OkStatus() : gitError(result, "the branch cannot be recorded");
  }

  const child::Request& request_;
  git_repository* repository_ = nullptr;
  RemoteHandle remote_;
};

/// `tree` with the entry at `segments` replaced by `replacement` (null: removed).
absl::StatusOr<git_oid> withSubtree(git_repository* repository, const git_tree* tree,
                                    std::span<const std::string> segments,
                                    const git_tree* replacement) {
  git_treebuilder* created = nullptr;
  if (const int result = git_treebuilder_new(&created, repository, tree); result != 0) {
    return gitError(result, "a tree cannot be built");
  }
  const BuilderHandle builder(created);
  const char* name = segments.front().c_str();
  git_oid child;
  bool keep = replacement != nullptr;
  if (segments.size() == 1) {
    if (keep) child = *git_tree_id(replacement);
  } else {
    const git_tree_entry* entry = tree != nullptr ? git_tree_entry_byname(tree, name) : nullptr;
    git_tree* below = nullptr;
    if (entry != nullptr) git_tree_lookup(&below, repository, git_tree_entry_id(entry));
    const TreeHandle handle(below);
    GANTRY_ASSIGN_OR_RETURN(child,
                            withSubtree(repository, below, segments.subspan(1), replacement));
    keep = true;
  }
  const int changed =
      keep ? git_treebuilder_insert(nullptr, builder.get(), name, &child, GIT_FILEMODE_TREE)
           : git_treebuilder_remove(builder.get(), name);
  if (changed != 0) return gitError(changed, "a tree cannot be built");
  git_oid written;
  if (const int result = git_treebuilder_write(&written, builder.get()); result != 0) {
    return gitError(result, "a tree cannot be written");
  }
  return written;
}

/// The root tree with one path as it was at the commit to restore.
absl::StatusOr<git_oid> withRestored(git_repository* repository, const git_oid& rootId,
                                     git_commit* head, git_commit* target,
                                     const std::string& path) {
  GANTRY_ASSIGN_OR_RETURN(const TreeHandle restored, findTree(repository, target, path));
  if (!restored) {
    GANTRY_ASSIGN_OR_RETURN(const TreeHandle now, findTree(repository, head, path));
    if (!now) return rootId;
  }
  if (path.empty()) return *git_tree_id(restored.get());
  git_tree* looked = nullptr;
  if (const int result = git_tree_lookup(&looked, repository, &rootId); result != 0) {
    return gitError(result, "the branch's tree");
  }
  const TreeHandle root(looked);
  const std::vector<std::string> segments = absl::StrSplit(path, '/');
  return withSubtree(repository, root.get(), segments, restored.get());
}

/// The branch's root tree with the scope as it was at the commit to restore.
absl::StatusOr<git_oid> restoredTree(git_repository* repository, git_commit* head,
                                     git_commit* target, const Scope& scope) {
  git_oid root = *git_commit_tree_id(head);
  std::vector<std::string> paths = scope.more;
  paths.push_back(scope.path);
  for (const std::string& path : paths) {
    GANTRY_ASSIGN_OR_RETURN(root, withRestored(repository, root, head, target, path));
  }
  return root;
}

absl::StatusOr<git_oid> writeCommit(git_repository* repository, git_commit* parent,
                                    const git_oid& treeId, const child::Revert& revert) {
  git_signature* made = nullptr;
  if (const int result =
          git_signature_now(&made, revert.author_name().c_str(), revert.author_email().c_str());
      result != 0) {
    return gitError(result, "the author of the revert commit");
  }
  const SignatureHandle author(made);
  git_tree* looked = nullptr;
  if (const int result = git_tree_lookup(&looked, repository, &treeId); result != 0) {
    return gitError(result, "the restored tree");
  }
  const TreeHandle tree(looked);
  const git_commit* parents[] = {parent};
  git_oid commit;
  if (const int result =
          git_commit_create(&commit, repository, nullptr, author.get(), author.get(), "UTF-8",
                            revert.message().c_str(), tree.get(), 1, parents);
      result != 0) {
    return gitError(result, "the revert commit cannot be written");
  }
  return commit;
}

absl::StatusOr<std::string> fetch(const child::Request& request) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInit(request.mirror()));
  Connection connection(request);
  GANTRY_RETURN_IF_ERROR(connection.open(repository.get()));
  GANTRY_ASSIGN_OR_RETURN(const git_oid head, connection.fetch());
  return hex(head);
}

absl::StatusOr<std::string> revert(const child::Request& request) {
  const child::Revert& wanted = request.revert();
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInit(request.mirror()));
  Connection connection(request);
  GANTRY_RETURN_IF_ERROR(connection.open(repository.get()));
  GANTRY_ASSIGN_OR_RETURN(const git_oid headId, connection.fetch());
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle head, findCommit(repository.get(), hex(headId)));
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle target,
                          findCommit(repository.get(), wanted.restore_commit()));
  const Scope scope(wanted.path(), {wanted.more().begin(), wanted.more().end()});
  GANTRY_ASSIGN_OR_RETURN(const std::string nowHash,
                          scopeHash(repository.get(), head.get(), scope));
  GANTRY_ASSIGN_OR_RETURN(const std::string restoredHash,
                          scopeHash(repository.get(), target.get(), scope));
  if (restoredHash.empty()) {
    return absl::NotFoundError(absl::StrCat("commit ", wanted.restore_commit().substr(0, 7),
                                            " has no folder \"", wanted.path(), "\""));
  }
  // Asked for once more after an answer got lost: it is done.
  if (nowHash == restoredHash) return hex(headId);
  if (nowHash != wanted.expected_tree_hash()) {
    return absl::AbortedError(absl::StrCat(
        "somebody pushed to ", request.branch(), " in between (now ", hex(headId).substr(0, 7),
        "); nothing was written: look at the new state, then roll back again"));
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid tree,
                          restoredTree(repository.get(), head.get(), target.get(), scope));
  GANTRY_ASSIGN_OR_RETURN(const git_oid commit,
                          writeCommit(repository.get(), head.get(), tree, wanted));
  GANTRY_RETURN_IF_ERROR(connection.push(commit));
  return hex(commit);
}

}  // namespace

absl::StatusOr<std::string> runRequest(const child::Request& request) {
  startLibgit2();
  // Large repositories are mapped in windows, so that the memory limit is not theirs to reach.
  git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, std::size_t{256} << 20);
  // Repositories of a Git server belong to its user. Only their objects are read; no hook or filter
  // of them runs.
  git_libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
  if (!request.ca_file().empty()) {
    const int result =
        git_libgit2_opts(GIT_OPT_SET_SSL_CERT_LOCATIONS, request.ca_file().c_str(), nullptr);
    if (result != 0) return gitError(result, request.ca_file());
  }
  return request.has_revert() ? revert(request) : fetch(request);
}

}  // namespace gantry::gitsync
