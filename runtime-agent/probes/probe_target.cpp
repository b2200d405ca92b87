// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/probes/probe_target.h"

#include <curl/curl.h>

#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gantry::agent {
namespace {

absl::StatusOr<int> resolvePort(const schema::IntOrString& port, const ProbeRequest& request) {
  int number = port.number();
  if (port.has_text()) {
    number = 0;
    for (const schema::ContainerPort& each : request.ports) {
      if (each.name() == port.text()) number = each.container_port();
    }
    if (number == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("the container has no port named \"", port.text(), "\""));
    }
  }
  if (number < 1 || number > 65535) {
    return absl::InvalidArgumentError(absl::StrCat("port ", number, " is not within 1 to 65535"));
  }
  return number;
}

std::string authority(const std::string& host, int port) {
  const bool isIpv6 = absl::StrContains(host, ':');
  return absl::StrCat(isIpv6 ? "[" : "", host, isIpv6 ? "]" : "", ":", port);
}

// A header with an empty value is sent by libcurl only as "Name;". User-Agent and Accept are the
// two that an empty value removes.
std::string headerLine(const schema::HttpHeader& header) {
  if (!header.value().empty()) return absl::StrCat(header.name(), ": ", header.value());
  const bool isDefault = absl::EqualsIgnoreCase(header.name(), "User-Agent") ||
                         absl::EqualsIgnoreCase(header.name(), "Accept");
  return absl::StrCat(header.name(), isDefault ? ":" : ";");
}

std::string hostOf(const std::string& url) {
  const std::unique_ptr<CURLU, decltype(&curl_url_cleanup)> parsed(curl_url(), &curl_url_cleanup);
  char* host = nullptr;
  if (curl_url_set(parsed.get(), CURLUPART_URL, url.c_str(), 0) != CURLUE_OK ||
      curl_url_get(parsed.get(), CURLUPART_HOST, &host, 0) != CURLUE_OK) {
    return "";
  }
  const std::string copy = absl::AsciiStrToLower(host);
  curl_free(host);
  return copy;
}

}  // namespace

absl::StatusOr<ProbeTarget> probeTarget(const ProbeRequest& request) {
  ProbeTarget target;
  if (request.probe.has_tcp_socket()) {
    const schema::TcpSocketAction& tcp = request.probe.tcp_socket();
    GANTRY_ASSIGN_OR_RETURN(const int port, resolvePort(tcp.port(), request));
    target.url =
        absl::StrCat("http://", authority(tcp.host().empty() ? request.podIp : tcp.host(), port));
    target.connectOnly = true;
    return target;
  }
  const schema::HttpGetAction& http = request.probe.http_get();
  GANTRY_ASSIGN_OR_RETURN(const int port, resolvePort(http.port(), request));
  const bool hasSlash = absl::StartsWith(http.path(), "/");
  target.url = absl::StrCat(http.scheme() == "HTTPS" ? "https://" : "http://",
                            authority(http.host().empty() ? request.podIp : http.host(), port),
                            hasSlash ? "" : "/", http.path());
  target.headers = {"User-Agent: kube-probe/gantry-" GANTRY_VERSION, "Accept: */*"};
  for (const schema::HttpHeader& header : http.http_headers()) {
    const std::string prefix = absl::StrCat(header.name(), ":");
    std::erase_if(target.headers, [&](const std::string& line) {
      return absl::StartsWithIgnoreCase(line, prefix);
    });
  }
  for (const schema::HttpHeader& header : http.http_headers()) {
    target.headers.push_back(headerLine(header));
  }
  return target;
}

bool isHealthy(long httpStatus) {
  return httpStatus >= 200 && httpStatus < 400;
}

ProbeResult execOutcome(const absl::StatusOr<ExecResult>& answer) {
  if (answer.ok() && answer->exitCode == 0) return {ProbeOutcome::kSuccess, "exit code 0"};
  if (answer.ok()) {
    return {ProbeOutcome::kFailure, absl::StrCat("exit code ", answer->exitCode)};
  }
  const bool tellsNothing =
      absl::IsUnavailable(answer.status()) || absl::IsNotFound(answer.status());
  return {tellsNothing ? ProbeOutcome::kUnknown : ProbeOutcome::kFailure,
          std::string(answer.status().message())};
}

bool isSameHost(const std::string& url, const std::string& other) {
  const std::string host = hostOf(url);
  return !host.empty() && host == hostOf(other);
}

}  // namespace gantry::agent
