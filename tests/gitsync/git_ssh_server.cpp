// SPDX-License-Identifier: Apache-2.0
#include "tests/gitsync/git_ssh_server.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/file.h"

extern char** environ;

namespace gantry::support {
namespace {

namespace fs = std::filesystem;

void run(const std::string& command) {
  GANTRY_CHECK(std::system((command + " >/dev/null 2>&1").c_str()) == 0);
}

sockaddr_in loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// sshd cannot choose one by itself.
int freePort() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof address;
  GANTRY_CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
  GANTRY_CHECK(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  ::close(fd);
  return ntohs(address.sin_port);
}

bool answers(int port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(port);
  const bool connected = ::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  ::close(fd);
  return connected;
}

}  // namespace

GitSshServer::GitSshServer(fs::path work) : work_(std::move(work)), port_(freePort()) {
  fs::create_directories(work_);
  const std::string in = work_.string() + "/";
  run("ssh-keygen -q -t ed25519 -N '' -f " + in + "host");
  run("ssh-keygen -q -t ed25519 -N '' -f " + in + "user");
  const std::string known =
      absl::StrCat("[127.0.0.1]:", port_, " ", *base::readFile(work_ / "host.pub"));
  GANTRY_CHECK(base::writeFileAtomically(work_ / "known_hosts", known).ok());
  const std::string config = absl::StrCat(
      "ListenAddress 127.0.0.1\nPort ", port_, "\nHostKey ", in, "host\nPidFile none\n",
      "AuthorizedKeysFile ", in, "user.pub\nStrictModes no\nUsePAM no\nPermitRootLogin yes\n",
      "PasswordAuthentication no\nKbdInteractiveAuthentication no\n");
  GANTRY_CHECK(base::writeFileAtomically(work_ / "config", config).ok());
  // sshd insists on it when it is root.
  if (::geteuid() == 0) fs::create_directories("/run/sshd");
  std::string program = "/usr/sbin/sshd";
  std::string file = in + "config";
  std::string log = in + "log";
  char* arguments[] = {program.data(), const_cast<char*>("-D"), const_cast<char*>("-E"),
                       log.data(),     const_cast<char*>("-f"), file.data(),
                       nullptr};
  GANTRY_CHECK(::posix_spawn(&pid_, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
  for (int i = 0; !answers(port_); ++i) {
    GANTRY_CHECK(i < 1'000);
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

GitSshServer::~GitSshServer() {
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

std::string GitSshServer::url(const fs::path& repository) const {
  return absl::StrCat("ssh://", ::getpwuid(::geteuid())->pw_name, "@127.0.0.1:", port_,
                      repository.string());
}

std::string GitSshServer::hostFingerprint() const {
  const std::string file = (work_ / "fingerprint").string();
  GANTRY_CHECK(std::system(("ssh-keygen -l -f " + (work_ / "host.pub").string() +
                            " | cut -d' ' -f2 >" + file)
                               .c_str()) == 0);
  std::string text = *base::readFile(file);
  while (text.ends_with('\n')) text.pop_back();
  return text;
}

}  // namespace gantry::support
