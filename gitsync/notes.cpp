// SPDX-License-Identifier: Apache-2.0
#include "gitsync/notes.h"

#include <algorithm>

#include "base/status.h"
#include "gitsync/libgit2.h"

namespace gantry::gitsync {

absl::StatusOr<std::vector<Note>> readNotes(const std::string& repository, const std::string& ref) {
  GANTRY_ASSIGN_OR_RETURN(const RepositoryHandle opened, openRepository(repository));
  git_oid head;
  if (git_reference_name_to_id(&head, opened.get(), ref.c_str()) != 0) return std::vector<Note>();
  GANTRY_ASSIGN_OR_RETURN(const CommitHandle commit, findCommit(opened.get(), hex(head)));
  git_note_iterator* created = nullptr;
  if (const int result = git_note_commit_iterator_new(&created, commit.get()); result != 0) {
    return gitError(result, "the notes cannot be read");
  }
  const NoteIteratorHandle iterator(created);
  std::vector<Note> notes;
  git_oid blobId;
  git_oid about;
  while (git_note_next(&blobId, &about, iterator.get()) == 0) {
    git_blob* blob = nullptr;
    if (const int result = git_blob_lookup(&blob, opened.get(), &blobId); result != 0) {
      return gitError(result, "a note cannot be read");
    }
    const BlobHandle blobHandle(blob);
    notes.push_back({hex(about), std::string(static_cast<const char*>(git_blob_rawcontent(blob)),
                                             git_blob_rawsize(blob))});
  }
  std::ranges::sort(notes, {}, &Note::commit);
  return notes;
}

}  // namespace gantry::gitsync
