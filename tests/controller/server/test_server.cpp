// SPDX-License-Identifier: Apache-2.0
#include "tests/controller/server/test_server.h"

#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "base/check.h"

namespace gantry::tests {
namespace {

/// The controller that is linked here asks nothing of Git.
class NoGit final : public gitsync::Git {
  void fetch(gitsync::Repository, std::string, gitsync::Scope,
             Callback<gitsync::Fetched>) override {}
  void readFolder(gitsync::Repository, std::string, gitsync::Scope, gitsync::ReadLimits,
                  Callback<gitsync::Folder>) override {}
  void log(gitsync::Repository, std::string, std::string, gitsync::Scope, int,
           Callback<std::vector<gitsync::Commit>>) override {}
  void revert(gitsync::RevertRequest, Callback<gitsync::Commit>) override {}
  void verify(gitsync::Repository, std::vector<std::string>, std::vector<gitsync::TrustedKey>,
              Callback<gitsync::Signers>) override {}
  void merge(gitsync::Repository, std::string, std::string, Callback<gitsync::Merged>) override {}
  void appendNotes(gitsync::Repository, std::vector<gitsync::Note>,
                   Callback<gitsync::NotesWritten>) override {}
  void readNotes(gitsync::Repository, Callback<std::vector<gitsync::Note>>) override {}
};

}  // namespace

TestServer::TestServer(const MakeGit& git)
    : workers_(std::make_unique<base::ThreadWorkers>(executor_, 1)),
      ledger_(*model::Ledger::open(store_)),
      git_(git ? git(executor_) : std::make_unique<NoGit>()),
      gateway_(std::make_unique<server::AgentGateway>(executor_)) {
  authority_ = *access::CertificateAuthority::open(directory_.path().toStdString(), now());
  tokens_ = std::make_unique<access::JoinTokens>(store_, authority_->certificateHash());
  controller_ = std::make_unique<loops::Controller>(executor_, *workers_, *ledger_, *git_,
                                                    *gateway_, loops::Controller::Options());
  server_ = std::make_unique<server::Server>(
      server::Server::Parts{executor_, *workers_, *ledger_, *controller_, *gateway_, *authority_,
                            *tokens_},
      server::Server::Options{"127.0.0.1:0", {"localhost", "127.0.0.1"}, "test"});
  thread_ = std::thread([this] { executor_.run(); });
  GANTRY_CHECK(server_->start().ok());
}

TestServer::~TestServer() {
  server_->stop();
  executor_.stop();
  thread_.join();
  server_.reset();
}

void TestServer::run(const std::function<void()>& task) {
  std::promise<void> done;
  executor_.post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

void TestServer::commit(const std::function<void(model::Transaction&)>& decide) {
  run([&] {
    model::Transaction transaction(ledger_->state());
    decide(transaction);
    GANTRY_CHECK(ledger_->commit(std::move(transaction)).ok());
  });
}

std::shared_ptr<grpc::Channel> TestServer::dial(const std::optional<access::Identity>& identity) {
  access::Credentials credentials;
  if (identity) credentials = *authority_->issueClient(*identity, access::kPersonValidity, now());
  return dialWith(credentials, authority_->certificate());
}

std::shared_ptr<grpc::Channel> TestServer::dialWith(const access::Credentials& credentials,
                                                    const std::string& authority) {
  const grpc::SslCredentialsOptions tls{authority, credentials.key, credentials.certificate};
  grpc::ChannelArguments arguments;
  // One connection a channel: gRPC would share those with equal credentials.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  return grpc::CreateCustomChannel(absl::StrCat("127.0.0.1:", server_->port()),
                                   grpc::SslCredentials(tls), arguments);
}

std::string TestServer::joinToken(base::Duration ttl) {
  std::string token;
  run([&] { token = tokens_->create("test", ttl, now())->text; });
  return token;
}

std::unique_ptr<grpc::ClientContext> patient() {
  auto context = std::make_unique<grpc::ClientContext>();
  context->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  return context;
}

}  // namespace gantry::tests
