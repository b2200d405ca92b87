// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/node/machine.h"

#include <arpa/inet.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <sstream>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "manifests/decode/quantity.h"

namespace gantry::agent {
namespace {

constexpr int kPods = 110;
constexpr std::int64_t kReservedCpuMillis = 100;
constexpr std::int64_t kReservedMemory = 256LL << 20;

std::string fileText(const char* path) {
  const absl::StatusOr<std::string> text = base::readFile(path);
  return text.ok() ? std::string(absl::StripAsciiWhitespace(*text)) : "";
}

std::string osImage() {
  std::istringstream lines(fileText("/etc/os-release"));
  const std::string key = "PRETTY_NAME=";
  for (std::string line; std::getline(lines, line);) {
    if (!absl::StartsWith(line, key)) continue;
    line.erase(0, key.size());
    std::erase(line, '"');
    return line;
  }
  return "";
}

std::string architectureOf(const std::string& machine) {
  if (machine == "x86_64") return "amd64";
  return machine == "aarch64" ? "arm64" : machine;
}

void setAmounts(google::protobuf::Map<std::string, schema::Quantity>& amounts,
                std::int64_t cpuMillis, std::int64_t memoryBytes) {
  amounts["cpu"].set_text(manifests::formatMillis(cpuMillis));
  amounts["memory"].set_text(manifests::formatBytes(memoryBytes));
  amounts["pods"].set_text(absl::StrCat(kPods));
}

}  // namespace

Machine readMachine() {
  Machine machine;
  machine.cpus = static_cast<int>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
  struct sysinfo memory{};
  if (::sysinfo(&memory) == 0) {
    machine.memoryBytes = static_cast<std::int64_t>(memory.totalram) * memory.mem_unit;
  }
  struct utsname names{};
  if (::uname(&names) == 0) {
    machine.hostname = absl::AsciiStrToLower(names.nodename);
    machine.operatingSystem = absl::AsciiStrToLower(names.sysname);
    machine.architecture = architectureOf(names.machine);
    machine.kernelVersion = names.release;
  }
  machine.osImage = osImage();
  machine.bootId = fileText("/proc/sys/kernel/random/boot_id");
  return machine;
}

schema::NodeStatus nodeStatus(const Machine& machine, const std::string& address) {
  schema::NodeStatus status;
  const std::int64_t cpuMillis = machine.cpus * 1'000LL;
  setAmounts(*status.mutable_capacity(), cpuMillis, machine.memoryBytes);
  setAmounts(*status.mutable_allocatable(),
             std::max<std::int64_t>(0, cpuMillis - kReservedCpuMillis),
             machine.memoryBytes - std::min(kReservedMemory, machine.memoryBytes / 10));
  status.set_address(address);
  schema::NodeInfo& info = *status.mutable_node_info();
  info.set_operating_system(machine.operatingSystem);
  info.set_os_image(machine.osImage);
  info.set_architecture(machine.architecture);
  info.set_kernel_version(machine.kernelVersion);
  info.set_boot_id(machine.bootId);
  info.set_agent_version(GANTRY_VERSION);
  return status;
}

std::map<std::string, std::string> nodeLabels(const Machine& machine, const std::string& node,
                                              const std::map<std::string, std::string>& own) {
  std::map<std::string, std::string> labels = own;
  labels.emplace("kubernetes.io/os", machine.operatingSystem);
  labels.emplace("kubernetes.io/arch", machine.architecture);
  labels.emplace("kubernetes.io/hostname", node);
  return labels;
}

std::string addressTowards(const std::string& hostAndPort) {
  const std::size_t colon = hostAndPort.rfind(':');
  if (colon == std::string::npos) return "";
  addrinfo hints{};
  hints.ai_family = AF_INET;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  if (::getaddrinfo(hostAndPort.substr(0, colon).c_str(), hostAndPort.substr(colon + 1).c_str(),
                    &hints, &found) != 0) {
    return "";
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owned(found, &::freeaddrinfo);
  const int socket = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (socket < 0) return "";
  const auto close = absl::MakeCleanup([socket] { ::close(socket); });
  sockaddr_in own{};
  socklen_t size = sizeof own;
  // Connecting a datagram socket only picks the way.
  if (::connect(socket, found->ai_addr, found->ai_addrlen) != 0 ||
      ::getsockname(socket, reinterpret_cast<sockaddr*>(&own), &size) != 0) {
    return "";
  }
  std::array<char, INET_ADDRSTRLEN> text{};
  return ::inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size()) == nullptr ? ""
                                                                                  : text.data();
}

}  // namespace gantry::agent
