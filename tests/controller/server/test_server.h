// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/channel.h>

#include <QTemporaryDir>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "base/loop_executor.h"
#include "controller/access/certificate_authority.h"
#include "controller/access/join_tokens.h"
#include "controller/model/ledger.h"
#include "controller/server/server.h"
#include "controller/store/memory_store.h"
#include "tests/controller/server/fake_controller.h"

namespace gantry::tests {

/// A server on a free port, with its executor on a thread of its own.
class TestServer {
 public:
  using MakeGit = std::function<std::unique_ptr<gitsync::Git>(base::Executor&)>;

  /// Without `git` there is none.
  explicit TestServer(const MakeGit& git = {});
  ~TestServer();

  /// Runs on the executor's thread and waits.
  void run(const std::function<void()>& task);
  /// Commits what `decide` puts into the transaction.
  void commit(const std::function<void(model::Transaction&)>& decide);

  /// On the executor's thread only.
  loops::Controller& controller() { return *controller_; }
  const model::State& state() const { return ledger_->state(); }

  /// A connection as that identity; without one, as nobody.
  std::shared_ptr<grpc::Channel> dial(const std::optional<access::Identity>& identity);
  /// With these credentials, trusting that authority.
  std::shared_ptr<grpc::Channel> dialWith(const access::Credentials& credentials,
                                          const std::string& authority);

  std::string joinToken(base::Duration ttl = base::Duration::zero());
  const access::CertificateAuthority& authority() const { return *authority_; }
  base::Timestamp now() const { return executor_.wallNow(); }

 private:
  QTemporaryDir directory_;
  base::LoopExecutor executor_;
  std::unique_ptr<base::ThreadWorkers> workers_;
  store::MemoryStore store_;
  std::unique_ptr<model::Ledger> ledger_;
  std::unique_ptr<access::CertificateAuthority> authority_;
  std::unique_ptr<access::JoinTokens> tokens_;
  std::unique_ptr<gitsync::Git> git_;
  std::unique_ptr<server::AgentGateway> gateway_;
  std::unique_ptr<loops::Controller> controller_;
  std::unique_ptr<server::Server> server_;
  std::thread thread_;
};

/// A context whose call ends after ten seconds, so that a failing test ends.
std::unique_ptr<grpc::ClientContext> patient();

}  // namespace gantry::tests
