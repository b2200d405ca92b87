// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "manifests/decode/json_text.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

/// A number, or the name of a port that the container has.
void checkPort(const schema::IntOrString& port, const schema::Container& container,
               const FieldPath& path, Problems& problems) {
  if (port.has_number()) return problems.requireRange(port.number(), 1, kMaxPort, path);
  const bool known = std::ranges::any_of(container.ports(), [&](const schema::ContainerPort& own) {
    return !own.name().empty() && own.name() == port.text();
  });
  if (known) return;
  const bool digits =
      !port.text().empty() && port.text().find_first_not_of("0123456789") == std::string::npos;
  if (digits) {
    problems.error(path, "a port number in quotes is a name, and the container has no such port",
                   "leave out the quotes");
  } else if (port.text().empty()) {
    problems.error(path, "a port is missing", "add `port`");
  } else {
    problems.error(path, "the container has no port " + jsonText(port.text()),
                   "give one of its ports this name, or write the number");
  }
}

void checkHttpGet(const schema::HttpGetAction& action, const schema::Container& container,
                  const FieldPath& path, Problems& problems) {
  checkPort(action.port(), container, path.field("port"), problems);
  problems.requireOneOf(action.scheme(), {"HTTP", "HTTPS"}, path.field("scheme"));
  problems.require(action.path().starts_with('/'), path.field("path"),
                   "the path must begin with /");
  const FieldPath headers = path.field("httpHeaders");
  for (int i = 0; i < action.http_headers_size(); ++i) {
    const FieldPath header = headers.element(i);
    const schema::HttpHeader& given = action.http_headers(i);
    const bool oneLine = given.value().find_first_of("\r\n") == std::string::npos;
    problems.require(oneLine, header.field("value"), "a header is one line");
    problems.require(
        !given.name().empty() && given.name().find_first_of(" :\t\r\n") == std::string::npos,
        header.field("name"), "not a valid name of a header");
  }
}

void checkExec(const schema::ExecAction& action, const FieldPath& path, Problems& problems) {
  problems.require(!action.command().empty(), path.field("command"), "a command is missing",
                   "write it as a list: [\"cat\", \"/ready\"]");
}

enum class Purpose { kReadiness, kLiveness, kStartup };

void checkProbe(const schema::Probe& probe, Purpose purpose, const schema::Container& container,
                const FieldPath& path, Problems& problems) {
  const int handlers = probe.has_exec() + probe.has_http_get() + probe.has_tcp_socket();
  problems.require(handlers == 1, path, "a probe needs exactly one way to look",
                   "use one of httpGet, tcpSocket, exec");
  if (probe.has_exec()) checkExec(probe.exec(), path.field("exec"), problems);
  if (probe.has_http_get()) {
    checkHttpGet(probe.http_get(), container, path.field("httpGet"), problems);
  }
  if (probe.has_tcp_socket()) {
    const FieldPath socket = path.field("tcpSocket");
    checkPort(probe.tcp_socket().port(), container, socket.field("port"), problems);
  }
  problems.requireAtLeast(probe.initial_delay_seconds(), 0, path.field("initialDelaySeconds"));
  problems.requireAtLeast(probe.timeout_seconds(), 1, path.field("timeoutSeconds"));
  problems.requireAtLeast(probe.period_seconds(), 1, path.field("periodSeconds"));
  problems.requireAtLeast(probe.success_threshold(), 1, path.field("successThreshold"));
  problems.requireAtLeast(probe.failure_threshold(), 1, path.field("failureThreshold"));
  problems.require(purpose == Purpose::kReadiness || probe.success_threshold() <= 1,
                   path.field("successThreshold"), "only a readinessProbe may ask for more than 1",
                   "write 1, or remove it");
  if (!probe.has_termination_grace_period_seconds()) return;
  const FieldPath grace = path.field("terminationGracePeriodSeconds");
  problems.require(purpose != Purpose::kReadiness, grace,
                   "a readinessProbe does not end the container", "remove it");
  problems.requireAtLeast(probe.termination_grace_period_seconds(), 1, grace);
}

void checkHandler(const schema::LifecycleHandler& handler, const schema::Container& container,
                  const FieldPath& path, Problems& problems) {
  problems.require(handler.has_exec() != handler.has_http_get(), path,
                   "it needs exactly one thing to do", "use exec or httpGet");
  if (handler.has_exec()) checkExec(handler.exec(), path.field("exec"), problems);
  if (handler.has_http_get()) {
    checkHttpGet(handler.http_get(), container, path.field("httpGet"), problems);
  }
}

}  // namespace

void checkProbes(const schema::Container& container, const FieldPath& path, Problems& problems) {
  if (container.has_readiness_probe()) {
    checkProbe(container.readiness_probe(), Purpose::kReadiness, container,
               path.field("readinessProbe"), problems);
  }
  if (container.has_liveness_probe()) {
    checkProbe(container.liveness_probe(), Purpose::kLiveness, container,
               path.field("livenessProbe"), problems);
  }
  if (container.has_startup_probe()) {
    checkProbe(container.startup_probe(), Purpose::kStartup, container, path.field("startupProbe"),
               problems);
  }
}

void checkLifecycle(const schema::Container& container, const FieldPath& path, Problems& problems) {
  const FieldPath lifecycle = path.field("lifecycle");
  if (container.lifecycle().has_post_start()) {
    checkHandler(container.lifecycle().post_start(), container, lifecycle.field("postStart"),
                 problems);
  }
  if (container.lifecycle().has_pre_stop()) {
    checkHandler(container.lifecycle().pre_stop(), container, lifecycle.field("preStop"), problems);
  }
}

}  // namespace gantry::manifests
