// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/decode.h"

namespace gantry::manifests {

/// A node of a YAML document. Aliases refer to the one node of their anchor.
struct YamlNode {
  enum class Kind { kNull, kScalar, kList, kMap };
  struct Entry {
    const YamlNode* key;
    const YamlNode* value;
  };

  Kind kind = Kind::kNull;
  /// A scalar without quotes or !!str: its text may mean a number or true.
  bool plain = false;
  /// The file that it was written in, if that is another than the one being decoded: what several
  /// files were put together to. Outlives the node.
  const std::string* file = nullptr;
  /// From 1.
  int line = 0;
  int column = 0;
  std::string text;
  std::vector<const YamlNode*> items;
  std::vector<Entry> entries;
  /// Nodes and levels of this subtree with its aliases expanded.
  std::size_t size = 1;
  std::size_t height = 1;

  /// The value of `key` in a map; null if there is none.
  const YamlNode* find(std::string_view key) const;
};

/// The documents of one text.
class YamlFile {
 public:
  struct Document {
    const YamlNode* root;
    /// A key is set twice: there is a diagnostic, and no resource can be made.
    bool damaged;
  };

  /// Reads `text` as far as it is good. What is wrong is appended to `diagnostics`: a syntax error
  /// or a limit ends the reading; the documents before it are kept.
  YamlFile(std::string_view text, const std::string& file, const DecodeLimits& limits,
           std::vector<Diagnostic>& diagnostics);

  /// Empty documents are left out.
  const std::vector<Document>& documents() const { return documents_; }

 private:
  friend class TreeBuilder;
  std::deque<YamlNode> nodes_;
  std::vector<Document> documents_;
};

}  // namespace gantry::manifests
