// SPDX-License-Identifier: Apache-2.0
#include "controller/server/http_server.h"

#include <httplib.h>

#include <future>
#include <optional>
#include <thread>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "controller/server/link_page.h"

namespace gantry::server {
namespace {

// More than are ever busy with answers: a few that are slow to send must not keep out the others.
constexpr std::size_t kThreads = 8;
constexpr time_t kReadSeconds = 2;
constexpr const char* kWebhooks = "/hooks/git";

// What `question` answers on the executor's thread; empty if that takes too long.
std::optional<std::string> ask(base::Executor& executor, std::function<std::string()> question,
                               std::chrono::seconds patience) {
  auto answer = std::make_shared<std::promise<std::string>>();
  std::future<std::string> future = answer->get_future();
  executor.post([answer, question = std::move(question)] { answer->set_value(question()); });
  if (future.wait_for(patience) != std::future_status::ready) return std::nullopt;
  return future.get();
}

void reply(httplib::Response& response, const std::optional<std::string>& text) {
  response.status = text ? 200 : 503;
  response.set_content(text.value_or("the controller's thread does not answer\n"),
                       "text/plain; version=0.0.4; charset=utf-8");
}

// Whether it was asked for one.
bool serveLink(const std::string& path, httplib::Response& response) {
  const std::optional<LinkPage> page = linkPage(path);
  if (!page) return false;
  response.status = 200;
  response.set_header("Content-Security-Policy", page->policy);
  response.set_header("X-Content-Type-Options", "nosniff");
  response.set_header("Referrer-Policy", "no-referrer");
  response.set_content(page->html, "text/html; charset=utf-8");
  return true;
}

}  // namespace

class HttpServer::Impl {
 public:
  Impl(base::Executor& executor, std::function<std::string()> metrics) {
    server.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
    server.set_read_timeout(kReadSeconds);
    // A request a connection: what is left of a body that was not read is never taken for another.
    server.set_keep_alive_max_count(1);
    server.set_payload_max_length(webhooks::kLargestBody);
    // The library reads a body before it looks for who wants it.
    server.set_pre_routing_handler(
        [this](const httplib::Request& request, httplib::Response& response) {
          const bool wanted = request.method == "GET" || request.method == "HEAD" ||
                              (hooks && request.method == "POST" && request.path == kWebhooks);
          if (wanted && !serveLink(request.path, response)) {
            return httplib::Server::HandlerResponse::Unhandled;
          }
          if (wanted) return httplib::Server::HandlerResponse::Handled;
          response.status = 404;
          return httplib::Server::HandlerResponse::Handled;
        });
    serve("/healthz", executor, [] { return std::string("ok\n"); }, kAlive);
    serve("/readyz", executor, [] { return std::string("ready\n"); }, kReady);
    serve("/metrics", executor, std::move(metrics), kReady);
  }

  void serve(const char* path, base::Executor& executor, std::function<std::string()> question,
             std::chrono::seconds patience) {
    server.Get(path, [&executor, question = std::move(question), patience](
                         const httplib::Request&, httplib::Response& response) {
      reply(response, ask(executor, question, patience));
    });
  }

  httplib::Server server;
  bool hooks = false;
  std::thread thread;
  int port = 0;
};

HttpServer::HttpServer(base::Executor& executor, std::function<std::string()> metrics)
    : impl_(std::make_unique<Impl>(executor, std::move(metrics))) {}

HttpServer::~HttpServer() {
  stop();
}

void HttpServer::serveWebhooks(WebhookEndpoint& endpoint) {
  impl_->hooks = true;
  impl_->server.Post(kWebhooks, [&endpoint](const httplib::Request& request,
                                            httplib::Response& response,
                                            const httplib::ContentReader& body) {
    endpoint.take(
        [&request](std::string_view name) { return request.get_header_value(std::string(name)); },
        request.remote_addr,
        [&body](const WebhookEndpoint::Sink& sink) {
          return body([&sink](const char* data, std::size_t size) { return sink({data, size}); });
        },
        [&response](int status, const std::string& text) {
          response.status = status;
          response.set_content(text + "\n", "text/plain; charset=utf-8");
        });
  });
}

absl::Status HttpServer::start(const std::string& listen) {
  const std::size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port) ||
      port < 0 || port > 65535) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", listen, "\" is not an address to listen on; write host:port"));
  }
  const std::string host = listen.substr(0, colon);
  if (port == 0) {
    port = impl_->server.bind_to_any_port(host);
  } else if (!impl_->server.bind_to_port(host, port)) {
    port = -1;
  }
  if (port <= 0) {
    return absl::UnavailableError(
        absl::StrCat("cannot listen on ", listen, " for HTTP; is the port taken?"));
  }
  impl_->port = port;
  impl_->thread = std::thread([this] { impl_->server.listen_after_bind(); });
  // The library forgets a stop that comes before it runs.
  while (!impl_->server.is_running()) std::this_thread::yield();
  return absl::OkStatus();
}

int HttpServer::port() const {
  return impl_->port;
}

void HttpServer::stop() {
  if (!impl_->thread.joinable()) return;
  impl_->server.stop();
  impl_->thread.join();
}

}  // namespace gantry::server
