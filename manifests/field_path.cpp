// SPDX-License-Identifier: Apache-2.0
#include "manifests/field_path.h"

#include <algorithm>
#include <charconv>

namespace gantry::manifests {
namespace {

// FNV-1a: can be continued from a prefix.
constexpr std::uint64_t kOffset = 14695981039346656037u;
constexpr std::uint64_t kPrime = 1099511628211u;

std::uint64_t extend(std::uint64_t hash, std::string_view text) {
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * kPrime;
  return hash;
}

std::string_view digits(int number, char (&buffer)[12]) {
  const char* end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  return {buffer, static_cast<std::size_t>(end - buffer)};
}

/// "a.b[0]" → "a.b" → "a" → "".
std::string_view withoutLastStep(std::string_view path) {
  if (path.ends_with(']')) return path.substr(0, path.rfind('['));
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
}

}  // namespace

FieldPath::FieldPath(const FieldPath* parent, Step step, std::string_view name, int index)
    : parent_(parent), step_(step), name_(name), index_(index), hash_(parent->hash_) {
  if (step_ == Step::kField) {
    if (parent_->step_ != Step::kRoot) hash_ = extend(hash_, ".");
    hash_ = extend(hash_, name_);
    return;
  }
  char buffer[12];
  hash_ = extend(hash_, "[");
  hash_ = extend(hash_, step_ == Step::kKey ? name_ : digits(index_, buffer));
  hash_ = extend(hash_, "]");
}

std::string FieldPath::toString() const {
  if (step_ == Step::kRoot) return {};
  std::string text = parent_->toString();
  if (step_ == Step::kField) {
    if (!text.empty()) text += '.';
    return text.append(name_);
  }
  char buffer[12];
  return text.append("[").append(step_ == Step::kKey ? name_ : digits(index_, buffer)).append("]");
}

std::uint64_t FieldPath::hashOf(std::string_view path) {
  return extend(kOffset, path);
}

int FieldLocations::fileNumber(const std::string& name) {
  const auto known = std::ranges::find(files_, name);
  const auto number = static_cast<int>(known - files_.begin()) + 1;
  if (known != files_.end()) return number;
  if (number >= 1 << kFileBits) return 0;
  files_.push_back(name);
  return number;
}

void FieldLocations::add(const FieldPath& path, Place place) {
  const int column = std::min(place.column, (1 << kColumnBits) - 1);
  entries_.push_back({path.hash(), place.line, static_cast<std::uint32_t>(column),
                      static_cast<std::uint32_t>(place.file)});
}

void FieldLocations::seal() {
  std::ranges::sort(entries_, {}, &Entry::hash);
  entries_.shrink_to_fit();
}

FieldLocations::Place FieldLocations::find(std::string_view path) const {
  for (;; path = withoutLastStep(path)) {
    const std::uint64_t hash = FieldPath::hashOf(path);
    const auto entry = std::ranges::lower_bound(entries_, hash, {}, &Entry::hash);
    if (entry != entries_.end() && entry->hash == hash) {
      return {entry->line, static_cast<int>(entry->column), static_cast<int>(entry->file)};
    }
    if (path.empty()) return {};
  }
}

}  // namespace gantry::manifests
