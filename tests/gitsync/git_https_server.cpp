// SPDX-License-Identifier: Apache-2.0
#include "tests/gitsync/git_https_server.h"

#define CPPHTTPLIB_OPENSSL_SUPPORT
#include <httplib.h>

#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

#include "base/check.h"
#include "base/file.h"

namespace gantry::support {
namespace {

namespace fs = std::filesystem;

void shell(const std::string& command) {
  GANTRY_CHECK(std::system((command + " >/dev/null 2>&1").c_str()) == 0);
}

void makeCertificates(const fs::path& work) {
  fs::create_directories(work);
  const std::string in = "cd " + work.string() + " && ";
  shell(in +
        "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj '/CN=Test authority' "
        "-keyout ca.key -out ca.pem");
  GANTRY_CHECK(base::writeFileAtomically(work / "san", "subjectAltName=DNS:localhost\n").ok());
  shell(in +
        "openssl req -newkey rsa:2048 -nodes -subj '/CN=localhost' -keyout server.key "
        "-out server.csr");
  shell(in +
        "openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile san -out server.pem");
  shell(in +
        "openssl req -newkey rsa:2048 -nodes -subj '/CN=gantry' -keyout client.key "
        "-out client.csr && chmod 600 client.key && openssl x509 -req -in client.csr -CA ca.pem "
        "-CAkey ca.key -CAcreateserial -days 2 -out client.pem");
}

/// Splits a CGI answer into the response's status, headers and body.
void readCgi(const std::string& answer, httplib::Response& response) {
  const std::size_t end = answer.find("\r\n\r\n");
  GANTRY_CHECK(end != std::string::npos);
  std::string type = "text/plain";
  response.status = 200;
  for (std::size_t at = 0; at < end;) {
    const std::size_t line = std::min(answer.find("\r\n", at), end);
    const std::string header = answer.substr(at, line - at);
    const std::size_t colon = header.find(": ");
    const std::string name = header.substr(0, colon);
    const std::string value = header.substr(colon + 2);
    if (name == "Status") response.status = std::stoi(value);
    if (name == "Content-Type") type = value;
    at = line + 2;
  }
  response.set_content(answer.substr(end + 4), type);
}

}  // namespace

class GitHttpsServer::Impl {
 public:
  Impl(fs::path repositories, fs::path work, bool wantsClientCertificate)
      : repositories_(std::move(repositories)), work_(std::move(work)) {
    makeCertificates(work_);
    const std::string authority = (work_ / "ca.pem").string();
    server_ = std::make_unique<httplib::SSLServer>(
        (work_ / "server.pem").c_str(), (work_ / "server.key").c_str(),
        wantsClientCertificate ? authority.c_str() : nullptr);
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      ++requests;
      waitIfHanging();
      if (isRefused(request, response)) return;
      runBackend(request, response);
    };
    server_->Get(".*", answer);
    server_->Post(".*", answer);
    port = server_->bind_to_any_port("127.0.0.1");
    thread_ = std::thread([this] { server_->listen_after_bind(); });
  }

  ~Impl() {
    {
      const std::lock_guard lock(mutex_);
      hanging_ = false;
      wake_.notify_all();
    }
    server_->stop();
    thread_.join();
  }

  void hang() {
    const std::lock_guard lock(mutex_);
    hanging_ = true;
  }

  void require(const std::string& user, const std::string& token) {
    const std::lock_guard lock(mutex_);
    wanted_ = httplib::make_basic_authentication_header(user, token).second;
  }

  void redirect(const std::string& url) {
    const std::lock_guard lock(mutex_);
    redirection_ = url;
  }

  fs::path work() const { return work_; }

  std::atomic<int> requests = 0;
  std::atomic<bool> sawCredentials = false;
  int port = 0;

 private:
  void waitIfHanging() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !hanging_; });
  }

  bool isRefused(const httplib::Request& request, httplib::Response& response) {
    const std::lock_guard lock(mutex_);
    const std::string given = request.get_header_value("Authorization");
    if (!given.empty()) sawCredentials = true;
    if (!redirection_.empty()) {
      response.set_redirect(redirection_ + request.target);
      return true;
    }
    if (wanted_.empty() || given == wanted_) return false;
    response.status = 401;
    response.set_header("WWW-Authenticate", "Basic realm=\"git\"");
    return true;
  }

  void runBackend(const httplib::Request& request, httplib::Response& response) {
    const fs::path body = work_ / ("body-" + std::to_string(requests));
    const fs::path answer = work_ / ("answer-" + std::to_string(requests));
    GANTRY_CHECK(base::writeFileAtomically(body, request.body).ok());
    const std::size_t query = request.target.find('?');
    const std::string command =
        "env GIT_PROJECT_ROOT='" + repositories_.string() +
        "' GIT_HTTP_EXPORT_ALL=1 REMOTE_USER=test REQUEST_METHOD=" + request.method +
        " PATH_INFO='" + request.path + "' QUERY_STRING='" +
        (query == std::string::npos ? "" : request.target.substr(query + 1)) + "' CONTENT_TYPE='" +
        request.get_header_value("Content-Type") +
        "' CONTENT_LENGTH=" + std::to_string(request.body.size()) + " git http-backend <" +
        body.string() + " >" + answer.string() + " 2>/dev/null";
    GANTRY_CHECK(std::system(command.c_str()) == 0);
    readCgi(*base::readFile(answer), response);
  }

  fs::path repositories_;
  fs::path work_;
  std::unique_ptr<httplib::SSLServer> server_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool hanging_ = false;
  std::string wanted_;
  std::string redirection_;
};

GitHttpsServer::GitHttpsServer(fs::path repositories, fs::path work, bool wantsClientCertificate)
    : impl_(std::make_unique<Impl>(std::move(repositories), std::move(work),
                                   wantsClientCertificate)) {}
GitHttpsServer::~GitHttpsServer() = default;

std::string GitHttpsServer::url(const std::string& name) const {
  return "https://localhost:" + std::to_string(impl_->port) + "/" + name;
}
fs::path GitHttpsServer::caFile() const {
  return impl_->work() / "ca.pem";
}
fs::path GitHttpsServer::clientCertFile() const {
  return impl_->work() / "client.pem";
}
fs::path GitHttpsServer::clientKeyFile() const {
  return impl_->work() / "client.key";
}
void GitHttpsServer::requireToken(const std::string& user, const std::string& token) {
  impl_->require(user, token);
}
void GitHttpsServer::redirectTo(const std::string& url) {
  impl_->redirect(url);
}
bool GitHttpsServer::sawCredentials() const {
  return impl_->sawCredentials;
}
int GitHttpsServer::requests() const {
  return impl_->requests;
}
void GitHttpsServer::hang() {
  impl_->hang();
}

}  // namespace gantry::support
