// SPDX-License-Identifier: Apache-2.0
#include <QElapsedTimer>
#include <QTest>

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sys/socket.h>
#include <unistd.h>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "controller/server/http_server.h"
#include "tests/support/running_executor.h"

using namespace gantry;
using namespace gantry::server;

namespace {

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

std::string payload() {
  return *base::readFile(GANTRY_SOURCE_DIR "/tests/controller/webhooks/payloads/github-push.json");
}

httplib::Headers signedHeaders(const std::string& body) {
  unsigned char digest[32];
  HMAC(EVP_sha256(), kSecret, sizeof kSecret - 1,
       reinterpret_cast<const unsigned char*>(body.data()), body.size(), digest, nullptr);
  const std::string hex =
      absl::BytesToHexString(std::string(reinterpret_cast<char*>(digest), sizeof digest));
  return {{"X-GitHub-Event", "push"}, {"X-Hub-Signature-256", "sha256=" + hex}};
}

/// The real HTTP server with an endpoint for webhooks.
class World {
 public:
  World()
      : endpoint_(
            executor_.get(), *webhooks::Secrets::parse(kSecret, "test"),
            [this](const webhooks::PushHint& hint) { hints.put(hint); },
            [this](const webhooks::Answer& answer) { results.put(answer.result); }),
        server_(executor_.get(), [] { return std::string(); }) {
    server_.serveWebhooks(endpoint_);
    const absl::Status started = server_.start("127.0.0.1:0");
    if (!started.ok()) qFatal("%s", started.ToString().c_str());
  }
  ~World() { server_.stop(); }

  httplib::Result post(const httplib::Headers& headers, const std::string& body) {
    return httplib::Client("127.0.0.1", server_.port())
        .Post("/hooks/git", headers, body, "application/json");
  }

  /// What comes back on a connection that `text` is written to, until the server closes it.
  std::string raw(const std::string& text) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(server_.port()));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    if (::connect(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 &&
        ::send(socket, text.data(), text.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(text.size())) {
      char buffer[4096];
      ssize_t got = 0;
      while ((got = ::recv(socket, buffer, sizeof buffer, 0)) > 0) {
        answer.append(buffer, static_cast<std::size_t>(got));
      }
    }
    ::close(socket);
    return answer;
  }

  support::Inbox<webhooks::PushHint> hints;
  support::Inbox<std::string> results;

 private:
  support::RunningExecutor executor_;
  WebhookEndpoint endpoint_;
  HttpServer server_;
};

}  // namespace

class TstWebhookEndpoint : public QObject {
  Q_OBJECT

 private slots:
  void passesAPushOn() {
    World world;
    const auto response = world.post(signedHeaders(payload()), payload());
    QVERIFY(response);
    QCOMPARE(response->status, 202);
    const auto hint = world.hints.take();
    QVERIFY(hint.has_value());
    QVERIFY(webhooks::concerns(*hint, "https://github.com/acme/shop", "main"));
    QCOMPARE(*world.results.take(), std::string("accepted"));
  }

  void refusesAWrongSignature() {
    World world;
    const auto response = world.post(signedHeaders(payload() + " "), payload());
    QVERIFY(response);
    QCOMPARE(response->status, 401);
    QCOMPARE(response->body, std::string("unauthorized\n"));
    QCOMPARE(*world.results.take(), std::string("bad_signature"));
    QVERIFY(!world.hints.take(std::chrono::milliseconds(50)));
  }

  void refusesWhoIsUnknown() {
    World world;
    const auto response = world.post({}, "{}");
    QVERIFY(response);
    QCOMPARE(response->status, 400);
  }

  void readsNothingOfABodyThatIsTooLarge() {
    World world;
    // No byte of the body is ever sent.
    const std::string answer = world.raw(
        "POST /hooks/git HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\n"
        "Content-Length: 1099511627776\r\n\r\n");
    QVERIFY2(absl::StartsWith(answer, "HTTP/1.1 413"), answer.c_str());
  }

  void stopsReadingABodyThatDoesNotSayHowLargeItIs() {
    World world;
    std::string request =
        "POST /hooks/git HTTP/1.1\r\nHost: x\r\nX-GitHub-Event: push\r\n"
        "Transfer-Encoding: chunked\r\n\r\n";
    const std::string chunk = absl::StrCat("10000\r\n", std::string(0x10000, 'x'), "\r\n");
    for (int i = 0; i < 17; ++i) request += chunk;
    world.raw(request);
    QCOMPARE(*world.results.take(), std::string("too_large"));
  }

  void takesNoSecondRequestOutOfTheRestOfABody() {
    World world;
    const std::string answer = world.raw(
        "POST /hooks/git HTTP/1.1\r\nHost: x\r\nContent-Length: 40\r\n\r\n"
        "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n      ");
    QVERIFY2(absl::StartsWith(answer, "HTTP/1.1 400"), answer.c_str());
    QVERIFY(!absl::StrContains(answer, "200 OK"));
  }

  void readsNoBodyElsewhere() {
    World world;
    const std::string answer =
        world.raw("POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1099511627776\r\n\r\n");
    QVERIFY2(absl::StartsWith(answer, "HTTP/1.1 404"), answer.c_str());
  }

  void refusesAFlood() {
    World world;
    const std::string body = payload();
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
      const auto response = world.post(signedHeaders(body), body);
      QVERIFY(response);
      refused += response->status == 429 ? 1 : 0;
    }
    QVERIFY2(refused > 50, qPrintable(QString::number(refused)));
  }

  void aFloodOfStrangersDoesNotKeepTheProviderOut() {
    World world;
    const std::string body = payload();
    int refused = 0;
    for (int i = 0; i < 200; ++i) {
      const auto response = world.post(signedHeaders(body + " "), body);
      QVERIFY(response);
      refused += response->status == 429 ? 1 : 0;
    }
    QVERIFY2(refused > 50, qPrintable(QString::number(refused)));
    QCOMPARE(world.post(signedHeaders(body), body)->status, 202);
  }

  void answersBeforeTheWorkIsDone() {
    World world;
    const std::string body = payload();
    QElapsedTimer timer;
    timer.start();
    for (int i = 0; i < 20; ++i) QCOMPARE(world.post(signedHeaders(body), body)->status, 202);
    qInfo("%.2f ms a delivery", static_cast<double>(timer.nsecsElapsed()) / 20e6);
  }
};

QTEST_GUILESS_MAIN(TstWebhookEndpoint)
#include "tst_webhook_endpoint.moc"
