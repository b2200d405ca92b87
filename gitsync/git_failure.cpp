// SPDX-License-Identifier: Apache-2.0
#include "gitsync/git_failure.h"

#include <array>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace gantry::gitsync {
namespace {

/// What git and ssh themselves said, without what the remote said and without ssh's trace.
struct Said {
  /// Without what stands in quotes: URLs and names of others.
  std::string all;
  /// The line to show.
  std::string last;
  /// "ssh-ed25519 SHA256:…", from ssh's trace.
  std::string hostKey;
};

std::string withoutQuoted(const std::string& line) {
  std::string kept;
  bool inside = false;
  for (const char c : line) {
    if (c == '\'') inside = !inside;
    if (!inside) kept += c;
  }
  return kept;
}

Said read(const std::string& errors) {
  static constexpr std::string_view kHostKey = "debug1: Server host key: ";
  Said said;
  for (const std::string& line : std::vector<std::string>(
           absl::StrSplit(errors, absl::ByAnyChar("\r\n"), absl::SkipEmpty()))) {
    if (line.starts_with(kHostKey)) said.hostKey = line.substr(kHostKey.size());
    if (line.starts_with("debug") || line.starts_with("remote:") || line.starts_with("OpenSSH_") ||
        line.starts_with("Authenticated to ") || line.starts_with("Transferred: ") ||
        line.starts_with("Bytes per second")) {
      continue;
    }
    absl::StrAppend(&said.all, withoutQuoted(line), "\n");
    const bool fatal = line.starts_with("fatal: ");
    if (fatal || said.last.empty()) said.last = std::string(absl::StripPrefix(line, "fatal: "));
  }
  return said;
}

absl::Status hostKeyFailure(const Said& said, const RemoteUrl& remote,
                            const child::Access& access) {
  const std::string host =
      remote.port.empty() ? remote.host : absl::StrCat("[", remote.host, "]:", remote.port);
  const std::string key = said.hostKey.empty() ? "unknown key" : said.hostKey;
  if (absl::StrContains(said.all, "HAS CHANGED")) {
    return absl::PermissionDeniedError(absl::StrCat(
        "the host key of ", host, " has changed: it is now ", key, ", which is not what ",
        access.known_hosts_file(),
        " holds. Somebody may stand in between; if the key was changed on purpose, replace its "
        "line there"));
  }
  return absl::PermissionDeniedError(absl::StrCat(
      "the host key of ", host, " (", key, ") is not in ", access.known_hosts_file(),
      "; if that is the fingerprint that the server's administrator publishes, add the line of "
      "ssh-keyscan to it"));
}

constexpr absl::string_view kWrongToken =
    "the server refuses the token or password; give a valid one in the tokenFile";

constexpr absl::string_view kFullDisk = "the controller's disk is full; free space on it";

struct Pattern {
  absl::string_view text;
  absl::StatusCode code;
  /// What to do; empty: what git said is enough.
  absl::string_view hint;
};

// In the order in which they are looked for. The words are those of LC_ALL=C.
constexpr auto kPatterns = std::to_array<Pattern>({
    {"could not read Username", absl::StatusCode::kPermissionDenied,
     "the server asks who it is; give a token for this URL in the file of --git-credentials"},
    {"Authentication failed", absl::StatusCode::kPermissionDenied, kWrongToken},
    {"returned error: 401", absl::StatusCode::kPermissionDenied, kWrongToken},
    {"returned error: 403", absl::StatusCode::kPermissionDenied, ""},
    {"returned error: 404", absl::StatusCode::kNotFound, ""},
    {"returned error: 30", absl::StatusCode::kFailedPrecondition,
     "the server redirects, and credentials are not sent on to elsewhere; use the URL that it "
     "redirects to, often the same with .git at its end"},
    {"Permission denied (", absl::StatusCode::kPermissionDenied,
     "the server refuses the SSH key; add its public half there, or see that the passphrase is "
     "right"},
    {"certificate", absl::StatusCode::kPermissionDenied, ""},
    {"SSL", absl::StatusCode::kPermissionDenied, ""},
    {"TLS", absl::StatusCode::kPermissionDenied, ""},
    {"gnutls", absl::StatusCode::kPermissionDenied, ""},
    {"No space left", absl::StatusCode::kResourceExhausted, kFullDisk},
    {"Disk quota exceeded", absl::StatusCode::kResourceExhausted, kFullDisk},
    {"out of memory", absl::StatusCode::kResourceExhausted, ""},
    {"Out of memory", absl::StatusCode::kResourceExhausted, ""},
    {"mmap failed", absl::StatusCode::kResourceExhausted, ""},
    {"does not appear to be a git repository", absl::StatusCode::kNotFound, ""},
    {"not found", absl::StatusCode::kNotFound, ""},
    {"ouldn't find remote ref", absl::StatusCode::kAborted, "it went away just now"},
});

}  // namespace

absl::Status gitFailure(const std::string& errors, const RemoteUrl& remote,
                        const child::Access& access) {
  const Said said = read(errors);
  if (absl::StrContains(said.all, "Host key verification failed")) {
    return hostKeyFailure(said, remote, access);
  }
  const bool gave = !access.token_file().empty() || !remote.user.empty();
  if (gave && absl::StrContains(said.all, "could not read Username")) {
    return absl::PermissionDeniedError(kWrongToken);
  }
  for (const Pattern& pattern : kPatterns) {
    if (!absl::StrContains(said.all, pattern.text)) continue;
    return absl::Status(pattern.code, pattern.hint.empty()
                                          ? said.last
                                          : absl::StrCat(pattern.hint, " (", said.last, ")"));
  }
  return absl::UnavailableError(said.last.empty() ? "git failed without a word" : said.last);
}

}  // namespace gantry::gitsync
