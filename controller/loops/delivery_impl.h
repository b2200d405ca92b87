// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/backoff.h"
#include "controller/delivery/decide.h"
#include "controller/delivery/settings.h"
#include "controller/loops/delivery_loop.h"
#include "controller/loops/work_queue.h"
#include "manifests/resource.h"

namespace gantry::loops {

/// The parts of the delivery loop, for its own files only:
///
/// - delivery_loop.cpp: what marks an Application, and the one step that decides and commits;
/// - delivery_source.cpp: polling, fetching, reading and rendering, which take time;
/// - delivery_people.cpp: sync, approve, reject, lift a hold;
/// - delivery_rollback.cpp: the way of a rollback through Git.
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
  absl::StatusOr<api::LiftHoldResponse> liftHold(const delivery::Caller& caller,
                                                 const api::LiftHoldRequest& request);
  void hint(const webhooks::PushHint& hint);
  void previewRollback(api::RollbackRequest request, Callback<api::RollbackPreview> done);
  void rollback(const delivery::Caller& caller, api::RollbackRequest request,
                Callback<api::RollbackResponse> done);

 private:
  using Rendered = std::shared_ptr<const manifests::RenderedSet>;

  struct SyncWaiter {
    delivery::SyncWish wish;
    Callback<api::SyncResponse> done;
  };

  /// What the loop knows of an Application beside the ledger; all of it is found again after a
  /// restart.
  struct Follower {
    Follower() : backoff(base::Duration(2'000), base::Duration(120'000)) {}

    delivery::Source source;
    /// Folders that the kustomization in the source's path refers to outside of it, as far as is
    /// known: part of what is followed.
    std::vector<std::string> bases;
    /// Answers that were asked for with another number are for another source.
    std::uint64_t epoch = 0;
    /// What the branch holds; unset until the first answer.
    std::optional<schema::Revision> observed;
    /// By tree hash: the sets of `observed` and of what is applied. Not ok() ones are kept too, so
    /// that wrong manifests are read once.
    std::map<std::string, Rendered> sets;
    /// Tree hashes of what was applied and is being read, or could not be, since the last fetch.
    std::set<std::string> loading;
    /// A fetch, with the rendering that follows it, is under way; another is wanted after it.
    bool busy = false;
    bool again = false;
    base::Executor::TimerId poll = 0;
    base::Backoff backoff;
    /// Set once known: what is wrong with Git, or with the manifests. Empty: nothing.
    std::optional<std::string> sourceProblem;
    std::optional<std::string> renderProblem;
    std::optional<base::Timestamp> lastFetch;
    /// Something may have changed that a plan depends on; and when that was last looked at.
    bool replan = true;
    base::Instant plannedAt{};
    /// Of the spec that was last planned for.
    std::int64_t generation = -1;
    /// What the last decision said.
    std::string sync = "Unknown";
    std::string syncMessage;
    std::string applyProblem;
    /// Those who wait for the next fetch, and for the one under way.
    std::vector<SyncWaiter> waiting;
    std::vector<SyncWaiter> served;
    /// For those who are served.
    std::optional<absl::StatusOr<api::SyncResponse>> answer;
    /// The rollback under way: whether Git is at it, what it said last, whether the revert commit
    /// may be there although Git did not say so, and who waits for the end.
    bool reverting = false;
    absl::Status revertError;
    bool mayHavePushed = true;
    std::string rollbackHold;
    Callback<api::RollbackResponse> rollbackDone;
  };

  /// A rollback on its way from the request to its record.
  struct RollbackJob {
    model::Name name;
    delivery::Caller caller;
    api::RollbackRequest request;
    model::Ptr<api::HistoryEntry> target;
    std::string headTreeHash;
    Rendered set;
    std::vector<gitsync::Commit> reverted;
  };

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

  /// 0 if the Application is not followed.
  std::uint64_t epochOf(const model::Name& name) const {
    const auto found = followers_.find(name);
    return found == followers_.end() ? 0 : found->second.epoch;
  }

  // delivery_loop.cpp
  void createRoot();
  void observe(std::span<const model::Change> changes);
  void observeObject(const model::Change& change);
  void indexInventory(const schema::Application& application);
  Follower& follow(const schema::Application& application);
  void forget(const model::Name& name);
  /// Decides and commits, once; false if the commit failed and is to be tried again.
  bool step(const model::Name& name, const std::optional<delivery::SyncWish>& wish = {});
  void refreshStatus(schema::Application& application, Follower& follower) const;
  void loadApplied(const schema::Application& application, Follower& follower);
  delivery::Decision converge(model::Transaction& transaction, schema::Application& application,
                              Follower& follower, const std::optional<delivery::SyncWish>& wish);
  void summarize(model::Transaction& transaction, schema::Application& application,
                 const Follower& follower) const;
  absl::Status commit(model::Transaction transaction, const model::Name& name);
  void tellDecision(const schema::Application& application, Follower& follower,
                    const delivery::Decision& decision, bool asked);
  void tellAbout(const schema::Application& application, bool isWarning, const std::string& reason,
                 const std::string& message) const;

  // delivery_source.cpp
  void beginFetch(const model::Name& name);
  void pollAfter(const model::Name& name, base::Duration delay);
  void fetched(const model::Name& name, absl::StatusOr<gitsync::Fetched> result);
  void fetchFailed(const model::Name& name, const absl::Status& status);
  void tellIfRewritten(const model::Name& name, const std::string& before, const std::string& head);
  /// What a tree was rendered from.
  struct Loaded {
    std::string treeHash;
    std::vector<std::string> bases;
    Rendered set;
  };
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
  /// The head is known, and what it comes to.
  void observed(const model::Name& name, const gitsync::Commit& head, const schema::Revision& now);
  /// The fetch, and the rendering after it, is over: decide, answer, and see when to ask again.
  void endRound(const model::Name& name, const absl::Status& status);
  void serve(const model::Name& name, const absl::Status& status);
  absl::StatusOr<api::SyncResponse> askedStep(const model::Name& name,
                                              const delivery::SyncWish& wish);
  void scheduleNext(const model::Name& name, const absl::Status& status);
  void setSourceProblem(const model::Name& name, std::string problem);

  // delivery_people.cpp
  /// The plan of that name, once it is sure that it is still what would be done.
  absl::StatusOr<model::Ptr<api::Plan>> freshPlan(const std::string& ns, const std::string& plan);
  void lookAgain(const model::Name& name);

  // delivery_rollback.cpp
  /// Finds the target, renders it and lists the commits that go.
  void prepareRollback(std::shared_ptr<RollbackJob> job, std::function<void(absl::Status)> next);
  absl::StatusOr<api::Plan> planOf(const RollbackJob& job) const;
  absl::Status recordRollback(const RollbackJob& job);
  /// After each fetch while a rollback is on its way: revert, wait, or give up.
  void continueRollback(const model::Name& name, const absl::Status& fetched);
  void pushRevert(const model::Name& name);
  void reverted(const model::Name& name, const absl::Status& result);
  void giveUpRollback(const model::Name& name, const absl::Status& why, bool liftHold);
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
  std::uint64_t lastEpoch_ = 0;
  /// The Application that a step is being committed for.
  model::Name committing_;
  std::shared_ptr<bool> alive_;
};

}  // namespace gantry::loops
