// SPDX-License-Identifier: Apache-2.0
#include "controller/server/daemon.h"

#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <climits>

#include "absl/strings/str_cat.h"
#include "app/client/context.h"
#include "base/file.h"
#include "base/log.h"
#include "base/loop_executor.h"
#include "base/status.h"
#include "controller/access/certificate_authority.h"
#include "controller/access/encrypted_store.h"
#include "controller/access/join_tokens.h"
#include "controller/loops/controller.h"
#include "controller/model/ledger.h"
#include "controller/sender/curl_sender.h"
#include "controller/server/http_server.h"
#include "controller/server/metrics.h"
#include "controller/server/server.h"
#include "controller/store/sqlite_store.h"
#include "gitsync/credentials.h"
#include "gitsync/process_git.h"
#include "manifests/diff/mask.h"

namespace gantry::server {
namespace {

// Rendering and listing; Git has threads of its own.
constexpr int kWorkerThreads = 2;
constexpr const char* kAdminContext = "admin.context";

absl::Status makePrivateDirectory(const std::filesystem::path& directory) {
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error || ::chmod(directory.c_str(), 0700) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("cannot make ", directory.string(), "; is its parent writable?"));
  }
  return absl::OkStatus();
}

std::string hostName() {
  char name[HOST_NAME_MAX + 1] = {};
  return ::gethostname(name, HOST_NAME_MAX) == 0 ? name : "";
}

std::string hostOf(const std::string& address) {
  return address.substr(0, address.rfind(':'));
}

bool isWildcard(const std::string& host) {
  return host.empty() || host == "0.0.0.0" || host == "[::]" || host == "*";
}

// What the server's certificate names.
std::vector<std::string> serverNames(const DaemonOptions& options) {
  std::vector<std::string> names = {"localhost", "127.0.0.1"};
  std::string host = hostOf(options.listen);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  for (const std::string& name : {host, hostName()}) {
    if (!isWildcard(name) && name != "::" && std::ranges::find(names, name) == names.end()) {
      names.push_back(name);
    }
  }
  names.insert(names.end(), options.advertise.begin(), options.advertise.end());
  return names;
}

/// The keys of the file; null if none is named.
absl::StatusOr<std::shared_ptr<const manifests::sops::Identities>> readSopsKeys(
    const std::filesystem::path& file) {
  if (file.empty()) return nullptr;
  GANTRY_ASSIGN_OR_RETURN(std::string text, base::readFile(file));
  absl::StatusOr<manifests::sops::Identities> keys =
      manifests::sops::Identities::parse(text, file.string());
  OPENSSL_cleanse(text.data(), text.size());
  GANTRY_RETURN_IF_ERROR(keys.status());
  return std::make_shared<const manifests::sops::Identities>(*std::move(keys));
}

absl::StatusOr<loops::Controller::Options> controllerOptions(const DaemonOptions& options) {
  loops::Controller::Options made;
  GANTRY_ASSIGN_OR_RETURN(made.delivery.sopsKeys, readSopsKeys(options.sopsAgeKeyFile));
  made.clusterCidr = options.clusterCidr;
  made.serviceCidr = options.serviceCidr;
  made.delivery.rootRepository = {options.repository.url, options.gitCaFile};
  made.delivery.rootBranch = options.repository.branch;
  made.delivery.rootPath = options.repository.path;
  made.delivery.gitCaFile = options.gitCaFile;
  made.delivery.pollInterval = options.pollInterval;
  made.notifications.externalUrl = options.externalUrl;
  while (made.notifications.externalUrl.ends_with('/')) made.notifications.externalUrl.pop_back();
  const std::string& url = made.notifications.externalUrl;
  if (!url.empty() && !url.starts_with("https://") && !url.starts_with("http://")) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", url, "\" is no external URL; write it like https://gantry.example.com"));
  }
  return made;
}

std::string contextText(const std::string& name, const std::string& server,
                        const access::CertificateAuthority& authority,
                        const access::Credentials& credentials) {
  client::ContextFile file;
  client::Context& context = file.contexts.emplace_back();
  context.name = name;
  context.server = server;
  context.caCertificate = authority.certificate();
  context.certificate = credentials.certificate;
  context.key = credentials.key;
  file.currentContext = name;
  return client::formatContexts(file);
}

absl::StatusOr<std::unique_ptr<sender::CurlSender>> makeNotifier(base::Executor& executor,
                                                                 const DaemonOptions& options) {
  sender::CurlSender::Options made;
  made.caFile = options.notificationCaFile;
  // It is read for each connection; what is wrong with it now is said now.
  if (!made.caFile.empty()) GANTRY_RETURN_IF_ERROR(sender::checkCaFile(made.caFile));
  return std::make_unique<sender::CurlSender>(executor, std::move(made));
}

absl::StatusOr<webhooks::Secrets> readWebhookSecrets(const std::filesystem::path& file) {
  GANTRY_ASSIGN_OR_RETURN(std::string text, base::readFile(file));
  absl::StatusOr<webhooks::Secrets> secrets = webhooks::Secrets::parse(text, file.string());
  OPENSSL_cleanse(text.data(), text.size());
  return secrets;
}

}  // namespace

// Members stand on those above them, and are destroyed before them.
class Daemon::Impl {
 public:
  explicit Impl(DaemonOptions given) : options(std::move(given)) {}

  absl::Status open();
  absl::Status writeAdminContext();

  DaemonOptions options;
  base::LoopExecutor executor;
  Metrics metrics;
  std::unique_ptr<store::SqliteStore> disk;
  std::unique_ptr<MeasuredStore> measured;
  std::unique_ptr<access::EncryptedStore> store;
  std::unique_ptr<access::CertificateAuthority> authority;
  std::unique_ptr<access::JoinTokens> tokens;
  std::unique_ptr<model::Ledger> ledger;
  std::unique_ptr<base::ThreadWorkers> workers;
  std::unique_ptr<gitsync::Git> git;
  std::unique_ptr<AgentGateway> gateway;
  std::unique_ptr<sender::CurlSender> notifier;
  std::unique_ptr<loops::Outbox> outbox;
  std::unique_ptr<loops::Controller> controller;
  std::unique_ptr<Server> server;
  std::unique_ptr<WebhookEndpoint> hooks;
  std::unique_ptr<HttpServer> http;
};

absl::Status Daemon::Impl::open() {
  GANTRY_RETURN_IF_ERROR(makePrivateDirectory(options.dataDir));
  // The store comes first: its lock keeps a second controller away from everything else.
  GANTRY_ASSIGN_OR_RETURN(disk, store::SqliteStore::open(options.dataDir / "gantry.db"));
  GANTRY_ASSIGN_OR_RETURN(authority,
                          access::CertificateAuthority::open(options.dataDir, executor.wallNow()));
  GANTRY_ASSIGN_OR_RETURN(access::SecretKeys keys,
                          access::SecretKeys::open(options.dataDir / "secrets.key"));
  manifests::setMaskKey(authority->deriveKey("secret masks"));
  measured = std::make_unique<MeasuredStore>(*disk, metrics);
  store = std::make_unique<access::EncryptedStore>(*measured, std::move(keys));
  tokens = std::make_unique<access::JoinTokens>(*store, authority->certificateHash());
  GANTRY_ASSIGN_OR_RETURN(ledger, model::Ledger::open(*store));
  workers = std::make_unique<base::ThreadWorkers>(executor, kWorkerThreads);
  if (!options.gitCredentialsFile.empty()) {
    // It is read for each operation; what is wrong with it now is said now.
    GANTRY_RETURN_IF_ERROR(gitsync::Credentials::load(options.gitCredentialsFile).status());
  }
  gitsync::ProcessGitOptions gitOptions;
  gitOptions.program = options.gitProgram;
  gitOptions.mirrorRoot = options.dataDir / "git";
  gitOptions.credentialsFile = options.gitCredentialsFile;
  gitOptions.signingKeyFile = options.gitSigningKeyFile;
  git = gitsync::makeProcessGit(executor, gitOptions);
  gateway = std::make_unique<AgentGateway>(executor);
  GANTRY_ASSIGN_OR_RETURN(loops::Controller::Options wishes, controllerOptions(options));
  GANTRY_ASSIGN_OR_RETURN(notifier, makeNotifier(executor, options));
  GANTRY_ASSIGN_OR_RETURN(outbox, loops::Outbox::open(executor, *store));
  wishes.sender = notifier.get();
  wishes.outbox = outbox.get();
  controller = std::make_unique<loops::Controller>(executor, *workers, *ledger, *git, *gateway,
                                                   std::move(wishes));
  server = std::make_unique<Server>(
      Server::Parts{executor, *workers, *ledger, *controller, *gateway, *authority, *tokens},
      Server::Options{options.listen, serverNames(options), options.clusterName});
  http = std::make_unique<HttpServer>(executor, [this] {
    return metrics.render(ledger->state(), gateway->sessions(), server->watchers());
  });
  if (options.webhookSecretFile.empty()) return absl::OkStatus();
  GANTRY_ASSIGN_OR_RETURN(webhooks::Secrets secrets, readWebhookSecrets(options.webhookSecretFile));
  hooks = std::make_unique<WebhookEndpoint>(
      executor, std::move(secrets),
      [this](const webhooks::PushHint& hint) { controller->delivery().hint(hint); },
      [this](const webhooks::Answer& answer) { metrics.webhookAnswered(answer); });
  http->serveWebhooks(*hooks);
  return absl::OkStatus();
}

absl::Status Daemon::Impl::writeAdminContext() {
  const std::filesystem::path file = options.dataDir / kAdminContext;
  std::error_code ignored;
  if (std::filesystem::exists(file, ignored)) return absl::OkStatus();
  GANTRY_ASSIGN_OR_RETURN(const access::Credentials credentials,
                          authority->issueClient({"admin", access::Role::kAdmin},
                                                 access::kPersonValidity, executor.wallNow()));
  std::string host = hostOf(options.listen);
  if (!options.advertise.empty()) host = options.advertise.front();
  if (isWildcard(host)) host = "127.0.0.1";
  const std::string address = absl::StrCat(host, ":", server->port());
  base::logInfo(absl::StrCat("admin credentials for ", address, " are in ", file.string()));
  return base::writeFileAtomically(
      file, contextText(options.clusterName, address, *authority, credentials), base::kOwnerOnly);
}

Daemon::Daemon(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Daemon::~Daemon() = default;

absl::StatusOr<std::unique_ptr<Daemon>> Daemon::open(DaemonOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  GANTRY_RETURN_IF_ERROR(impl->open());
  return std::unique_ptr<Daemon>(new Daemon(std::move(impl)));
}

absl::Status Daemon::start() {
  GANTRY_RETURN_IF_ERROR(impl_->server->start());
  GANTRY_RETURN_IF_ERROR(impl_->writeAdminContext());
  GANTRY_RETURN_IF_ERROR(impl_->http->start(impl_->options.httpListen));
  impl_->executor.post([impl = impl_.get()] {
    impl->metrics.watchLoop(impl->executor);
    impl->controller->start();
  });
  base::logInfo(absl::StrCat("cluster ", impl_->options.clusterName, " is served on port ", port(),
                             ", HTTP on port ", httpPort()));
  return absl::OkStatus();
}

void Daemon::run() {
  impl_->executor.run();
}

void Daemon::stop() {
  impl_->http->stop();
  impl_->server->stop();
  impl_->executor.stop();
}

int Daemon::port() const {
  return impl_->server->port();
}
int Daemon::httpPort() const {
  return impl_->http->port();
}

absl::StatusOr<std::string> issueContext(const IssueOptions& options) {
  // What was written at the first start says where the controller is and what it is called.
  auto admin = client::loadContexts(options.dataDir / kAdminContext);
  if (!admin.ok()) return base::annotate(admin.status(), "has a controller started there?");
  if (admin->contexts.empty()) return absl::DataLossError("admin.context holds no context");
  const base::Timestamp now = base::LoopExecutor().wallNow();
  GANTRY_ASSIGN_OR_RETURN(const auto authority,
                          access::CertificateAuthority::open(options.dataDir, now));
  GANTRY_ASSIGN_OR_RETURN(const access::Credentials credentials,
                          authority->issueClient(options.identity, options.validity, now));
  const client::Context& known = admin->contexts.front();
  return contextText(known.name, known.server, *authority, credentials);
}

}  // namespace gantry::server
