// SPDX-License-Identifier: Apache-2.0
#include "gitsync/append_notes.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"
#include "gitsync/git_program.h"
#include "gitsync/libgit2.h"
#include "gitsync/mirror.h"
#include "gitsync/notes.h"
#include "gitsync/write_commit.h"

namespace gantry::gitsync {
namespace {

/// How often somebody else may be faster.
constexpr int kTries = 5;

/// The remote's notes in the mirror; null if it has none.
absl::StatusOr<CommitHandle> remoteNotes(git_repository* repository, const GitProgram& git) {
  GANTRY_ASSIGN_OR_RETURN(const std::vector<AdvertisedRef> refs, git.listRefs(true));
  const auto remote = std::ranges::find(refs, kNotesRef, &AdvertisedRef::name);
  if (remote == refs.end()) {
    git_reference_remove(repository, kMirroredNotesRef);
    return CommitHandle();
  }
  git_oid known;
  if (git_reference_name_to_id(&known, repository, kMirroredNotesRef) != 0 ||
      hex(known) != remote->id) {
    GANTRY_RETURN_IF_ERROR(git.fetch(absl::StrCat("+", kNotesRef, ":", kMirroredNotesRef)));
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid head, commitOfRef(repository, kMirroredNotesRef));
  return findCommit(repository, hex(head));
}

/// What the note of a commit says; nothing if there is none.
std::string textOf(git_repository* repository, git_commit* notes, const git_oid& about) {
  git_note* note = nullptr;
  if (notes == nullptr || git_note_commit_read(&note, repository, notes, &about) != 0) return "";
  const NoteHandle handle(note);
  return git_note_message(note);
}

/// Notes with what was added to them.
struct Added {
  /// A commit with all of them; it is this child's own, since each note makes another.
  CommitHandle notes;
  /// Places of the lines that were not there.
  std::vector<int> places;
};

absl::StatusOr<Added> addLines(git_repository* repository, const child::AppendNotes& wanted,
                               const git_signature* author, CommitHandle notes) {
  Added added{std::move(notes), {}};
  for (int i = 0; i < wanted.notes_size(); ++i) {
    const child::Note& note = wanted.notes(i);
    GANTRY_ASSIGN_OR_RETURN(const git_oid about, parseId(note.commit()));
    std::string text = textOf(repository, added.notes.get(), about);
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    if (absl::StrContains("\n" + text, absl::StrCat("\n", note.text(), "\n"))) continue;
    absl::StrAppend(&text, note.text(), "\n");
    git_oid commit;
    git_oid blob;
    if (const int result = git_note_commit_create(&commit, &blob, repository, added.notes.get(),
                                                  author, author, &about, text.c_str(), 1);
        result != 0) {
      return gitError(result, "a note cannot be written");
    }
    GANTRY_ASSIGN_OR_RETURN(added.notes, findCommit(repository, hex(commit)));
    added.places.push_back(i);
  }
  return added;
}

/// What was added as one commit on top of the remote's notes (null: there are none).
absl::StatusOr<git_oid> commitNotes(git_repository* repository, const Added& added,
                                    const git_commit* before, const git_signature* author,
                                    const std::string& signingKeyFile) {
  NewCommit commit{author,
                   "Notes added by Gantry\n",
                   *git_commit_tree_id(added.notes.get()),
                   {},
                   signingKeyFile};
  if (before != nullptr) commit.parents.push_back(before);
  return writeCommit(repository, commit);
}

/// On top of what the remote has now. ABORTED if somebody else is faster.
absl::StatusOr<child::Response> appendOnce(git_repository* repository, const GitProgram& git,
                                           const child::AppendNotes& wanted,
                                           const git_signature* author) {
  GANTRY_ASSIGN_OR_RETURN(CommitHandle notes, remoteNotes(repository, git));
  std::string before;
  if (notes) before = hex(*git_commit_id(notes.get()));
  GANTRY_ASSIGN_OR_RETURN(const Added added,
                          addLines(repository, wanted, author, std::move(notes)));
  child::Response response;
  response.mutable_added()->Assign(added.places.begin(), added.places.end());
  if (added.places.empty()) return response;
  CommitHandle parent;
  if (!before.empty()) {
    GANTRY_ASSIGN_OR_RETURN(parent, findCommit(repository, before));
  }
  GANTRY_ASSIGN_OR_RETURN(const git_oid commit, commitNotes(repository, added, parent.get(), author,
                                                            wanted.signing_key_file()));
  GANTRY_RETURN_IF_ERROR(git.push(hex(commit), kNotesRef));
  GANTRY_RETURN_IF_ERROR(setRef(repository, kMirroredNotesRef, commit));
  return response;
}

}  // namespace

absl::StatusOr<child::Response> appendNotes(const child::Request& request) {
  for (const child::Note& note : request.append_notes().notes()) {
    if (note.text().empty() || absl::StrContains(note.text(), "\n")) {
      return absl::InvalidArgumentError("the text of a note must be one line");
    }
  }
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const GitProgram git, GitProgram::make(request));
  git_signature* made = nullptr;
  if (const int result = git_signature_now(&made, "Gantry", "gantry@localhost"); result != 0) {
    return gitError(result, "the author of the notes");
  }
  const SignatureHandle author(made);
  absl::StatusOr<child::Response> response;
  for (int i = 0; i < kTries; ++i) {
    response = appendOnce(repository.get(), git, request.append_notes(), author.get());
    if (!absl::IsAborted(response.status())) break;
  }
  if (!response.ok()) return base::annotate(response.status(), "the notes cannot be pushed");
  return response;
}

absl::StatusOr<child::Response> fetchNotes(const child::Request& request) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const GitProgram git, GitProgram::make(request));
  GANTRY_RETURN_IF_ERROR(remoteNotes(repository.get(), git).status());
  return child::Response();
}

}  // namespace gantry::gitsync
