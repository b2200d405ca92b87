// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"

namespace gantry::gitsync {

/// Where a repository is, and how to be let in.
struct Repository {
  /// A path, file://…, https://…, ssh://… or user@host:path.
  std::string url;
  /// PEM file with the certificate authorities to trust for https, instead of the system's, unless
  /// the credentials for the URL name another.
  std::string caFile;

  auto operator<=>(const Repository&) const = default;
};

struct Commit {
  /// Lower-case hex.
  std::string id;
  std::vector<std::string> parents;
  std::string authorName;
  std::string authorEmail;
  /// First line of the message.
  std::string subject;
  std::string message;
  base::Timestamp committedAt;
};

/// The folders of a repository that are looked at as one.
struct Scope {
  // Most are one folder.
  Scope(std::string folder, std::vector<std::string> others = {})
      : path(std::move(folder)), more(std::move(others)) {}

  std::string path;
  /// Other folders, which need not exist: the bases of a kustomization in `path`.
  std::vector<std::string> more;
};

/// The state of a followed revision.
struct Fetched {
  Commit head;
  /// The ref that the revision means: "refs/heads/main", "refs/tags/v1.4.0"; empty for a commit.
  std::string ref;
  /// Hash of the tree under the asked path, together with those of the other folders of the scope
  /// if it has any; empty if the path does not exist at `head`.
  std::string treeHash;
  /// Newest commit in the history of `head` that changed the scope, as `git log -1 -- path` finds
  /// it: the Application's revision. The head if the path does not exist there.
  Commit lastChange;
};

/// A file of a revision. Only regular files: symlinks and submodules are errors.
struct File {
  /// Relative to the root of the repository, with '/'.
  std::string path;
  std::string content;
};

struct Folder {
  std::string treeHash;
  /// Ordered by path.
  std::vector<File> files;
};

/// What one readFolder may take; beyond it the answer is RESOURCE_EXHAUSTED and names the file.
struct ReadLimits {
  std::int64_t maxFileBytes = 1 << 20;
  std::int64_t maxTotalBytes = 64 << 20;
  std::int64_t maxFiles = 20'000;
};

/// A commit to write: on top of `branch`, the trees under `path` and `more` become what they were
/// at `restoreCommit`. Everything else of the branch stays.
struct RevertRequest {
  Repository repository;
  /// A revision that means a branch.
  std::string branch;
  std::string path;
  std::vector<std::string> more = {};
  std::string restoreCommit;
  /// The scope's tree hash at the head of the branch that the decision was made from. Another one
  /// there now is ABORTED: somebody pushed in between, nothing was written.
  std::string expectedTreeHash;
  std::string authorName;
  std::string authorEmail;
  /// Whole commit message; subject first.
  std::string message;
};

/// A key whose signatures count.
struct TrustedKey {
  /// Whose it is, as people know it.
  std::string name;
  /// A line of an SSH public key file, in front of it perhaps valid-after="20260101" and
  /// valid-before="20270101" as in ssh-keygen(1), ALLOWED SIGNERS; or an armored GPG public key.
  std::string publicKey;
};

struct Signer {
  /// Name of the trusted key.
  std::string keyName;
  /// "SHA256:…" of an SSH key, 40 hex digits of a GPG key.
  std::string fingerprint;
};

/// Of several commits, each with its own answer.
using Signers = std::vector<absl::StatusOr<Signer>>;

/// A text about a commit, kept beside it under refs/notes/gantry.
struct Note {
  std::string commit;
  std::string text;

  bool operator==(const Note&) const = default;
};

/// A file that a merge cannot decide about.
struct Conflict {
  enum class Kind {
    kBothChanged,
    kBothAdded,
    /// The commit that is merged has deleted it; the other has changed it.
    kDeletedInMerged,
    /// The other way round.
    kDeletedInInto,
    /// Moved to different places, or to where the other has something else.
    kMoved,
  };
  std::string path;
  Kind kind = Kind::kBothChanged;

  bool operator==(const Conflict&) const = default;
};

/// What a merge comes to.
struct Merged {
  /// Holds the result: the commit that is merged, if the other has nothing of its own
  /// (fast-forward); the other, if the commit is in its history already (nothing to merge); else a
  /// merge commit. Empty if there are conflicts.
  std::string commit;
  /// Ordered by path; none if the merge is possible. No more than 1,000.
  std::vector<Conflict> conflicts;
};

struct NotesWritten {
  /// Which of those that were asked for were not there before: their places, rising.
  std::vector<std::size_t> added;
};

/// Git as values. Every call returns at once and answers on the executor's thread. Calls on one
/// repository are answered in order, but for a fetch, which is answered with one of the same
/// revision that was asked for before and has not begun; repositories do not wait for each other.
///
/// Errors: INVALID_ARGUMENT (URL or path is refused, for good), NOT_FOUND (repository, branch,
/// commit or path does not exist), PERMISSION_DENIED (certificate, host key or credentials
/// refused), FAILED_PRECONDITION (a symlink or submodule under the path, an empty repository, a
/// redirect), RESOURCE_EXHAUSTED (a limit; disk full), ABORTED (push was overtaken),
/// DEADLINE_EXCEEDED, UNAVAILABLE (network, remote down). Messages name the repository without its
/// password.
class Git {
 public:
  template <class T>
  using Callback = std::function<void(absl::StatusOr<T>)>;

  virtual ~Git() = default;

  /// Asks the remote for `revision` and brings what is new. When nothing is new this costs one ref
  /// advertisement, for however many that ask at the same time; a commit that was fetched before
  /// costs no network. A revision is a full commit id that is in the history of a branch or tag; a
  /// ref ("refs/pull/7/head"); a branch; a tag; or a range of versions ("1.x", "^1.2", ">=1.2 <2"),
  /// which means the tag of the highest version in it. Of what fits, the first counts.
  virtual void fetch(Repository repository, std::string revision, Scope scope,
                     Callback<Fetched> done) = 0;

  /// Reads the files of a scope at a commit that was fetched before. No network.
  virtual void readFolder(Repository repository, std::string commit, Scope scope, ReadLimits limits,
                          Callback<Folder> done) = 0;

  /// Commits that changed the scope, newest first, that are in the history of `commit` but not in
  /// that of `until` (empty: all), at most `limit`: `git log until..commit -- path`, and the merges
  /// that took back what one side had brought, which that leaves out. No network. Error: NOT_FOUND
  /// (`commit` is not in the clone; an `until` that is not hides nothing).
  virtual void log(Repository repository, std::string commit, std::string until, Scope scope,
                   int limit, Callback<std::vector<Commit>> done) = 0;

  /// What merging `commit` into `into` would come to, as `git merge` does it with renamed files
  /// found; both were fetched before. A merge commit is for readFolder and log of this client only:
  /// no ref leads to it, it is never pushed, and the same two commits make the same one.
  /// FAILED_PRECONDITION if the two have no history in common. No network.
  virtual void merge(Repository repository, std::string commit, std::string into,
                     Callback<Merged> done) = 0;

  /// Writes and pushes one commit; never forces. FAILED_PRECONDITION if the revision is not a
  /// branch.
  virtual void revert(RevertRequest request, Callback<Commit> done) = 0;

  /// Who signed each of these commits, which were fetched before; as many answers, in their order.
  /// Of one commit that is PERMISSION_DENIED with the reason if it is none of the keys: it is not
  /// signed; the signature does not fit the commit; the key is not trusted, has expired or was
  /// revoked. The call itself is INVALID_ARGUMENT if a trusted key cannot be read. A commit takes
  /// some milliseconds and all have one deadline: ask for a few hundred at most. No network.
  virtual void verify(Repository repository, std::vector<std::string> commits,
                      std::vector<TrustedKey> keys, Callback<Signers> done) = 0;

  /// Adds each text, of one line, to the note of its commit, unless that line is there already, and
  /// pushes all of them as one commit, signed if there is a key; never forces, and begins anew when
  /// somebody else was faster. ABORTED when that happens again and again.
  virtual void appendNotes(Repository repository, std::vector<Note> notes,
                           Callback<NotesWritten> done) = 0;

  /// The notes of all commits, as the remote has them, ordered by commit. A text has one or more
  /// lines, each with its line feed.
  virtual void readNotes(Repository repository, Callback<std::vector<Note>> done) = 0;
};

}  // namespace gantry::gitsync
