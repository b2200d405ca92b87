// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>

namespace gantry::agent {
namespace {

constexpr int kKeepaliveMs = 10'000;
constexpr int kKeepaliveTimeoutMs = 5'000;
// Back-off is the link's; the channel only keeps from trying more often than this.
constexpr int kReconnectMs = 500;
// How long one connection, TLS included, may take to be made.
constexpr int kConnectTimeoutMs = 5'000;
// A wanted set for a full node, ConfigMaps and Secrets included.
constexpr int kLargestMessageBytes = 64 << 20;
constexpr unsigned kCertificateRefreshSeconds = 5;

grpc::ChannelArguments channelArguments() {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMs);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, kKeepaliveTimeoutMs);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kReconnectMs);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, kConnectTimeoutMs);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kReconnectMs);
  // The controller is spoken to directly, also where the environment names a web proxy.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // Channels to one address would share a connection, made with the older certificate.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetMaxReceiveMessageSize(kLargestMessageBytes);
  return arguments;
}

}  // namespace

std::shared_ptr<grpc::Channel> dialController(const std::string& address,
                                              const std::filesystem::path& folder) {
  const IdentityFiles files = identityFiles(folder);
  grpc::experimental::TlsChannelCredentialsOptions options;
  options.set_certificate_provider(
      std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(
          files.key, files.certificate, files.caCertificate, kCertificateRefreshSeconds));
  options.watch_root_certs();
  options.watch_identity_key_cert_pairs();
  return grpc::CreateCustomChannel(address, grpc::experimental::TlsCredentials(options),
                                   channelArguments());
}

std::shared_ptr<grpc::Channel> dialOnce(const std::string& address, const AgentIdentity& identity) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = identity.caCertificate;
  if (!identity.certificate.empty()) {
    options.pem_private_key = identity.key;
    options.pem_cert_chain = identity.certificate;
  }
  return grpc::CreateCustomChannel(address, grpc::SslCredentials(options), channelArguments());
}

}  // namespace gantry::agent
