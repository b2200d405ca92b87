// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/build.h"

#include "manifests/decode/json_text.h"

namespace gantry::manifests::kustomize {
namespace {

constexpr std::size_t kMaxQuoted = 120;

}  // namespace

bool Build::error(const Place& where, std::string path, std::string message, std::string hint) {
  result_.diagnostics.push_back({Diagnostic::Severity::kError, where.location(), std::move(path),
                                 std::move(message), std::move(hint)});
  return false;
}

void Build::warn(const Place& where, std::string path, std::string message, std::string hint) {
  result_.diagnostics.push_back({Diagnostic::Severity::kWarning, where.location(), std::move(path),
                                 std::move(message), std::move(hint)});
}

bool Build::take(std::vector<Diagnostic> diagnostics) {
  const bool good = !hasErrors(diagnostics);
  for (Diagnostic& diagnostic : diagnostics) result_.diagnostics.push_back(std::move(diagnostic));
  return good;
}

std::optional<std::string_view> Build::read(const std::string& path) {
  if (const auto known = opened_.find(path); known != opened_.end()) return known->second.text;
  const std::string_view content = files_.at(path);
  std::optional<Opened> opened = open_ ? open_(path, content) : std::nullopt;
  if (!opened) return content;
  Decrypted& decrypted = opened_[path];
  hashKeys_.push_back(std::move(opened->hashKey));
  decrypted.number = static_cast<int>(hashKeys_.size());
  decrypted.notForManifests = std::move(opened->notForManifests);
  if (take(std::move(opened->diagnostics))) decrypted.text = std::move(opened->text);
  return decrypted.text;
}

int Build::numberOf(const std::string& path) const {
  const auto opened = opened_.find(path);
  return opened == opened_.end() ? 0 : opened->second.number;
}

bool Build::mayHoldManifests(const std::string& path) {
  const auto opened = opened_.find(path);
  if (opened == opened_.end() || !opened->second.notForManifests) return true;
  return take({*opened->second.notForManifests});
}

bool Build::spend(std::size_t weight, const Place& where) {
  spent_ += weight;
  if (spent_ <= limits_.maxWeight) return true;
  return error(
      where, "",
      "the kustomization comes to more than " + std::to_string(limits_.maxWeight) + " values",
      "split it, or patch fewer objects");
}

bool Build::enter(const Place& where) {
  if (++entered_ <= limits_.maxKustomizations) return true;
  return error(
      where, "",
      "more than " + std::to_string(limits_.maxKustomizations) + " kustomizations are read",
      "a base that others share is read once for each of them; flatten them");
}

std::string inQuotes(std::string_view text) {
  if (text.size() <= kMaxQuoted) return jsonText(text);
  std::size_t end = kMaxQuoted;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return jsonText(std::string(text.substr(0, end)) + "…");
}

}  // namespace gantry::manifests::kustomize
