// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/executor.h"
#include "base/ids.h"
#include "gitsync/git.h"
#include "gitsync/revision.h"

namespace gantry::support {

/// Repositories that exist in memory, and the Git that reads them, with its faults. It behaves as
/// gitsync::Git promises: answers later, in order for one repository; reads only what was fetched;
/// never forces. The repositories outlive a restart of what uses them; answers that are still on
/// their way come all the same, and it is for the caller to ignore them.
class FakeGit final : public gitsync::Git {
 public:
  /// Path → content.
  using Files = std::map<std::string, std::string>;
  /// Path → new content; nothing: the file goes.
  using Edits = std::map<std::string, std::optional<std::string>>;

  explicit FakeGit(base::Executor& executor) : executor_(executor) {}

  // ---- what people do with the repositories

  /// Adds a commit on top of `branch`, which is created if need be, and pushes it.
  std::string commit(const std::string& url, const std::string& branch, const Edits& edits,
                     const std::string& subject, const std::string& author = "Dan") {
    Files files;
    std::vector<std::string> parents;
    if (const Node* head = headOf(url, branch)) {
      files = head->files;
      parents = {head->commit.id};
    }
    for (const auto& [path, content] : edits) {
      if (content) {
        files[path] = *content;
      } else {
        files.erase(path);
      }
    }
    return write(url, branch, std::move(files), std::move(parents), subject, author);
  }

  /// Merges a commit into `branch` with the content that `as` has, and pushes it: of a merge that
  /// is meant well that is what both sides come to, and nobody checks it.
  std::string merge(const std::string& url, const std::string& branch, const std::string& other,
                    const std::string& as, const std::string& subject,
                    const std::string& author = "Dan") {
    return write(url, branch, filesOf(url, as), {head(url, branch), other}, subject, author);
  }

  /// Moves a branch to any commit, as a forced push does.
  void forcePush(const std::string& url, const std::string& branch, const std::string& commit) {
    repositories_[url].branches[branch] = commit;
  }

  /// Adds a tag, or moves it.
  void tag(const std::string& url, const std::string& name, const std::string& commit) {
    repositories_[url].tags[name] = commit;
  }

  /// Signs a commit with the key of that name; verify trusts names and looks at nothing else.
  void sign(const std::string& url, const std::string& commit, const std::string& keyName) {
    repositories_[url].signatures[commit] = keyName;
  }

  /// The notes as the remote has them: the text of each commit, for somebody to meddle with.
  std::map<std::string, std::string>& notesOf(const std::string& url) {
    return repositories_[url].notes;
  }

  std::string head(const std::string& url, const std::string& branch) const {
    const Node* node = headOf(url, branch);
    return node == nullptr ? std::string() : node->commit.id;
  }
  const gitsync::Commit& commitOf(const std::string& url, const std::string& id) const {
    return repositories_.at(url).commits.at(id).commit;
  }
  /// Everything that a commit holds.
  const Files& filesOf(const std::string& url, const std::string& id) const {
    return repositories_.at(url).commits.at(id).files;
  }
  std::string treeHashOf(const std::string& url, const std::string& id,
                         const std::string& path) const {
    return treeHash(repositories_.at(url).commits.at(id), path);
  }

  // ---- faults

  /// How long answers take, drawn evenly.
  void setDelay(base::Duration least, base::Duration most) { delay_ = {least, most}; }
  /// Network operations on it fail with UNAVAILABLE; what was fetched can still be read.
  void setUnreachable(const std::string& url, bool unreachable) {
    if (unreachable) {
      unreachable_.insert(url);
    } else {
      unreachable_.erase(url);
    }
  }
  /// The next reverts answer with this. With `written`, the commit is pushed all the same.
  void failNextRevert(absl::Status status, bool written) {
    revertFaults_.push_back({std::move(status), written});
  }
  /// Done just before the next revert looks at the branch: somebody else's push in between.
  void beforeNextRevert(base::Executor::Task task) { beforeRevert_ = std::move(task); }
  /// Whether `log` fails.
  bool losesLogs = false;
  /// What `verify` answers as a whole, if not OK.
  absl::Status verifyFault;
  /// Forgets what was fetched: the clone was lost.
  void loseClone(const std::string& url) { repositories_[url].fetched.clear(); }

  int fetches() const { return fetches_; }
  /// Those of a moment are one for a real Git.
  int momentsOfFetches() const { return momentsOfFetches_; }
  int reads() const { return reads_; }
  int reverts() const { return reverts_; }
  /// How many commits verify was asked about.
  int verified() const { return verified_; }

  // ---- gitsync::Git

  void fetch(gitsync::Repository repository, std::string revision, gitsync::Scope scope,
             Callback<gitsync::Fetched> done) override {
    ++fetches_;
    if (std::exchange(lastFetch_, executor_.now()) != executor_.now()) ++momentsOfFetches_;
    later(repository.url, [=, this] { done(doFetch(repository.url, revision, scope)); });
  }

  void readFolder(gitsync::Repository repository, std::string commit, gitsync::Scope scope,
                  gitsync::ReadLimits limits, Callback<gitsync::Folder> done) override {
    ++reads_;
    later(repository.url, [=, this] { done(doRead(repository.url, commit, scope, limits)); });
  }

  void log(gitsync::Repository repository, std::string commit, std::string until,
           gitsync::Scope scope, int limit, Callback<std::vector<gitsync::Commit>> done) override {
    later(repository.url, [=, this] { done(doLog(repository.url, commit, until, scope, limit)); });
  }

  void revert(gitsync::RevertRequest request, Callback<gitsync::Commit> done) override {
    ++reverts_;
    later(request.repository.url, [=, this] { done(doRevert(request)); });
  }

  void verify(gitsync::Repository repository, std::vector<std::string> commits,
              std::vector<gitsync::TrustedKey> keys, Callback<gitsync::Signers> done) override {
    verified_ += static_cast<int>(commits.size());
    later(repository.url, [=, this] { done(doVerify(repository.url, commits, keys)); });
  }

  void merge(gitsync::Repository repository, std::string commit, std::string into,
             Callback<gitsync::Merged> done) override {
    later(repository.url, [=, this] { done(doMerge(repository.url, commit, into)); });
  }

  void appendNotes(gitsync::Repository repository, std::vector<gitsync::Note> notes,
                   Callback<gitsync::NotesWritten> done) override {
    later(repository.url, [=, this] { done(doAppendNotes(repository.url, notes)); });
  }

  void readNotes(gitsync::Repository repository,
                 Callback<std::vector<gitsync::Note>> done) override {
    later(repository.url, [=, this] { done(doReadNotes(repository.url)); });
  }

 private:
  struct Node {
    gitsync::Commit commit;
    Files files;
  };
  struct Repository {
    std::map<std::string, Node> commits;
    std::map<std::string, std::string> branches;
    std::map<std::string, std::string> tags;
    /// Commit → name of the key.
    std::map<std::string, std::string> signatures;
    /// Commit → text.
    std::map<std::string, std::string> notes;
    /// Commits that the reader's clone has.
    std::set<std::string> fetched;
    base::Instant lastAnswer{};
  };
  struct RevertFault {
    absl::Status status;
    bool written = false;
  };

  void later(const std::string& url, base::Executor::Task task) {
    const auto spread = static_cast<std::uint64_t>((delay_.second - delay_.first).count() + 1);
    const base::Duration delay =
        delay_.first + base::Duration(static_cast<std::int64_t>(executor_.random() % spread));
    base::Instant& last = repositories_[url].lastAnswer;
    last = std::max(last, executor_.now() + delay);
    executor_.postAt(last, std::move(task));
  }

  const Node* headOf(const std::string& url, const std::string& branch) const {
    const auto repository = repositories_.find(url);
    if (repository == repositories_.end()) return nullptr;
    const auto head = repository->second.branches.find(branch);
    if (head == repository->second.branches.end()) return nullptr;
    return &repository->second.commits.at(head->second);
  }

  std::string write(const std::string& url, const std::string& branch, Files files,
                    std::vector<std::string> parents, const std::string& message,
                    const std::string& author) {
    Repository& repository = repositories_[url];
    Node node;
    node.files = std::move(files);
    node.commit.parents = std::move(parents);
    node.commit.authorName = author;
    node.commit.authorEmail = absl::StrCat(author, "@example.com");
    node.commit.message = message;
    node.commit.subject = message.substr(0, message.find('\n'));
    node.commit.committedAt = executor_.wallNow();
    node.commit.id =
        base::sha256Hex(absl::StrCat(url, ++written_, treeHash(node, std::string()), message))
            .substr(0, 40);
    const std::string id = node.commit.id;
    repository.commits[id] = std::move(node);
    repository.branches[branch] = id;
    return id;
  }

  static bool isUnder(const std::string& file, const std::string& path) {
    return path.empty() || file == path || file.starts_with(path + "/");
  }

  static bool isIn(const std::string& file, const gitsync::Scope& scope) {
    return isUnder(file, scope.path) || std::ranges::any_of(scope.more, [&](const auto& folder) {
             return isUnder(file, folder);
           });
  }

  static std::string treeHash(const Node& node, const gitsync::Scope& scope) {
    std::string text;
    bool exists = scope.path.empty();
    for (const auto& [file, content] : node.files) {
      exists = exists || isUnder(file, scope.path);
      if (!isIn(file, scope)) continue;
      absl::StrAppend(&text, file.size(), ":", file, content.size(), ":", content);
    }
    return exists ? base::sha256Hex(text).substr(0, 40) : std::string();
  }

  std::set<std::string> historyOf(const Repository& repository, const std::string& from) const {
    std::set<std::string> seen;
    std::deque<std::string> open;
    if (repository.commits.contains(from)) open.push_back(from);
    while (!open.empty()) {
      const std::string id = open.front();
      open.pop_front();
      if (!seen.insert(id).second) continue;
      for (const std::string& parent : repository.commits.at(id).commit.parents) {
        open.push_back(parent);
      }
    }
    return seen;
  }

  bool changes(const Repository& repository, const Node& node, const gitsync::Scope& scope) const {
    if (node.commit.parents.empty()) return !treeHash(node, scope).empty();
    return std::ranges::all_of(node.commit.parents, [&](const std::string& parent) {
      return treeHash(node, scope) != treeHash(repository.commits.at(parent), scope);
    });
  }

  /// Whether a merge has the scope as one side has it, although another has brought something that
  /// this one lacks.
  bool takesBack(const Repository& repository, const Node& merge,
                 const gitsync::Scope& scope) const {
    const std::string own = treeHash(merge, scope);
    const auto& parents = merge.commit.parents;
    const auto isSame = [&](const std::string& id) {
      return treeHash(repository.commits.at(id), scope) == own;
    };
    const auto loses = [&](const std::string& kept) {
      const std::set<std::string> known = historyOf(repository, kept);
      return std::ranges::any_of(parents, [&](const std::string& other) {
        return !isSame(other) &&
               std::ranges::any_of(historyOf(repository, other), [&](const std::string& id) {
                 return !known.contains(id) &&
                        changes(repository, repository.commits.at(id), scope);
               });
      });
    };
    return std::ranges::any_of(parents, isSame) &&
           std::ranges::all_of(parents, [&](const std::string& parent) {
             return !isSame(parent) || loses(parent);
           });
  }

  /// As `git log -1 -- folders` finds it: along the parent that has the scope as the commit has it.
  const Node& lastChange(const Repository& repository, const Node& head,
                         const gitsync::Scope& scope) const {
    const Node* node = &head;
    while (!changes(repository, *node, scope)) {
      const auto same = std::ranges::find_if(node->commit.parents, [&](const std::string& parent) {
        return treeHash(repository.commits.at(parent), scope) == treeHash(*node, scope);
      });
      if (same == node->commit.parents.end()) return head;
      node = &repository.commits.at(*same);
    }
    return *node;
  }

  // Of a merge, one side after the other.
  std::vector<gitsync::Commit> walk(const Repository& repository, const std::string& from,
                                    const std::string& until, const gitsync::Scope& scope,
                                    std::size_t limit) const {
    std::set<std::string> seen = historyOf(repository, until);
    std::vector<gitsync::Commit> found;
    std::deque<std::string> open = {from};
    while (found.size() < limit && !open.empty()) {
      const std::string id = open.front();
      open.pop_front();
      if (!seen.insert(id).second) continue;
      const Node& node = repository.commits.at(id);
      if (changes(repository, node, scope) || takesBack(repository, node, scope)) {
        found.push_back(node.commit);
      }
      open.insert(open.end(), node.commit.parents.begin(), node.commit.parents.end());
    }
    return found;
  }

  absl::Status reach(const std::string& url) const {
    if (!unreachable_.contains(url)) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(url, ": connection refused"));
  }

  /// What a revision means: a ref and its commit, or a commit that some ref leads to.
  absl::StatusOr<gitsync::AdvertisedRef> resolve(const std::string& url,
                                                 const std::string& revision) const {
    const auto found = repositories_.find(url);
    if (found == repositories_.end()) {
      return absl::NotFoundError(absl::StrCat(url, ": there is no such repository"));
    }
    const Repository& repository = found->second;
    std::vector<gitsync::AdvertisedRef> refs;
    for (const auto& [name, id] : repository.branches) refs.push_back({"refs/heads/" + name, id});
    for (const auto& [name, id] : repository.tags) refs.push_back({"refs/tags/" + name, id});
    if (!gitsync::isCommitId(revision)) return gitsync::resolveRevision(revision, refs);
    for (const gitsync::AdvertisedRef& ref : refs) {
      if (historyOf(repository, ref.id).contains(revision)) {
        return gitsync::AdvertisedRef{"", revision};
      }
    }
    return absl::NotFoundError(absl::StrCat(url, ": there is no commit ", revision));
  }

  absl::StatusOr<gitsync::Fetched> doFetch(const std::string& url, const std::string& revision,
                                           const gitsync::Scope& scope) {
    gitsync::AdvertisedRef found{"", revision};
    // What is in the clone costs no network.
    if (!gitsync::isCommitId(revision) || !repositories_[url].fetched.contains(revision)) {
      if (absl::Status status = reach(url); !status.ok()) return status;
      absl::StatusOr<gitsync::AdvertisedRef> resolved = resolve(url, revision);
      if (!resolved.ok()) return resolved.status();
      found = *std::move(resolved);
    }
    Repository& repository = repositories_[url];
    const Node* head = &repository.commits.at(found.id);
    repository.fetched.merge(historyOf(repository, head->commit.id));
    gitsync::Fetched fetched;
    fetched.ref = found.name;
    fetched.head = head->commit;
    fetched.treeHash = treeHash(*head, scope);
    fetched.lastChange = lastChange(repository, *head, scope).commit;
    return fetched;
  }

  absl::StatusOr<gitsync::Folder> doRead(const std::string& url, const std::string& commit,
                                         const gitsync::Scope& scope,
                                         const gitsync::ReadLimits& limits) const {
    const auto found = repositories_.find(url);
    if (found == repositories_.end() || !found->second.fetched.contains(commit)) {
      return absl::NotFoundError(absl::StrCat(url, ": commit ", commit, " was not fetched"));
    }
    const Repository& repository = found->second;
    const Node& node = repository.commits.at(commit);
    gitsync::Folder folder;
    folder.treeHash = treeHash(node, scope);
    if (folder.treeHash.empty()) {
      return absl::NotFoundError(absl::StrCat(url, ": folder ", scope.path, " does not exist"));
    }
    for (const auto& [file, content] : node.files) {
      if (!isIn(file, scope)) continue;
      if (static_cast<std::int64_t>(content.size()) > limits.maxFileBytes) {
        return absl::ResourceExhaustedError(
            absl::StrCat(file, ": is larger than ", limits.maxFileBytes, " bytes"));
      }
      folder.files.push_back({file, content});
    }
    return folder;
  }

  absl::StatusOr<std::vector<gitsync::Commit>> doLog(const std::string& url,
                                                     const std::string& commit,
                                                     const std::string& until,
                                                     const gitsync::Scope& scope, int limit) const {
    const auto found = repositories_.find(url);
    if (losesLogs || found == repositories_.end() || !found->second.fetched.contains(commit)) {
      return absl::NotFoundError(absl::StrCat(url, ": commit ", commit, " was not fetched"));
    }
    const Repository& repository = found->second;
    return walk(repository, commit, until, scope, static_cast<std::size_t>(limit));
  }

  absl::StatusOr<gitsync::Signers> doVerify(const std::string& url,
                                            const std::vector<std::string>& commits,
                                            const std::vector<gitsync::TrustedKey>& keys) const {
    if (!verifyFault.ok()) return verifyFault;
    gitsync::Signers signers;
    for (const std::string& commit : commits) {
      const auto found = repositories_.find(url);
      if (found == repositories_.end() || !found->second.fetched.contains(commit)) {
        return absl::NotFoundError(absl::StrCat(url, ": commit ", commit, " was not fetched"));
      }
      signers.push_back(signerOf(url, found->second, commit, keys));
    }
    return signers;
  }

  static absl::StatusOr<gitsync::Signer> signerOf(const std::string& url,
                                                  const Repository& repository,
                                                  const std::string& commit,
                                                  const std::vector<gitsync::TrustedKey>& keys) {
    const auto signature = repository.signatures.find(commit);
    if (signature == repository.signatures.end()) {
      return absl::PermissionDeniedError(
          absl::StrCat(url, ": commit ", commit.substr(0, 8), ": it is not signed"));
    }
    for (const gitsync::TrustedKey& key : keys) {
      if (key.name == signature->second) return gitsync::Signer{key.name, "SHA256:" + key.name};
    }
    return absl::PermissionDeniedError(absl::StrCat(url, ": commit ", commit.substr(0, 8),
                                                    ": it is signed by a key that is not trusted (",
                                                    signature->second, ")"));
  }

  // File by file: one that both have changed is a conflict.
  absl::StatusOr<gitsync::Merged> doMerge(const std::string& url, const std::string& commit,
                                          const std::string& into) {
    Repository& repository = repositories_[url];
    if (!repository.fetched.contains(commit) || !repository.fetched.contains(into)) {
      return absl::NotFoundError(absl::StrCat(url, ": commit ", commit, " was not fetched"));
    }
    const std::set<std::string> ours = historyOf(repository, into);
    if (ours.contains(commit)) return gitsync::Merged{into, {}};
    if (historyOf(repository, commit).contains(into)) return gitsync::Merged{commit, {}};
    std::string base = commit;
    while (!ours.contains(base)) {
      const std::vector<std::string>& parents = repository.commits.at(base).commit.parents;
      if (parents.empty()) {
        return absl::FailedPreconditionError(
            absl::StrCat(url, ": the two have no commit in common"));
      }
      base = parents.front();
    }
    const auto fileOf = [&](const std::string& id, const std::string& path) {
      const Files& files = repository.commits.at(id).files;
      const auto found = files.find(path);
      return found == files.end() ? std::nullopt : std::optional(found->second);
    };
    Files merged = repository.commits.at(into).files;
    Files all = merged;
    for (const std::string& id : {commit, base}) {
      all.insert(repository.commits.at(id).files.begin(), repository.commits.at(id).files.end());
    }
    gitsync::Merged result;
    for (const auto& [path, content] : all) {
      const auto before = fileOf(base, path), theirs = fileOf(commit, path),
                 here = fileOf(into, path);
      if (theirs == before || theirs == here) continue;
      if (here == before) {
        merged.erase(path);
        if (theirs) merged[path] = *theirs;
      } else {
        using Kind = gitsync::Conflict::Kind;
        result.conflicts.push_back({path, !theirs   ? Kind::kDeletedInMerged
                                          : !here   ? Kind::kDeletedInInto
                                          : !before ? Kind::kBothAdded
                                                    : Kind::kBothChanged});
      }
    }
    if (!result.conflicts.empty()) return result;
    result.commit = base::sha256Hex(absl::StrCat("merge ", into, commit)).substr(0, 40);
    Node node;
    node.files = std::move(merged);
    node.commit.id = result.commit;
    node.commit.parents = {into, commit};
    node.commit.subject = "Merge to be looked at";
    repository.commits[result.commit] = std::move(node);
    repository.fetched.insert(result.commit);
    return result;
  }

  absl::StatusOr<gitsync::NotesWritten> doAppendNotes(const std::string& url,
                                                      const std::vector<gitsync::Note>& notes) {
    if (absl::Status status = reach(url); !status.ok()) return status;
    gitsync::NotesWritten written;
    for (std::size_t i = 0; i < notes.size(); ++i) {
      const gitsync::Note& note = notes[i];
      if (note.text.empty() || note.text.find('\n') != std::string::npos) {
        return absl::InvalidArgumentError("the text of a note must be one line");
      }
      std::string& text = repositories_[url].notes[note.commit];
      if (("\n" + text).find("\n" + note.text + "\n") != std::string::npos) continue;
      absl::StrAppend(&text, note.text, "\n");
      written.added.push_back(i);
    }
    return written;
  }

  absl::StatusOr<std::vector<gitsync::Note>> doReadNotes(const std::string& url) {
    if (absl::Status status = reach(url); !status.ok()) return status;
    std::vector<gitsync::Note> notes;
    for (const auto& [commit, text] : repositories_[url].notes) notes.push_back({commit, text});
    return notes;
  }

  absl::StatusOr<gitsync::Commit> doRevert(const gitsync::RevertRequest& request) {
    const std::string& url = request.repository.url;
    if (const auto task = std::exchange(beforeRevert_, nullptr)) task();
    if (absl::Status status = reach(url); !status.ok()) return status;
    std::optional<RevertFault> fault;
    if (!revertFaults_.empty()) {
      fault = revertFaults_.front();
      revertFaults_.pop_front();
      if (!fault->written) return fault->status;
    }
    const absl::StatusOr<gitsync::AdvertisedRef> branch = resolve(url, request.branch);
    if (!branch.ok()) return branch.status();
    if (!branch->name.starts_with("refs/heads/")) {
      return absl::FailedPreconditionError(
          absl::StrCat(url, ": ", request.branch, " is not a branch"));
    }
    const std::string name = branch->name.substr(std::string_view("refs/heads/").size());
    const Node* head = headOf(url, name);
    const gitsync::Scope scope(request.path, request.more);
    if (treeHash(*head, scope) != request.expectedTreeHash) {
      return absl::AbortedError(absl::StrCat(url, ": somebody pushed in between"));
    }
    Repository& repository = repositories_[url];
    const auto restored = repository.commits.find(request.restoreCommit);
    if (restored == repository.commits.end()) {
      return absl::NotFoundError(absl::StrCat(url, ": no commit ", request.restoreCommit));
    }
    Files files;
    for (const auto& [file, content] : head->files) {
      if (!isIn(file, scope)) files[file] = content;
    }
    for (const auto& [file, content] : restored->second.files) {
      if (isIn(file, scope)) files[file] = content;
    }
    const std::string id =
        write(url, name, std::move(files), {head->commit.id}, request.message, request.authorName);
    if (fault) return fault->status;
    return repository.commits.at(id).commit;
  }

  base::Executor& executor_;
  std::map<std::string, Repository> repositories_;
  std::pair<base::Duration, base::Duration> delay_{10, 10};
  std::set<std::string> unreachable_;
  std::deque<RevertFault> revertFaults_;
  base::Executor::Task beforeRevert_;
  int written_ = 0;
  int fetches_ = 0;
  int momentsOfFetches_ = 0;
  std::optional<base::Instant> lastFetch_;
  int reads_ = 0;
  int reverts_ = 0;
  int verified_ = 0;
};

}  // namespace gantry::support
