// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <ranges>

#include "absl/strings/str_cat.h"
#include "controller/audit/audit.h"
#include "controller/delivery/project.h"
#include "controller/delivery/records.h"
#include "controller/loops/delivery_impl.h"

namespace gantry::loops {
namespace {

/// What tells one list of keys from another.
std::string fingerprintOf(const std::vector<gitsync::TrustedKey>& keys) {
  std::string text;
  for (const gitsync::TrustedKey& key : keys) {
    absl::StrAppend(&text, key.name, "\n", key.publicKey, "\n");
  }
  return text;
}

}  // namespace

std::vector<gitsync::TrustedKey> DeliveryLoop::Impl::trustedKeys(
    const schema::Application& application) const {
  std::vector<gitsync::TrustedKey> keys;
  const schema::Project* project = delivery::projectOf(application, state());
  if (project == nullptr) return keys;
  for (const schema::TrustedKey& key : project->spec().trusted_keys()) {
    keys.push_back({key.name(), key.ssh().empty() ? key.gpg() : key.ssh()});
  }
  return keys;
}

std::string DeliveryLoop::Impl::signatureProblem(const schema::Application& application,
                                                 const Follower& follower) const {
  if (!application.spec().source().require_signature()) return {};
  const schema::Revision& observed = application.status().observed();
  const bool known = follower.signature && follower.signature->commit == observed.commit() &&
                     follower.signature->keys == fingerprintOf(trustedKeys(application));
  if (!known) {
    return absl::StrCat("the signature of ", delivery::shortCommit(observed),
                        " has not been checked yet");
  }
  return follower.signature->problem;
}

void DeliveryLoop::Impl::checkSignature(const model::Name& name, std::function<void()> next) {
  Follower& follower = followers_.at(name);
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr || !application->spec().source().require_signature()) {
    follower.signature.reset();
    return next();
  }
  const schema::Revision observed = *follower.observed;
  const std::vector<gitsync::TrustedKey> keys = trustedKeys(*application);
  const std::string fingerprint = fingerprintOf(keys);
  if (follower.signature && follower.signature->commit == observed.commit() &&
      follower.signature->keys == fingerprint) {
    return next();
  }
  const auto verified = [this, name, observed, fingerprint,
                         next](const absl::StatusOr<gitsync::Signer>& signer) {
    Follower& current = followers_.at(name);
    Follower::Signature signature{observed.commit(), fingerprint, "", ""};
    if (signer.ok()) {
      signature.signedBy = signer->keyName;
    } else {
      signature.problem =
          absl::StrCat(signer.status().message(), " (", delivery::shortCommit(observed), " by ",
                       observed.author(), ")");
      if (const model::Ptr<schema::Application> live = find(name)) {
        tellAbout(*live, true, "SignatureRefused", signature.problem);
      }
    }
    current.signature = std::move(signature);
    current.replan = true;
    next();
  };
  if (keys.empty()) {
    return verified(absl::PermissionDeniedError(
        absl::StrCat("the Project ", application->spec().project(),
                     " lists no trusted keys, and the Application requires a signature")));
  }
  git_.verify(follower.source.repository, observed.commit(), keys,
              whileFollowed<absl::StatusOr<gitsync::Signer>>(name, verified));
}

void DeliveryLoop::Impl::exportNotes(const model::Name& name) {
  const auto found = followers_.find(name);
  if (found == followers_.end()) return;
  Follower& follower = found->second;
  if (follower.notes.isUnderWay || executor_.now() < follower.notes.notBefore) return;
  std::vector<gitsync::Note> notes;
  std::vector<model::Name> records;
  // What was decided before Git was ever read is about no commit: it is noted with what came next.
  std::string commit;
  const auto waiting = delivery::notExported(state(), name);
  for (const model::Ptr<api::AuditRecord>& record : std::views::reverse(waiting)) {
    if (!record->commit().empty()) commit = record->commit();
    if (commit.empty()) continue;
    notes.push_back({commit, audit::toJsonLine(*record)});
    records.push_back(model::nameOf(*record));
  }
  std::ranges::reverse(notes);
  if (notes.empty()) return;
  follower.notes.isUnderWay = true;
  git_.appendNotes(
      follower.source.repository, std::move(notes),
      whileFollowed<absl::StatusOr<gitsync::NotesWritten>>(
          name, [this, name, records](const absl::StatusOr<gitsync::NotesWritten>& written) {
            exported(name, records, written.status());
          }));
}

void DeliveryLoop::Impl::exported(const model::Name& name, const std::vector<model::Name>& records,
                                  const absl::Status& result) {
  Follower& follower = followers_.at(name);
  follower.notes.isUnderWay = false;
  absl::Status status = result;
  if (status.ok()) {
    model::Transaction transaction(state());
    for (const model::Name& each : records) {
      const api::AuditRecord* live = state().audit.find(each);
      if (live == nullptr) continue;
      api::AuditRecord record = *live;
      record.set_exported(true);
      transaction.put(std::move(record));
    }
    status = ledger_.commit(std::move(transaction));
  }
  if (status.ok()) {
    follower.notes.backoff.reset();
    follower.notes.problem.clear();
    return exportNotes(name);
  }
  // Looked at again after the next fetch.
  follower.notes.notBefore = executor_.now() + follower.notes.backoff.next();
  const std::string problem(status.message());
  if (follower.notes.problem == problem) return;
  follower.notes.problem = problem;
  if (const model::Ptr<schema::Application> live = find(name)) {
    tellAbout(
        *live, true, "NotesNotWritten",
        absl::StrCat("what was decided is recorded, but not in the repository's notes: ", problem));
  }
}

}  // namespace gantry::loops
