// SPDX-License-Identifier: Apache-2.0
#include "gitsync/process_git.h"

#include <deque>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/loop_executor.h"
#include "base/status.h"
#include "gitsync/child.pb.h"
#include "gitsync/child_process.h"
#include "gitsync/objects.h"
#include "gitsync/path.h"
#include "gitsync/url.h"

namespace gantry::gitsync {
namespace {

absl::StatusOr<Scope> normalise(const Scope& scope) {
  GANTRY_ASSIGN_OR_RETURN(std::string path, normalisePath(scope.path));
  Scope normal(std::move(path));
  for (const std::string& other : scope.more) {
    GANTRY_ASSIGN_OR_RETURN(normal.more.emplace_back(), normalisePath(other));
  }
  return normal;
}

class ProcessGit final : public Git {
 public:
  ProcessGit(base::Executor& executor, ProcessGitOptions options)
      : options_(std::move(options)), workers_(executor, options_.threads) {}

  ~ProcessGit() override {
    *alive_ = false;
    cancellation_.cancel();
  }

  void fetch(Repository repository, std::string branch, Scope scope,
             Callback<Fetched> done) override {
    enqueue<Fetched>(
        repository,
        [this, repository, branch = std::move(branch), scope = std::move(scope)] {
          return fetchNow(repository, branch, scope);
        },
        std::move(done));
  }

  void readFolder(Repository repository, std::string commit, Scope scope, ReadLimits limits,
                  Callback<Folder> done) override {
    enqueue<Folder>(
        repository,
        [this, repository, commit = std::move(commit), scope = std::move(scope),
         limits]() -> absl::StatusOr<Folder> {
          GANTRY_ASSIGN_OR_RETURN(const Scope normal, normalise(scope));
          return readManifests(mirrorOf(repository), commit, normal, limits);
        },
        std::move(done));
  }

  void log(Repository repository, std::string commit, std::string until, Scope scope, int limit,
           Callback<std::vector<Commit>> done) override {
    enqueue<std::vector<Commit>>(
        repository,
        [this, repository, commit = std::move(commit), until = std::move(until),
         scope = std::move(scope), limit]() -> absl::StatusOr<std::vector<Commit>> {
          GANTRY_ASSIGN_OR_RETURN(const Scope normal, normalise(scope));
          return logOf(mirrorOf(repository), commit, until, normal, limit);
        },
        std::move(done));
  }

  void revert(RevertRequest request, Callback<Commit> done) override {
    const Repository repository = request.repository;
    enqueue<Commit>(
        repository, [this, request = std::move(request)] { return revertNow(request); },
        std::move(done));
  }

 private:
  /// Jobs of one repository run one after another, in the order in which they were asked for.
  template <class T>
  void enqueue(const Repository& repository, std::function<absl::StatusOr<T>()> job,
               Callback<T> done) {
    auto answer = std::make_shared<absl::StatusOr<T>>(absl::UnknownError(""));
    auto work = [answer, job = std::move(job), name = displayUrl(repository.url)] {
      *answer = job();
      if (!answer->ok()) *answer = base::annotate(answer->status(), name);
    };
    auto finished = [answer, done = std::move(done)] { done(std::move(*answer)); };
    std::deque<Job>& queue = queues_[repository.url];
    queue.push_back({std::move(work), std::move(finished)});
    if (queue.size() == 1) runFirst(repository.url);
  }

  void runFirst(const std::string& url) {
    Job& job = queues_[url].front();
    workers_.run(std::move(job.work), [this, url, alive = alive_] {
      if (!*alive) return;
      std::deque<Job>& queue = queues_[url];
      const base::Executor::Task done = std::move(queue.front().done);
      queue.pop_front();
      if (queue.empty()) {
        queues_.erase(url);
      } else {
        runFirst(url);
      }
      done();
    });
  }

  absl::StatusOr<Fetched> fetchNow(const Repository& repository, const std::string& branch,
                                   const Scope& scope) {
    GANTRY_ASSIGN_OR_RETURN(const Scope normal, normalise(scope));
    child::Request request = requestFor(repository, branch);
    request.mutable_fetch();
    GANTRY_ASSIGN_OR_RETURN(const std::string head, ask(repository, request));
    return describeHead(mirrorOf(repository), head, normal);
  }

  absl::StatusOr<Commit> revertNow(const RevertRequest& wanted) {
    GANTRY_ASSIGN_OR_RETURN(const Scope scope, normalise({wanted.path, wanted.more}));
    child::Request request = requestFor(wanted.repository, wanted.branch);
    child::Revert& revert = *request.mutable_revert();
    revert.set_path(scope.path);
    revert.mutable_more()->Assign(scope.more.begin(), scope.more.end());
    revert.set_restore_commit(wanted.restoreCommit);
    revert.set_expected_tree_hash(wanted.expectedTreeHash);
    revert.set_author_name(wanted.authorName);
    revert.set_author_email(wanted.authorEmail);
    revert.set_message(wanted.message);
    GANTRY_ASSIGN_OR_RETURN(const std::string commit, ask(wanted.repository, request));
    GANTRY_ASSIGN_OR_RETURN(Fetched fetched,
                            describeHead(mirrorOf(wanted.repository), commit, scope));
    return std::move(fetched.head);
  }

  child::Request requestFor(const Repository& repository, const std::string& branch) const {
    child::Request request;
    request.set_url(repository.url);
    request.set_ca_file(repository.caFile);
    request.set_mirror(mirrorOf(repository));
    request.set_branch(branch);
    request.set_memory_limit(options_.memoryLimit);
    return request;
  }

  absl::StatusOr<std::string> ask(const Repository& repository, const child::Request& request) {
    GANTRY_RETURN_IF_ERROR(checkUrl(repository.url));
    GANTRY_ASSIGN_OR_RETURN(
        const std::string answer,
        runChild(options_.program, request.SerializeAsString(), options_.deadline, cancellation_));
    child::Response response;
    if (!response.ParseFromString(answer)) {
      return absl::UnavailableError("gantry-git gave an answer that cannot be read");
    }
    if (response.code() != 0) {
      return absl::Status(static_cast<absl::StatusCode>(response.code()), response.error());
    }
    return response.commit();
  }

  std::string mirrorOf(const Repository& repository) const {
    return (options_.mirrorRoot / base::sha256Hex(repository.url).substr(0, 32)).string();
  }

  struct Job {
    std::function<void()> work;
    base::Executor::Task done;
  };

  const ProcessGitOptions options_;
  std::map<std::string, std::deque<Job>> queues_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  Cancellation cancellation_;
  // Last, so that its threads end while the rest is still there.
  base::ThreadWorkers workers_;
};

}  // namespace

std::unique_ptr<Git> makeProcessGit(base::Executor& executor, ProcessGitOptions options) {
  return std::make_unique<ProcessGit>(executor, std::move(options));
}

}  // namespace gantry::gitsync
