// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/net_prober.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <QTest>
#include <functional>
#include <thread>

#include "controller/access/certificate_authority.h"
#include "tests/support/fake_runtime.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using namespace gantry::agent;
using std::chrono::milliseconds;

namespace {

// Answers every request on a port of its own with what `respond` makes of it; nothing means that it
// keeps the caller waiting until the caller hangs up.
class Server {
 public:
  using Respond = std::function<std::string(const std::string& request)>;

  explicit Server(Respond respond, const access::Credentials* tls = nullptr)
      : respond_(std::move(respond)) {
    if (tls) useTls(*tls);
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 ||
        ::listen(listener_, 16) != 0) {
      qFatal("no port");
    }
    socklen_t size = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Server() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    SSL_CTX_free(tls_);
  }

  int port() const { return port_; }

 private:
  void useTls(const access::Credentials& identity) {
    tls_ = SSL_CTX_new(TLS_server_method());
    BIO* certificate = BIO_new_mem_buf(identity.certificate.data(), -1);
    BIO* key = BIO_new_mem_buf(identity.key.data(), -1);
    X509* x509 = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    EVP_PKEY* pkey = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    if (SSL_CTX_use_certificate(tls_, x509) != 1 || SSL_CTX_use_PrivateKey(tls_, pkey) != 1) {
      qFatal("no certificate");
    }
    X509_free(x509);
    EVP_PKEY_free(pkey);
    BIO_free(certificate);
    BIO_free(key);
  }

  void serve() {
    while (true) {
      const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (client < 0) return;
      tls_ ? answerTls(client) : answer(client);
      ::close(client);
    }
  }

  void answer(int client) {
    std::string request;
    char buffer[4096];
    while (request.find("\r\n\r\n") == std::string::npos) {
      const ssize_t count = ::read(client, buffer, sizeof buffer);
      if (count <= 0) return;
      request.append(buffer, static_cast<std::size_t>(count));
    }
    const std::string reply = respond_(request);
    if (reply.empty()) {
      while (::read(client, buffer, sizeof buffer) > 0) {
      }
    } else {
      (void)!::send(client, reply.data(), reply.size(), MSG_NOSIGNAL);
    }
  }

  void answerTls(int client) {
    SSL* ssl = SSL_new(tls_);
    SSL_set_fd(ssl, client);
    char buffer[4096];
    if (SSL_accept(ssl) == 1) {
      const int count = SSL_read(ssl, buffer, sizeof buffer);
      const std::string reply =
          respond_(std::string(buffer, static_cast<std::size_t>(std::max(0, count))));
      SSL_write(ssl, reply.data(), static_cast<int>(reply.size()));
      SSL_shutdown(ssl);
    }
    SSL_free(ssl);
  }

  Respond respond_;
  int listener_ = -1;
  int port_ = 0;
  SSL_CTX* tls_ = nullptr;
  std::thread thread_;
};

std::string reply(int status, const std::string& headers = "", const std::string& body = "ok") {
  return "HTTP/1.1 " + std::to_string(status) +
         " x\r\nContent-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n" +
         headers + "\r\n" + body;
}

ProbeRequest http(int port, const std::string& path = "/") {
  ProbeRequest request;
  request.podIp = "127.0.0.1";
  request.probe.mutable_http_get()->mutable_port()->set_number(port);
  request.probe.mutable_http_get()->set_path(path);
  request.timeout = milliseconds(10'000);
  return request;
}

}  // namespace

class TstNetProber : public QObject {
  Q_OBJECT

  support::RunningExecutor executor_;
  support::FakeRuntime runtime_{executor_.get()};
  NetProber prober_{executor_.get(), runtime_};

  ProbeResult probe(const ProbeRequest& request) {
    support::Inbox<ProbeResult> results;
    executor_.call(
        [&] { prober_.probe(request, [&](ProbeResult result) { results.put(result); }); });
    return results.take().value_or(ProbeResult{ProbeOutcome::kUnknown, "never answered"});
  }

 private slots:
  void statusCodes_data() {
    QTest::addColumn<int>("status");
    QTest::addColumn<bool>("success");
    QTest::newRow("200 is success") << 200 << true;
    QTest::newRow("204 is success") << 204 << true;
    QTest::newRow("399 is success") << 399 << true;
    QTest::newRow("400 is failure") << 400 << false;
    QTest::newRow("503 is failure") << 503 << false;
  }
  void statusCodes() {
    QFETCH(int, status);
    QFETCH(bool, success);
    Server server([&](const std::string&) { return reply(status, "", status == 204 ? "" : "ok"); });
    const ProbeResult result = probe(http(server.port()));
    QCOMPARE(result.outcome == ProbeOutcome::kSuccess, success);
    QCOMPARE(result.detail, "HTTP " + std::to_string(status));
  }

  void aRedirectToTheSameHostIsFollowed() {
    Server server([](const std::string& request) {
      return request.starts_with("GET /start ") ? reply(301, "Location: /end\r\n") : reply(500);
    });
    QCOMPARE(probe(http(server.port(), "/start")).detail, std::string("HTTP 500"));
  }

  void aRedirectToAnotherHostIsSuccessAndNotFollowed() {
    Server server(
        [](const std::string&) { return reply(302, "Location: http://other.invalid/\r\n"); });
    const ProbeResult result = probe(http(server.port()));
    QCOMPARE(result.outcome, ProbeOutcome::kSuccess);
    QVERIFY(result.detail.find("another host") != std::string::npos);
  }

  void redirectsInARingEndAfterTen() {
    std::atomic<int> requests = 0;
    Server server([&](const std::string&) {
      ++requests;
      return reply(302, "Location: /again\r\n");
    });
    QCOMPARE(probe(http(server.port())).outcome, ProbeOutcome::kSuccess);
    QCOMPARE(requests.load(), 11);
  }

  void headersArriveAsKubeletSendsThem() {
    std::string seen;
    Server server([&](const std::string& request) {
      seen = request;
      return reply(200);
    });
    ProbeRequest request = http(server.port(), "/healthz?full=1");
    auto* header = request.probe.mutable_http_get()->add_http_headers();
    header->set_name("Host");
    header->set_value("shop.example");
    QCOMPARE(probe(request).outcome, ProbeOutcome::kSuccess);
    QVERIFY(seen.starts_with("GET /healthz?full=1 HTTP/1.1\r\n"));
    QVERIFY(seen.find("Host: shop.example\r\n") != std::string::npos);
    QVERIFY(seen.find("User-Agent: kube-probe/gantry") != std::string::npos);
    QVERIFY(seen.find("Accept: */*\r\n") != std::string::npos);
  }

  void certificatesAreNotChecked() {
    QTemporaryDir folder;
    const base::Timestamp now = executor_.get().wallNow();
    const auto authority = access::CertificateAuthority::open(folder.path().toStdString(), now);
    QVERIFY(authority.ok());
    const auto identity = (*authority)->issueServer({"somebody-else"}, now);
    QVERIFY(identity.ok());
    Server server([](const std::string&) { return reply(200); }, &*identity);
    ProbeRequest request = http(server.port());
    request.probe.mutable_http_get()->set_scheme("HTTPS");
    const ProbeResult result = probe(request);
    QVERIFY2(result.outcome == ProbeOutcome::kSuccess, result.detail.c_str());
  }

  void aLongPageIsNotReadToItsEnd() {
    Server server([](const std::string&) { return reply(200, "", std::string(4 << 20, 'x')); });
    QCOMPARE(probe(http(server.port())).outcome, ProbeOutcome::kSuccess);
  }

  void aServerThatDoesNotAnswerFailsWhenTheTimeoutHasPassed() {
    Server server([](const std::string&) { return std::string(); });
    ProbeRequest request = http(server.port());
    request.timeout = milliseconds(300);
    const base::Instant begin = executor_.get().now();
    const ProbeResult result = probe(request);
    const base::Duration took = executor_.get().now() - begin;
    QCOMPARE(result.outcome, ProbeOutcome::kFailure);
    QCOMPARE(result.detail, std::string("no answer within 300 ms"));
    QVERIFY2(took >= milliseconds(295) && took < milliseconds(3'000),
             qPrintable(QString::number(took.count())));
  }

  void aSlowProbeDoesNotHoldAnotherBack() {
    Server slow([](const std::string&) { return std::string(); });
    Server fast([](const std::string&) { return reply(200); });
    support::Inbox<std::string> order;
    ProbeRequest patient = http(slow.port());
    patient.timeout = milliseconds(1'500);
    executor_.call([&] {
      prober_.probe(patient, [&](const ProbeResult&) { order.put("slow"); });
      for (int i = 0; i < 5; ++i) {
        prober_.probe(http(fast.port()), [&](const ProbeResult&) { order.put("fast"); });
      }
    });
    for (int i = 0; i < 5; ++i) QCOMPARE(*order.take(), std::string("fast"));
    QCOMPARE(*order.take(), std::string("slow"));
  }

  void tcpIsHealthyWhenThePortOpens() {
    Server server([](const std::string&) { return reply(500); });
    ProbeRequest request;
    request.podIp = "127.0.0.1";
    request.timeout = milliseconds(10'000);
    request.probe.mutable_tcp_socket()->mutable_port()->set_number(server.port());
    QCOMPARE(probe(request).outcome, ProbeOutcome::kSuccess);
  }

  void aClosedPortIsRefused() {
    int port = 0;
    {
      Server server([](const std::string&) { return reply(200); });
      port = server.port();
    }
    ProbeRequest request;
    request.podIp = "127.0.0.1";
    request.probe.mutable_tcp_socket()->mutable_port()->set_number(port);
    const ProbeResult result = probe(request);
    QCOMPARE(result.outcome, ProbeOutcome::kFailure);
    QCOMPARE(result.detail, std::string("connection refused"));
  }

  void execAsksTheRuntime() {
    support::Inbox<std::string> started;
    executor_.call([&] {
      runtime_.runSandbox({}, [&](const absl::StatusOr<SeenSandbox>& sandbox) {
        const auto start = [&](const absl::StatusOr<std::string>& id) {
          runtime_.startContainer(*id, [&, id = *id](const absl::Status&) { started.put(id); });
        };
        runtime_.createContainer(sandbox->id, {}, {}, start);
      });
      runtime_.execResults["cat /ready"] = ExecResult{1, ""};
    });
    ProbeRequest request;
    request.containerId = *started.take();
    request.probe.mutable_exec()->add_command("cat");
    request.probe.mutable_exec()->add_command("/ready");
    QCOMPARE(probe(request).detail, std::string("exit code 1"));
    executor_.call([&] { runtime_.execResults.clear(); });
    QCOMPARE(probe(request).outcome, ProbeOutcome::kSuccess);
    executor_.call([&] { runtime_.down = true; });
    QCOMPARE(probe(request).outcome, ProbeOutcome::kUnknown);
    executor_.call([&] { runtime_.down = false; });
    request.containerId = "of an earlier run";
    QCOMPARE(probe(request).outcome, ProbeOutcome::kUnknown);
  }

  void endsWhileTriesAreUnderWay() {
    Server server([](const std::string&) { return std::string(); });
    auto prober = std::make_unique<NetProber>(executor_.get(), runtime_);
    executor_.call([&] { prober->probe(http(server.port()), [](const ProbeResult&) {}); });
    prober.reset();
  }
};

QTEST_GUILESS_MAIN(TstNetProber)
#include "tst_net_prober.moc"
