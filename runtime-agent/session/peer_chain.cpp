// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/peer_chain.h"

#include <netdb.h>
#include <openssl/pem.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "base/ids.h"
#include "base/openssl.h"
#include "base/status.h"

namespace gantry::agent {
namespace {

absl::StatusOr<std::pair<std::string, std::string>> splitAddress(const std::string& address) {
  const auto colon = address.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == address.size()) {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", address, "\" is not the address of a controller; write host:port"));
  }
  const std::string host(
      absl::StripSuffix(absl::StripPrefix(absl::string_view(address).substr(0, colon), "["), "]"));
  return std::pair(host, address.substr(colon + 1));
}

int openSocket(const addrinfo& target, base::Duration timeout) {
  const int fd = ::socket(target.ai_family, target.ai_socktype | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  timeval limit{};
  limit.tv_sec = timeout.count() / 1000;
  limit.tv_usec = timeout.count() % 1000 * 1000;
  // The send timeout bounds connect as well.
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  if (::connect(fd, target.ai_addr, target.ai_addrlen) == 0) return fd;
  const int error = errno;
  ::close(fd);
  errno = error == EINPROGRESS ? ETIMEDOUT : error;
  return -1;
}

absl::StatusOr<int> connectTo(const std::string& host, const std::string& port,
                              base::Duration timeout) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(host.c_str(), port.c_str(), &hints, &found); error != 0) {
    return absl::UnavailableError(absl::StrCat(host, ": ", ::gai_strerror(error)));
  }
  const absl::Cleanup free = [found] { ::freeaddrinfo(found); };
  for (const addrinfo* each = found; each != nullptr; each = each->ai_next) {
    if (const int fd = openSocket(*each, timeout); fd >= 0) return fd;
  }
  return absl::UnavailableError(absl::StrCat(host, ":", port, ": ", std::strerror(errno)));
}

}  // namespace

absl::StatusOr<std::vector<std::string>> fetchPeerChain(const std::string& address,
                                                        base::Duration timeout) {
  GANTRY_ASSIGN_OR_RETURN(const auto hostAndPort, splitAddress(address));
  GANTRY_ASSIGN_OR_RETURN(const int fd, connectTo(hostAndPort.first, hostAndPort.second, timeout));
  const absl::Cleanup close = [fd] { ::close(fd); };
  const base::TlsContextPtr context(SSL_CTX_new(TLS_client_method()));
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  const base::TlsPtr tls(SSL_new(context.get()));
  SSL_set_fd(tls.get(), fd);
  // gRPC servers speak to nobody who does not offer HTTP/2.
  static constexpr unsigned char kHttp2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(tls.get(), kHttp2, sizeof kHttp2);
  if (SSL_connect(tls.get()) != 1) {
    return absl::UnavailableError(base::opensslError(absl::StrCat(address, ": no TLS")));
  }
  std::vector<std::string> chain;
  const STACK_OF(X509)* certificates = SSL_get_peer_cert_chain(tls.get());
  for (int i = 0; i < sk_X509_num(certificates); ++i) {
    chain.push_back(base::toPem(sk_X509_value(certificates, i)));
  }
  return chain;
}

absl::StatusOr<std::string> certificateHash(const std::string& pem) {
  const auto certificate = base::certificateFromPem(pem);
  unsigned char* der = nullptr;
  const int size = certificate.ok() ? i2d_X509(certificate->get(), &der) : -1;
  if (size < 0) return absl::InvalidArgumentError("not a certificate");
  const absl::Cleanup free = [der] { OPENSSL_free(der); };
  return base::sha256Hex({reinterpret_cast<const char*>(der), static_cast<std::size_t>(size)});
}

}  // namespace gantry::agent
