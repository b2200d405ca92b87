// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "manifests/decode/source_text.h"
#include "manifests/decode/yaml_tree.h"

namespace gantry::manifests::sops {

/// Changes values in the text of a file and leaves all others in their lines; in their columns,
/// too, but for what follows in the same line. Nodes are those that were read from the text.
class Rewriter {
 public:
  /// `text` must outlive this.
  explicit Rewriter(std::string_view text) : text_(text), source_(text) {}
  ~Rewriter();

  /// Puts `yaml` in place of a scalar. False if it is not written in one line as its text is.
  bool replace(const YamlNode& scalar, std::string yaml);
  /// Puts blanks in place of a field of the outermost map. False if its end cannot be found.
  bool erase(const YamlNode::Entry& field);

  std::string finish();

 private:
  struct Edit {
    std::size_t begin, end;
    std::string text;
  };
  std::size_t offsetOf(const YamlNode& node) const;
  void blank(std::size_t begin, std::size_t end);
  /// After the bracket that closes the one at `begin`; npos if there is none.
  std::size_t endOfFlow(std::size_t begin) const;
  std::size_t endOfBlock(const YamlNode& key) const;

  std::string_view text_;
  SourceText source_;
  std::vector<Edit> edits_;
};

}  // namespace gantry::manifests::sops
