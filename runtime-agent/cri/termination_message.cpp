// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/cri/termination_message.h"

#include <algorithm>
#include <deque>
#include <fstream>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "runtime-agent/cri/labels.h"
#include "runtime-agent/logs/cri_log.h"
#include "runtime-agent/logs/log_files.h"
#include "runtime-agent/logs/utf8.h"

namespace gantry::agent::cri {
namespace {

namespace fs = std::filesystem;

// As kubelet's.
constexpr std::size_t kMostBytes = 4'096;
constexpr std::size_t kMostLogBytes = 2'048;
constexpr std::size_t kMostLogLines = 80;
// A record of the log is longer than its text: by some 45 bytes.
constexpr std::size_t kMostRawBytes = kMostLogBytes + kMostLogLines * 64;

/// The last bytes of a file, at most that many; empty if it cannot be read.
std::string endOf(const fs::path& path, std::size_t bytes) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  const std::streamoff from = std::max<std::streamoff>(0, size - std::streamoff(bytes));
  std::string text(std::size_t(size - from), '\0');
  file.seekg(from);
  file.read(text.data(), std::streamsize(text.size()));
  text.resize(std::size_t(file.gcount()));
  return text;
}

std::string cutFront(std::string text, std::size_t bytes) {
  return text.size() <= bytes ? text : text.substr(text.size() - bytes);
}

/// A record that was cut in front is none any more, and left out.
std::string endOfLog(const fs::path& log) {
  std::deque<std::string> lines;
  LineAssembler assembler(kMostRawBytes);
  const std::string raw = endOf(log, kMostRawBytes);
  for (const absl::string_view each : absl::StrSplit(raw, '\n')) {
    const std::optional<CriRecord> record = parseCriRecord({each.data(), each.size()});
    if (!record) continue;
    if (std::optional<LoggedLine> line = assembler.add(*record)) lines.push_back(line->text);
  }
  for (LoggedLine& line : assembler.finish()) lines.push_back(std::move(line.text));
  while (lines.size() > kMostLogLines) lines.pop_front();
  return cutFront(absl::StrJoin(lines, "\n"), kMostLogBytes);
}

std::string cleaned(std::string text) {
  absl::StripTrailingAsciiWhitespace(&text);
  return toUtf8(text);
}

}  // namespace

absl::Status offerTerminationMessage(const SandboxSpec& sandbox, ContainerSpec& spec) {
  if (spec.terminationMessagePath.empty()) return absl::OkStatus();
  const fs::path file = messageBeside(fs::path(sandbox.logDirectory) / spec.logPath);
  std::error_code error;
  fs::create_directories(file.parent_path(), error);
  const bool made = !error && std::ofstream(file).good();
  // Whoever the container runs as may write it.
  if (made) fs::permissions(file, fs::perms(0666), error);
  if (!made || error) {
    return absl::UnavailableError(
        absl::StrCat("cannot make ", file.string(), " for terminationMessagePath"));
  }
  spec.mounts.push_back({.hostPath = file.string(),
                         .subPath = "",
                         .containerPath = spec.terminationMessagePath,
                         .readOnly = false});
  if (spec.terminationMessageOrLog) spec.labels[labels::kMessageOrLog] = "true";
  return absl::OkStatus();
}

std::string terminationMessage(const fs::path& log, bool orLog) {
  std::string message = cleaned(endOf(messageBeside(log), kMostBytes));
  return message.empty() && orLog ? cleaned(endOfLog(log)) : message;
}

}  // namespace gantry::agent::cri
