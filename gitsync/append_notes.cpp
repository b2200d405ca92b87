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

/// Adds the lines that are not there to `notes`, which becomes the new head; how many those were.
absl::StatusOr<int> addLines(git_repository* repository, const child::AppendNotes& wanted,
                             CommitHandle& notes) {
  git_signature* made = nullptr;
  if (const int result = git_signature_now(&made, "Gantry", "gantry@localhost"); result != 0) {
    return gitError(result, "the author of the notes");
  }
  const SignatureHandle author(made);
  int added = 0;
  for (const child::Note& note : wanted.notes()) {
    GANTRY_ASSIGN_OR_RETURN(const git_oid about, parseId(note.commit()));
    std::string text = textOf(repository, notes.get(), about);
    if (!text.empty() && !text.ends_with('\n')) text += '\n';
    if (absl::StrContains("\n" + text, absl::StrCat("\n", note.text(), "\n"))) continue;
    absl::StrAppend(&text, note.text(), "\n");
    git_oid commit;
    git_oid blob;
    if (const int result =
            git_note_commit_create(&commit, &blob, repository, notes.get(), author.get(),
                                   author.get(), &about, text.c_str(), 1);
        result != 0) {
      return gitError(result, "a note cannot be written");
    }
    GANTRY_ASSIGN_OR_RETURN(notes, findCommit(repository, hex(commit)));
    ++added;
  }
  return added;
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
  absl::Status last;
  for (int i = 0; i < kTries; ++i) {
    GANTRY_ASSIGN_OR_RETURN(CommitHandle notes, remoteNotes(repository.get(), git));
    child::Response response;
    GANTRY_ASSIGN_OR_RETURN(const int added,
                            addLines(repository.get(), request.append_notes(), notes));
    response.set_added(added);
    if (added == 0) return response;
    last = git.push(hex(*git_commit_id(notes.get())), kNotesRef);
    if (last.ok()) {
      GANTRY_RETURN_IF_ERROR(
          setRef(repository.get(), kMirroredNotesRef, *git_commit_id(notes.get())));
      return response;
    }
    if (!absl::IsAborted(last)) break;
  }
  return base::annotate(last, "the notes cannot be pushed");
}

absl::StatusOr<child::Response> fetchNotes(const child::Request& request) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle repository, openOrInitMirror(request.mirror()));
  GANTRY_ASSIGN_OR_RETURN(const GitProgram git, GitProgram::make(request));
  GANTRY_RETURN_IF_ERROR(remoteNotes(repository.get(), git).status());
  return child::Response();
}

}  // namespace gantry::gitsync
