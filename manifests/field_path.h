// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::manifests {

/// The way to a field: "spec.containers[0].image", "metadata.labels[app]". A frame on the stack
/// that refers to its parent, which must outlive it: going down costs a hash and no memory, and
/// only a path that somebody wants to read is put together.
class FieldPath {
 public:
  /// The object itself; its text is empty.
  FieldPath() = default;

  // Not on a temporary, which would be gone when the child is used.
  FieldPath field(std::string_view name) const& { return FieldPath(this, Step::kField, name, 0); }
  FieldPath element(int index) const& { return FieldPath(this, Step::kElement, {}, index); }
  FieldPath key(std::string_view name) const& { return FieldPath(this, Step::kKey, name, 0); }
  FieldPath field(std::string_view name) const&& = delete;
  FieldPath element(int index) const&& = delete;
  FieldPath key(std::string_view name) const&& = delete;

  std::string toString() const;
  /// Equal to hashOf(toString()).
  std::uint64_t hash() const { return hash_; }
  static std::uint64_t hashOf(std::string_view path);

 private:
  enum class Step { kRoot, kField, kElement, kKey };
  FieldPath(const FieldPath* parent, Step step, std::string_view name, int index);

  const FieldPath* parent_ = nullptr;
  Step step_ = Step::kRoot;
  std::string_view name_;
  int index_ = 0;
  std::uint64_t hash_ = hashOf({});
};

/// Where the fields of one object stand in its file. Kept by the hash of their paths: 16 bytes a
/// field, so that it can stay with each of ten thousand objects.
class FieldLocations {
 public:
  struct Place {
    int line = 0;
    int column = 0;
    /// 0 is the object's own file; others are numbered by fileNumber().
    int file = 0;
  };

  /// The number of a file that is not the object's own; 0 if there are too many of them to keep.
  int fileNumber(const std::string& name);
  /// The name of a file whose number is not 0.
  const std::string& fileName(int number) const { return files_[number - 1]; }

  void add(const FieldPath& path, Place place);
  /// To be called once after the last add.
  void seal();
  /// The place of the field, or of the nearest one around it that is known; {0, 0} if none is.
  Place find(std::string_view path) const;

 private:
  static constexpr int kColumnBits = 20;
  static constexpr int kFileBits = 12;
  struct Entry {
    std::uint64_t hash;
    int line;
    std::uint32_t column : kColumnBits;
    std::uint32_t file : kFileBits;
  };
  static_assert(sizeof(Entry) == 16);

  std::vector<Entry> entries_;
  std::vector<std::string> files_;
};

}  // namespace gantry::manifests
