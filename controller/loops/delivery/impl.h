// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "controller/delivery/audit_trail.h"
#include "controller/delivery/commits.h"
#include "controller/delivery/decide.h"
#include "controller/delivery/settings.h"
#include "controller/loops/delivery/delivery_loop.h"
#include "controller/loops/delivery/follower.h"
#include "controller/loops/delivery/jobs.h"
#include "controller/loops/work_queue.h"
#include "manifests/resource.h"

namespace gantry::loops {

/// The parts of the delivery loop, for its own files only:
///
/// - delivery_loop.cpp: which Applications are followed;
/// - marks.cpp: what marks an Application;
/// - step.cpp: the one step that decides and commits;
/// - source.cpp: polling and fetching, which take time;
/// - render.cpp: reading and rendering, which do too;
/// - people.cpp: sync, approve, reject, hold, suspend;
/// - apply.cpp: what carrying out a decision writes;
/// - rollback.cpp: what sets a rollback off, its preview, and its record;
/// - revert.cpp: the way of its revert commit into Git;
/// - commits.cpp: which commits lead from what is applied to what is observed;
/// - trust.cpp: who signed them;
/// - notes.cpp: the notes that others can verify;
/// - preview.cpp: plans of revisions that are not followed;
/// - preview_merge.cpp: what they come to when they are merged into the followed one.
class DeliveryLoop::Impl {
 public:
  Impl(base::Executor& executor, base::Workers& workers, model::Ledger& ledger, gitsync::Git& git,
       Options options, Tell tell);
  ~Impl() { *alive_ = false; }

  void start();

  void sync(const delivery::Caller& caller, api::SyncRequest request,
            Callback<api::SyncResponse> done);
  absl::StatusOr<api::Plan> approve(const delivery::Caller& caller,
                                    const api::ApprovePlanRequest& request);
  absl::StatusOr<api::Plan> reject(const delivery::Caller& caller,
                                   const api::RejectPlanRequest& request);
  void holdRevision(const delivery::Caller& caller, api::HoldRevisionRequest request,
                    Callback<api::Hold> done);
  absl::StatusOr<api::LiftHoldResponse> liftHold(const delivery::Caller& caller,
                                                 const api::LiftHoldRequest& request);
  absl::StatusOr<api::SuspendResponse> suspend(const delivery::Caller& caller,
                                               const api::SuspendRequest& request);
  absl::StatusOr<api::ResumeResponse> resume(const delivery::Caller& caller,
                                             const api::ResumeRequest& request);
  void previewRevision(api::PreviewRevisionRequest request, Callback<api::Plan> done);
  void compareRevisions(api::CompareRevisionsRequest request, Callback<api::Plan> done);
  void hint(const webhooks::PushHint& hint);
  void previewRollback(api::RollbackRequest request, Callback<api::RollbackPreview> done);
  void rollback(const delivery::Caller& caller, api::RollbackRequest request,
                Callback<api::RollbackResponse> done);

 private:
  /// How old the effect of a plan that waits may be. To find it walks all pods: with so much more
  /// for each, a thousand plans that wait cost the same whatever the cluster.
  base::Duration effectAge() const {
    return base::Duration(60'000) +
           base::Duration(10) * static_cast<std::int64_t>(state().pods.size());
  }

  /// A base may refer to another, and so on: how often a commit is read to find them all.
  static constexpr int kMostReadings = 16;

  const model::State& state() const { return ledger_.state(); }
  model::Ptr<schema::Application> find(const model::Name& name) const {
    return state().applications.share(name);
  }

  /// A callback that does nothing once the loop is gone.
  template <class Arg>
  std::function<void(Arg)> whileAlive(std::function<void(Arg)> use) {
    return [alive = alive_, use = std::move(use)](Arg arg) {
      if (*alive) use(std::move(arg));
    };
  }

  /// The same, and nothing once `name` is followed elsewhere.
  template <class Arg>
  std::function<void(Arg)> whileFollowed(const model::Name& name, std::function<void(Arg)> use) {
    return whileAlive<Arg>([this, name, epoch = epochOf(name), use = std::move(use)](Arg arg) {
      if (epoch != 0 && epochOf(name) == epoch) use(std::move(arg));
    });
  }

  /// For what somebody waits for: the answer, or `done` gets ABORTED once `name` is followed
  /// elsewhere.
  template <class T, class Done>
  std::function<void(absl::StatusOr<T>)> ifFollowed(const model::Name& name, Done done,
                                                    std::function<void(absl::StatusOr<T>)> use) {
    return whileAlive<absl::StatusOr<T>>([this, name, epoch = epochOf(name), done = std::move(done),
                                          use = std::move(use)](absl::StatusOr<T> answer) {
      if (epoch != 0 && epochOf(name) == epoch) return use(std::move(answer));
      done(absl::AbortedError("the source of the Application was changed; ask again"));
    });
  }

  /// 0 if the Application is not followed.
  std::uint64_t epochOf(const model::Name& name) const {
    const auto found = followers_.find(name);
    return found == followers_.end() ? 0 : found->second.epoch;
  }

  // delivery_loop.cpp
  void createRoot();
  Follower& follow(const schema::Application& application);
  void forget(const model::Name& name);
  /// What an Application that is gone has applied may be what a plan deletes: that plan waits for
  /// it.
  void followLeft();

  // marks.cpp
  void observe(std::span<const model::Change> changes);
  void observeObject(const model::Change& change);
  /// With what a plan that is being applied in waves deletes, and with the Jobs of its hooks; null:
  /// there is none.
  void indexInventory(const schema::Application& application, const api::Plan* applying);
  /// Those that wait for this Application, or are promoted from it.
  void markDependents(const model::Name& name);
  void indexDependencies(const schema::Application& application);
  void lookAgain(const model::Name& name);
  /// Looks again when the first of the follower's times has come, instead of what was set before.
  void lookInTime(const model::Name& name);

  // step.cpp
  /// Decides and commits, once; false if the commit failed and is to be tried again.
  bool step(const model::Name& name, const std::optional<delivery::SyncWish>& wish = {});
  /// Of a revision that is left, the newest commit that held it stays known in the history: what is
  /// promoted from it is to be looked at there. False if it could not be written.
  bool keepHead(const schema::Application& application, const Follower& follower);
  void refreshStatus(schema::Application& application, Follower& follower) const;
  /// Sees that what is applied, and what a rollback goes back to, is rendered where it is needed.
  void loadNeeded(const schema::Application& application, Follower& follower);
  void loadTree(const model::Name& name, Follower& follower, const schema::Revision& revision);
  void endSuspension(schema::Application& application) const;
  void followPromotion(const schema::Application& application, Follower& follower);
  /// Writes the revert commit, which is in Git now, into the rollback's line of history.
  void rememberRevert(model::Transaction& transaction,
                      const schema::Application& application) const;
  delivery::Situation situationOf(const schema::Application& application, const Follower& follower,
                                  const std::optional<delivery::SyncWish>& wish) const;
  delivery::Decision converge(model::Transaction& transaction, schema::Application& application,
                              Follower& follower, const std::optional<delivery::SyncWish>& wish);
  void summarize(model::Transaction& transaction, schema::Application& application,
                 Follower& follower) const;
  absl::Status commit(model::Transaction transaction, const model::Name& name);
  void tellDecision(const schema::Application& application, Follower& follower,
                    const delivery::Decision& decision, bool asked);
  void tellAbout(const schema::Application& application, bool isWarning, const std::string& reason,
                 const std::string& message) const;

  // source.cpp
  void beginFetch(const model::Name& name);
  /// The same again within one round: who waited for it waits on.
  void fetchAnew(const model::Name& name);
  /// What to ask Git for now.
  std::string revisionToFetch(const model::Name& name) const;
  /// Whether it is known that what is followed is a tag, a range of versions or a commit.
  static bool followsNoBranch(const Follower& follower);
  /// Nothing is followed yet: the Application before has not been healthy at any commit.
  bool waitsForPromotion(const model::Name& name) const;
  void pollAfter(const model::Name& name, base::Duration delay);
  /// Fetches, and so does who follows the same and would ask within half of its interval.
  void poll(const model::Name& name);
  void fetched(const model::Name& name, absl::StatusOr<gitsync::Fetched> result);
  void fetchFailed(const model::Name& name, const absl::Status& status);
  void tellIfRewritten(const model::Name& name, const std::string& before, const std::string& head);

  // render.cpp
  /// Reads `commit`, which was fetched before, and renders it, unless that tree is known already.
  /// Always answers: ABORTED if the source has changed meanwhile, NOT_FOUND if the commit holds
  /// another tree.
  void load(const model::Name& name, const std::string& commit, const std::string& treeHash,
            std::function<void(absl::StatusOr<Rendered>)> done);
  /// Reads and renders the path with `bases`, and with those that the kustomization turns out to
  /// refer to.
  void readAll(const model::Name& name, const std::string& commit, std::vector<std::string> bases,
               int tries, std::function<void(absl::StatusOr<Loaded>)> done);
  void render(const delivery::Source& source, gitsync::Folder folder,
              std::function<void(Rendered)> done);

  // source.cpp
  /// The head is known, and what it comes to.
  void observed(const model::Name& name, const gitsync::Commit& head, const schema::Revision& now);
  /// The fetch, and the rendering after it, is over: decide, answer, and see when to ask again.
  void endRound(const model::Name& name, const absl::Status& status);
  void serve(const model::Name& name, const absl::Status& status);
  absl::StatusOr<api::SyncResponse> askedStep(const model::Name& name,
                                              const delivery::SyncWish& wish);
  void scheduleNext(const model::Name& name, const absl::Status& status);
  void setSourceProblem(const model::Name& name, std::string problem);

  // people.cpp
  /// The plan of that name, once it is sure that it is still what would be done.
  absl::StatusOr<model::Ptr<api::Plan>> freshPlan(const std::string& ns, const std::string& plan);
  /// The Application, if the caller may do that with it. Errors: NOT_FOUND, PERMISSION_DENIED.
  absl::StatusOr<model::Ptr<schema::Application>> authorised(const model::Name& name,
                                                             const delivery::Caller& caller,
                                                             const char* permission) const;
  /// The Application of the plan, if the caller may approve and reject that. Errors: as above.
  absl::StatusOr<model::Ptr<schema::Application>> decidedBy(const api::Plan& plan,
                                                            const delivery::Caller& caller) const;
  /// At most once a transaction.
  void audit(model::Transaction& transaction, const model::Name& name,
             const delivery::AuditEntry& entry) const;
  /// What has failed is not tried again by itself: somebody has stopped it, or that revision.
  void endRetries(model::Transaction& transaction, const model::Name& name, const std::string& why,
                  const schema::Revision* of = nullptr) const;
  /// Of that name, from now on.
  api::Hold makeHold(const std::string& holdName, const model::Name& application,
                     const schema::Revision& revision, const std::string& by,
                     const std::string& reason) const;
  absl::StatusOr<api::Hold> hold(const model::Name& name, const delivery::Caller& caller,
                                 const schema::Revision& revision, const std::string& reason);

  // commits.cpp
  /// After which commit those begin that people are shown, and whose authors may not approve.
  std::string commitsSince(const schema::Application& application) const;
  /// What was fetched is read: finds what else there is to know of it, and ends the round, of which
  /// `fetched` is what the fetch came to.
  void describe(const model::Name& name, const absl::Status& fetched);
  /// Whether `follower.way` is the one from `since` to what is observed, by the keys that count
  /// now.
  bool knowsWay(const schema::Application& application, const Follower& follower,
                const std::string& since) const;
  /// Finds what of the applied revision's history is left, and goes on.
  void findLeft(const std::shared_ptr<WayJob>& job);
  /// Of a revision that goes back: finds who brought the branch there, and goes on.
  void findBringers(const std::shared_ptr<WayJob>& job);
  /// The commits in the history of `commit` but not of `until` that changed the Application.
  void logFor(const std::shared_ptr<WayJob>& job, const std::string& commit,
              const std::string& until,
              std::function<void(absl::StatusOr<std::vector<schema::Revision>>)> use);
  /// The way is known, with its signers: keeps it, and ends the round.
  void keepWay(const std::shared_ptr<WayJob>& job);
  /// Says what is wrong with it, and that it goes back, if that is new.
  void tellOfWay(const WayJob& job) const;

  // trust.cpp
  std::vector<gitsync::TrustedKey> trustedKeys(const schema::Application& application) const;
  std::string signatureProblem(const schema::Application& application,
                               const Follower& follower) const;
  /// What tells the keys that count for the Application from others; empty: no signature is asked
  /// for.
  std::string keysOf(const schema::Application& application) const;
  /// Finds who signed the commits of the way, if that matters, and keeps it.
  void checkSignatures(const std::shared_ptr<WayJob>& job);
  /// Asks about the next commits of which it is not known, until all are, or one is refused.
  void verifyRest(const std::shared_ptr<WayJob>& job);
  void verified(const std::shared_ptr<WayJob>& job, const std::vector<std::string>& commits,
                absl::StatusOr<gitsync::Signers> signers);
  /// Why the way does not do by its signatures, as far as they are known.
  std::string refusalOf(const WayJob& job) const;

  // notes.cpp
  /// Brings what people have decided to the notes of the repository, in the background.
  void exportNotes(const model::Name& name);
  void exported(const model::Name& name, const std::vector<model::Ptr<api::AuditRecord>>& records,
                const absl::StatusOr<gitsync::NotesWritten>& written);
  /// Says so if records had to be written that were in the notes before.
  void tellIfRestored(const model::Name& name,
                      const std::vector<model::Ptr<api::AuditRecord>>& records,
                      const gitsync::NotesWritten& written) const;

  // preview_merge.cpp
  /// Renders what `revision` comes to for an Application that is followed: merged into the branch
  /// that is followed; as it is, if it is a commit or a tag in the history of that branch, or no
  /// branch is followed.
  void previewMerge(const model::Name& name, const std::string& revision,
                    std::function<void(absl::StatusOr<Previewed>)> done);
  void fetchFor(const std::shared_ptr<PreviewJob>& job, const std::string& revision,
                std::function<void(gitsync::Fetched)> use);
  void mergeWanted(const std::shared_ptr<PreviewJob>& job);
  void useMerged(const std::shared_ptr<PreviewJob>& job, const gitsync::Merged& merged);
  void renderPreview(const std::shared_ptr<PreviewJob>& job);
  /// Finds the commits that are in it.
  void describePreview(const std::shared_ptr<PreviewJob>& job);
  /// Those in the history of `commit` that are not in that of `until`; none if that is empty.
  void addCommits(const std::shared_ptr<PreviewJob>& job, const std::string& commit,
                  const std::string& until, std::function<void()> next);

  // preview.cpp
  /// The plan of what was previewed, over what runs now.
  absl::StatusOr<api::Plan> planOf(const model::Name& name, const Previewed& found) const;
  static absl::Status wrongManifests(const manifests::RenderedSet& set);
  /// Of that name, or of that commit; null if there is none.
  model::Ptr<api::HistoryEntry> historyEntry(const model::Name& name,
                                             const std::string& revision) const;
  /// Renders a revision that is not followed: a branch, a tag, a commit, or a history entry.
  void renderRevision(
      const model::Name& name, const std::string& revision,
      std::function<void(absl::StatusOr<std::pair<schema::Revision, Rendered>>)> done);

  // rollback.cpp
  /// Finds the target, renders it and lists the commits that go.
  void prepareRollback(std::shared_ptr<RollbackJob> job, std::function<void(absl::Status)> next);
  absl::StatusOr<api::Plan> planOf(const RollbackJob& job) const;
  /// For people, before they confirm: why what runs will not be what Git holds; empty if it will.
  std::string whyNoRevert(const model::Name& name) const;
  absl::Status recordRollback(const RollbackJob& job);
  void startRollback(std::shared_ptr<RollbackJob> job, Callback<api::RollbackResponse> done);
  /// Goes back by itself where the policy says so and the newest revision has turned out bad.
  void considerAutomaticRollback(const model::Name& name);

  // revert.cpp
  /// After each fetch while a rollback is on its way: revert, wait, or give up.
  void continueRollback(const model::Name& name, const absl::Status& fetched);
  void pushRevert(const model::Name& name);
  void reverted(const model::Name& name, const absl::Status& result);
  void giveUpRollback(const model::Name& name, const absl::Status& why, bool liftHold);
  void holdOvertaking(model::Transaction& transaction, const schema::Application& application,
                      const schema::PendingRollback& rollback) const;
  void answerRollback(const model::Name& name, absl::StatusOr<api::RollbackResponse> answer);

  base::Executor& executor_;
  base::Workers& workers_;
  model::Ledger& ledger_;
  gitsync::Git& git_;
  Options options_;
  Tell tell_;
  WorkQueue<model::Name> queue_;
  std::map<model::Name, Follower> followers_;
  /// Whose an object is, and its hash as applied: from the inventories.
  struct Owned {
    model::Name application;
    std::string hash;
  };
  std::map<manifests::ObjectKey, Owned> owners_;
  std::map<model::Name, std::vector<manifests::ObjectKey>> owned_;
  /// By an Application: those that look at it.
  std::map<model::Name, std::set<model::Name>> dependents_;
  std::map<model::Name, std::vector<model::Name>> looksAt_;
  std::uint64_t lastEpoch_ = 0;
  /// The Application that a step is being committed for.
  model::Name committing_;
  std::shared_ptr<bool> alive_;
};

}  // namespace gantry::loops
