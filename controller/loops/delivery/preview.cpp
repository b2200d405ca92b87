// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "base/status.h"
#include "controller/delivery/digest.h"
#include "controller/delivery/effect.h"
#include "controller/delivery/gates.h"
#include "controller/delivery/loosening.h"
#include "controller/delivery/plan_state.h"
#include "controller/delivery/planner.h"
#include "controller/delivery/project.h"
#include "controller/delivery/quorum.h"
#include "controller/delivery/records.h"
#include "controller/delivery/rollback.h"
#include "controller/delivery/waves.h"
#include "controller/loops/delivery/impl.h"

namespace gantry::loops {
namespace {

constexpr char kCausePreview[] = "preview";

/// `revision` is as it renders.
api::Plan planOfChanges(const schema::Application& application, const schema::Revision& base,
                        const schema::Revision& revision, std::vector<api::PlannedChange> changes) {
  api::Plan plan;
  plan.set_namespace_(application.metadata().namespace_());
  plan.set_application(application.metadata().name());
  *plan.mutable_base() = base;
  *plan.mutable_revision() = revision;
  for (api::PlannedChange& change : changes) *plan.add_changes() = std::move(change);
  plan.set_cause(kCausePreview);
  plan.set_digest(delivery::planDigest(plan));
  return plan;
}

}  // namespace

absl::Status DeliveryLoop::Impl::wrongManifests(const manifests::RenderedSet& set) {
  std::vector<std::string> lines;
  for (const manifests::Diagnostic& diagnostic : set.diagnostics) {
    if (diagnostic.severity == manifests::Diagnostic::Severity::kError) {
      lines.push_back(diagnostic.toString());
    }
  }
  return absl::InvalidArgumentError(absl::StrJoin(lines, "\n"));
}

model::Ptr<api::HistoryEntry> DeliveryLoop::Impl::historyEntry(const model::Name& name,
                                                               const std::string& revision) const {
  for (const model::Ptr<api::HistoryEntry>& entry : delivery::historyOf(state(), name)) {
    if (entry->name() == revision || entry->revision().commit() == revision) return entry;
  }
  return nullptr;
}

void DeliveryLoop::Impl::renderRevision(
    const model::Name& name, const std::string& revision,
    std::function<void(absl::StatusOr<std::pair<schema::Revision, Rendered>>)> done) {
  const auto found = followers_.find(name);
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr || found == followers_.end()) {
    return done(
        absl::NotFoundError(absl::StrCat("there is no Application ", name.ns, "/", name.name)));
  }
  const auto rendered = [this, name, done](schema::Revision at, const std::string& commit) {
    readAll(name, commit, followers_.at(name).bases, kMostReadings,
            [at = std::move(at), done](absl::StatusOr<Loaded> loaded) mutable {
              if (!loaded.ok()) return done(loaded.status());
              if (!loaded->set->ok()) return done(wrongManifests(*loaded->set));
              at.set_tree_hash(loaded->treeHash);
              at.set_rendered_hash(loaded->set->hash);
              done(std::pair(std::move(at), std::move(loaded->set)));
            });
  };
  const schema::ApplicationStatus& status = application->status();
  if (revision.empty()) {
    if (status.applied().commit().empty()) {
      return done(absl::FailedPreconditionError("nothing has been applied yet"));
    }
    return rendered(status.applied(), status.applied().commit());
  }
  if (const auto entry = historyEntry(name, revision)) {
    return rendered(entry->revision(), entry->revision().commit());
  }
  git_.fetch(
      found->second.source.repository, revision, {found->second.source.path, found->second.bases},
      ifFollowed<gitsync::Fetched>(
          name, done,
          [rendered, revision, done,
           path = found->second.source.path](const absl::StatusOr<gitsync::Fetched>& fetched) {
            if (!fetched.ok()) return done(fetched.status());
            if (fetched->treeHash.empty()) {
              return done(absl::NotFoundError(absl::StrCat(
                  "the folder ", path, " of the Application does not exist in ", revision)));
            }
            schema::Revision at = delivery::revisionOf(fetched->lastChange, "");
            at.set_head(fetched->head.id);
            rendered(std::move(at), fetched->head.id);
          }));
}

void DeliveryLoop::Impl::previewRevision(api::PreviewRevisionRequest request,
                                         Callback<api::Plan> done) {
  const model::Name name{request.namespace_(), request.application()};
  if (request.revision().empty()) {
    return done(absl::InvalidArgumentError("name a branch, a tag or a commit"));
  }
  if (find(name) == nullptr || !followers_.contains(name)) {
    return done(
        absl::NotFoundError(absl::StrCat("there is no Application ", name.ns, "/", name.name)));
  }
  previewMerge(
      name, request.revision(),
      [this, name, done = std::move(done)](const absl::StatusOr<Previewed>& found) {
        done(found.ok() ? planOf(name, *found) : absl::StatusOr<api::Plan>(found.status()));
      });
}

absl::StatusOr<api::Plan> DeliveryLoop::Impl::planOf(const model::Name& name,
                                                     const Previewed& found) const {
  const model::Ptr<schema::Application> application = find(name);
  if (application == nullptr || !followers_.contains(name)) {
    return absl::NotFoundError("the Application was deleted");
  }
  const schema::Revision& applied = application->status().applied();
  delivery::ChangeSet planned;
  if (found.set != nullptr) {
    planned = delivery::planChanges(*application, *found.set, state());
    const auto outside = delivery::outsideProject(
        *application, followers_.at(name).source.repository.url, *found.set, state());
    planned.errors.insert(planned.errors.end(), outside.begin(), outside.end());
  }
  if (!planned.errors.empty()) {
    return absl::FailedPreconditionError(absl::StrJoin(planned.errors, "\n"));
  }
  if (!planned.changes.empty() && applied.rendered_hash() != found.set->hash) {
    delivery::addHooks(delivery::fullName(*application), *found.set, planned.changes);
  }
  const std::vector<api::PlannedChange>& changes = planned.changes;
  api::Plan plan = planOfChanges(*application, applied, found.revision, changes);
  plan.set_message(found.message);
  delivery::setCommits(plan, delivery::commitsOf(found.commits));
  plan.set_preview(found.preview);
  if (changes.empty()) return plan;
  for (api::LoosenedPolicy& loosened :
       delivery::loosenedBy(*application, changes, *found.set, state())) {
    *plan.add_loosens() = std::move(loosened);
  }
  delivery::describeApprovals(plan, *application, state(), executor_.wallNow());
  *plan.mutable_effect() = delivery::effectOf(changes, *found.set, state());
  plan.set_initiator(delivery::kController);
  const delivery::Gates gates = delivery::gatesOf(plan, *application, state(), executor_.wallNow());
  plan.mutable_gates()->Assign(gates.gates.begin(), gates.gates.end());
  return plan;
}

void DeliveryLoop::Impl::compareRevisions(api::CompareRevisionsRequest request,
                                          Callback<api::Plan> done) {
  const model::Name name{request.namespace_(), request.application()};
  if (request.to().empty()) {
    return done(absl::InvalidArgumentError("name a branch, a tag or a commit to compare with"));
  }
  using Found = std::pair<schema::Revision, Rendered>;
  renderRevision(
      name, request.from(),
      [this, name, to = request.to(), done = std::move(done)](const absl::StatusOr<Found>& from) {
        if (!from.ok()) return done(from.status());
        renderRevision(
            name, to, [this, name, from = *from, done](const absl::StatusOr<Found>& found) {
              if (!found.ok()) return done(found.status());
              const model::Ptr<schema::Application> application = find(name);
              if (application == nullptr)
                return done(absl::NotFoundError("the Application was deleted"));
              const delivery::ChangeSet changes =
                  delivery::compareSets(*application, *from.second, *found->second);
              done(planOfChanges(*application, from.first, found->first, changes.changes));
            });
      });
}

}  // namespace gantry::loops
