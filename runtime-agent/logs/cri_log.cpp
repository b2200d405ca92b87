// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/logs/cri_log.h"

#include <utility>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace gantry::agent {
namespace {

// The text up to the next space, which is taken off `rest`; empty if there is none.
std::string_view takeWord(std::string_view& rest) {
  const auto space = rest.find(' ');
  if (space == std::string_view::npos) return "";
  const std::string_view word = rest.substr(0, space);
  rest.remove_prefix(space + 1);
  return word;
}

}  // namespace

std::optional<CriRecord> parseCriRecord(std::string_view line) {
  const std::string_view time = takeWord(line);
  const std::string_view stream = takeWord(line);
  // The text may be empty, and then the space before it is missing in some runtimes.
  const auto tagEnd = std::min(line.find(' '), line.size());
  const std::string_view tags = line.substr(0, tagEnd);
  CriRecord record;
  record.text = line.substr(std::min(tagEnd + 1, line.size()));

  absl::Time parsed;
  std::string ignored;
  if (!absl::ParseTime(absl::RFC3339_full, absl::string_view(time.data(), time.size()), &parsed,
                       &ignored)) {
    return std::nullopt;
  }
  if (stream != "stdout" && stream != "stderr") return std::nullopt;
  // More tags may follow the first one after a colon.
  const std::string_view tag = tags.substr(0, tags.find(':'));
  if (tag != "F" && tag != "P") return std::nullopt;
  record.timeNs = absl::ToUnixNanos(parsed);
  record.isStderr = stream == "stderr";
  record.isPartial = tag == "P";
  return record;
}

std::optional<LoggedLine> LineAssembler::add(const CriRecord& record) {
  auto [entry, isFirst] =
      open_.try_emplace(record.isStderr, LoggedLine{record.timeNs, record.isStderr, std::string()});
  std::string& text = entry->second.text;
  text.append(record.text);
  if (record.isPartial && text.size() < maxLineBytes_) return std::nullopt;
  LoggedLine line = std::move(entry->second);
  open_.erase(entry);
  return line;
}

std::vector<LoggedLine> LineAssembler::finish() {
  std::vector<LoggedLine> lines;
  lines.reserve(open_.size());
  for (auto& [isStderr, line] : open_) lines.push_back(std::move(line));
  open_.clear();
  return lines;
}

}  // namespace gantry::agent
