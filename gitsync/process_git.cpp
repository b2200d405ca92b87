// SPDX-License-Identifier: Apache-2.0
#include "gitsync/process_git.h"

#include <deque>
#include <map>

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/loop_executor.h"
#include "base/status.h"
#include "gitsync/child.pb.h"
#include "gitsync/credentials.h"
#include "gitsync/history.h"
#include "gitsync/notes.h"
#include "gitsync/objects.h"
#include "gitsync/path.h"
#include "gitsync/program.h"
#include "gitsync/revision.h"
#include "gitsync/url.h"

namespace gantry::gitsync {
namespace {

constexpr std::size_t kMostMemories = 1'000;
constexpr std::size_t kErrorShown = 2'000;

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
      : executor_(executor), options_(std::move(options)), workers_(executor, options_.threads) {}

  ~ProcessGit() override {
    *alive_ = false;
    cancellation_.cancel();
  }

  void fetch(Repository repository, std::string revision, Scope scope,
             Callback<Fetched> done) override {
    std::shared_ptr<Round>& waiting = waiting_[{repository, revision}];
    if (waiting) return waiting->add(std::move(scope), std::move(done));
    const auto round = std::make_shared<Round>();
    round->add(std::move(scope), std::move(done));
    waiting = round;
    enqueue(repository.url,
            {.begin = [this, repository, revision] { waiting_.erase({repository, revision}); },
             .work =
                 [this, repository, revision, round, memory = memoryOf(repository, revision)] {
                   fetchNow(repository, revision, *round, *memory);
                 },
             .done = [round] { round->answer(); }});
  }

  void readFolder(Repository repository, std::string commit, Scope scope, ReadLimits limits,
                  Callback<Folder> done) override {
    ask<Folder>(
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
    ask<std::vector<Commit>>(
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
    ask<Commit>(
        repository, [this, request = std::move(request)] { return revertNow(request); },
        std::move(done));
  }

  void verify(Repository repository, std::vector<std::string> commits, std::vector<TrustedKey> keys,
              Callback<Signers> done) override {
    ask<Signers>(
        repository,
        [this, repository, commits = std::move(commits),
         keys = std::move(keys)]() -> absl::StatusOr<Signers> {
          child::Request request = requestFor(repository, "");
          request.mutable_verify()->mutable_commits()->Assign(commits.begin(), commits.end());
          for (const TrustedKey& key : keys) {
            child::TrustedKey& added = *request.mutable_verify()->add_keys();
            added.set_name(key.name);
            added.set_public_key(key.publicKey);
          }
          GANTRY_ASSIGN_OR_RETURN(const child::Response response, callChild(repository, request));
          return signersOf(repository, response);
        },
        std::move(done));
  }

  void merge(Repository repository, std::string commit, std::string into,
             Callback<Merged> done) override {
    ask<Merged>(
        repository,
        [this, repository, commit = std::move(commit),
         into = std::move(into)]() -> absl::StatusOr<Merged> {
          child::Request request = requestFor(repository, "");
          request.mutable_merge()->set_commit(commit);
          request.mutable_merge()->set_into(into);
          GANTRY_ASSIGN_OR_RETURN(const child::Response response, callChild(repository, request));
          Merged merged{response.commit(), {}};
          for (const child::Conflict& conflict : response.conflicts()) {
            merged.conflicts.push_back(
                {conflict.path(), static_cast<Conflict::Kind>(conflict.kind())});
          }
          return merged;
        },
        std::move(done));
  }

  void appendNotes(Repository repository, std::vector<Note> notes,
                   Callback<NotesWritten> done) override {
    ask<NotesWritten>(
        repository,
        [this, repository, notes = std::move(notes)]() -> absl::StatusOr<NotesWritten> {
          child::Request request = requestFor(repository, "");
          for (const Note& note : notes) {
            child::Note& added = *request.mutable_append_notes()->add_notes();
            added.set_commit(note.commit);
            added.set_text(note.text);
          }
          if (notes.empty()) return NotesWritten{};
          request.mutable_append_notes()->set_signing_key_file(options_.signingKeyFile.string());
          GANTRY_ASSIGN_OR_RETURN(const child::Response response, callChild(repository, request));
          return NotesWritten{{response.added().begin(), response.added().end()}};
        },
        std::move(done));
  }

  void readNotes(Repository repository, Callback<std::vector<Note>> done) override {
    ask<std::vector<Note>>(
        repository,
        [this, repository]() -> absl::StatusOr<std::vector<Note>> {
          child::Request request = requestFor(repository, "");
          request.mutable_fetch_notes();
          GANTRY_RETURN_IF_ERROR(callChild(repository, request).status());
          return gitsync::readNotes(mirrorOf(repository), kMirroredNotesRef);
        },
        std::move(done));
  }

 private:
  struct Job {
    /// On the executor's thread, just before the work; may be empty.
    base::Executor::Task begin;
    std::function<void()> work;
    base::Executor::Task done;
  };

  /// Fetches of one revision that are carried out as one.
  class Round {
   public:
    void add(Scope scope, Callback<Fetched> done) {
      scopes_.push_back(std::move(scope));
      dones_.push_back(std::move(done));
    }
    const std::vector<Scope>& scopes() const { return scopes_; }
    /// One answer for each scope.
    void set(std::vector<absl::StatusOr<Fetched>> answers) { answers_ = std::move(answers); }

    void answer() {
      for (std::size_t i = 0; i < dones_.size(); ++i) dones_[i](std::move(answers_[i]));
    }

   private:
    std::vector<Scope> scopes_;
    std::vector<Callback<Fetched>> dones_;
    std::vector<absl::StatusOr<Fetched>> answers_;
  };

  template <class T>
  void ask(const Repository& repository, std::function<absl::StatusOr<T>()> job, Callback<T> done) {
    auto answer = std::make_shared<absl::StatusOr<T>>(absl::UnknownError(""));
    enqueue(repository.url,
            {.begin = {},
             .work =
                 [answer, job = std::move(job), name = displayUrl(repository.url)] {
                   *answer = job();
                   if (!answer->ok()) *answer = base::annotate(answer->status(), name);
                 },
             .done = [answer, done = std::move(done)] { done(std::move(*answer)); }});
  }

  /// Jobs of one repository run one after another, in the order in which they were asked for. The
  /// first begins after the executor's task that asks for it, so that all fetches of a task are
  /// one.
  void enqueue(const std::string& url, Job job) {
    std::deque<Job>& queue = queues_[url];
    queue.push_back(std::move(job));
    if (queue.size() > 1) return;
    executor_.post([this, url, alive = alive_] {
      if (*alive) runFirst(url);
    });
  }

  void runFirst(const std::string& url) {
    Job& job = queues_[url].front();
    if (job.begin) job.begin();
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

  std::shared_ptr<ScopeMemory> memoryOf(const Repository& repository, const std::string& revision) {
    if (memories_.size() >= kMostMemories) memories_.clear();
    std::shared_ptr<ScopeMemory>& memory = memories_[{repository.url, revision}];
    if (!memory) memory = std::make_shared<ScopeMemory>();
    return memory;
  }

  void fetchNow(const Repository& repository, const std::string& revision, Round& round,
                ScopeMemory& memory) {
    absl::StatusOr<std::vector<absl::StatusOr<Fetched>>> answers =
        fetchScopes(repository, revision, round.scopes(), memory);
    if (!answers.ok()) {
      answers = std::vector<absl::StatusOr<Fetched>>(round.scopes().size(), answers.status());
    }
    for (absl::StatusOr<Fetched>& answer : *answers) {
      if (!answer.ok()) answer = base::annotate(answer.status(), displayUrl(repository.url));
    }
    round.set(*std::move(answers));
  }

  absl::StatusOr<std::vector<absl::StatusOr<Fetched>>> fetchScopes(const Repository& repository,
                                                                   const std::string& revision,
                                                                   const std::vector<Scope>& scopes,
                                                                   ScopeMemory& memory) {
    child::Response found;
    if (isCommitId(revision) && holdsCommit(mirrorOf(repository), revision)) {
      found.set_commit(revision);
    } else {
      child::Request request = requestFor(repository, revision);
      request.mutable_fetch();
      GANTRY_ASSIGN_OR_RETURN(found, callChild(repository, request));
    }
    std::vector<absl::StatusOr<Fetched>> answers;
    std::vector<Scope> normal;
    for (const Scope& scope : scopes) {
      absl::StatusOr<Scope> normalised = normalise(scope);
      answers.emplace_back(Fetched{});
      if (normalised.ok()) {
        normal.push_back(*std::move(normalised));
      } else {
        answers.back() = normalised.status();
      }
    }
    GANTRY_ASSIGN_OR_RETURN(std::vector<absl::StatusOr<Fetched>> described,
                            describeHead(mirrorOf(repository), found.commit(), normal, memory));
    auto next = described.begin();
    for (absl::StatusOr<Fetched>& answer : answers) {
      if (!answer.ok()) continue;
      answer = std::move(*next++);
      if (answer.ok()) answer->ref = found.ref();
    }
    return answers;
  }

  static Signers signersOf(const Repository& repository, const child::Response& response) {
    Signers signers;
    for (const child::Verified& verified : response.verified()) {
      if (verified.code() == 0) {
        signers.emplace_back(Signer{verified.key_name(), verified.fingerprint()});
      } else {
        signers.emplace_back(base::annotate(
            absl::Status(static_cast<absl::StatusCode>(verified.code()), verified.error()),
            displayUrl(repository.url)));
      }
    }
    return signers;
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
    revert.set_signing_key_file(options_.signingKeyFile.string());
    GANTRY_ASSIGN_OR_RETURN(const child::Response pushed, callChild(wanted.repository, request));
    return readCommit(mirrorOf(wanted.repository), pushed.commit());
  }

  /// What the file of credentials holds for a repository now: it may change at any time.
  absl::StatusOr<child::Access> accessTo(const Repository& repository) const {
    child::Access access;
    access.set_ca_file(repository.caFile);
    if (options_.credentialsFile.empty()) return access;
    GANTRY_ASSIGN_OR_RETURN(const Credentials credentials,
                            Credentials::load(options_.credentialsFile));
    const Credential* credential = credentials.find(repository.url);
    if (credential == nullptr) return access;
    access.set_username(credential->username);
    access.set_token_file(credential->tokenFile);
    access.set_ssh_key_file(credential->sshKeyFile);
    access.set_ssh_key_passphrase_file(credential->sshKeyPassphraseFile);
    access.set_known_hosts_file(credential->knownHostsFile);
    if (!credential->caFile.empty()) access.set_ca_file(credential->caFile);
    access.set_client_cert_file(credential->clientCertFile);
    access.set_client_key_file(credential->clientKeyFile);
    return access;
  }

  child::Request requestFor(const Repository& repository, const std::string& revision) const {
    child::Request request;
    request.set_url(repository.url);
    request.set_mirror(mirrorOf(repository));
    request.set_revision(revision);
    request.set_memory_limit(options_.memoryLimit);
    return request;
  }

  absl::StatusOr<child::Response> callChild(const Repository& repository, child::Request request) {
    GANTRY_RETURN_IF_ERROR(checkUrl(repository.url));
    GANTRY_ASSIGN_OR_RETURN(*request.mutable_access(), accessTo(repository));
    ProgramCall call;
    call.program = options_.program;
    call.input = request.SerializeAsString();
    call.ownGroup = true;
    GANTRY_ASSIGN_OR_RETURN(const ProgramResult result,
                            runProgram(call, options_.deadline, &cancellation_));
    child::Response response;
    if (result.exitCode != 0 || !response.ParseFromString(result.output)) {
      return absl::UnavailableError(absl::StrCat("gantry-git failed (", result.exitCode,
                                                 "): ", result.errors.substr(0, kErrorShown)));
    }
    if (response.code() != 0) {
      return absl::Status(static_cast<absl::StatusCode>(response.code()), response.error());
    }
    return response;
  }

  std::string mirrorOf(const Repository& repository) const {
    return (options_.mirrorRoot / base::sha256Hex(repository.url).substr(0, 32)).string();
  }

  base::Executor& executor_;
  const ProcessGitOptions options_;
  std::map<std::string, std::deque<Job>> queues_;
  /// Rounds that have not begun.
  std::map<std::pair<Repository, std::string>, std::shared_ptr<Round>> waiting_;
  /// Each is used by the repository's job under way only.
  std::map<std::pair<std::string, std::string>, std::shared_ptr<ScopeMemory>> memories_;
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
