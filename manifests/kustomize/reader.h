// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "manifests/kustomize/build.h"

namespace gantry::manifests::kustomize {

/// A text and where it stands; not given if that is nowhere.
struct Text {
  std::string value = {};
  Place where = {};

  bool given() const { return where.line != 0; }
};

using Pairs = std::map<std::string, Text>;

/// Takes the fields of one map apart. Every name that is asked for is known; what remains is
/// reported by finish(), with a suggestion. A field that is null is as good as absent.
class Reader {
 public:
  /// `path` is the way to the map: "patches[0].target"; empty for the document.
  Reader(const Node& map, std::string path, Build& build);

  void text(const char* name, Text& out);
  void texts(const char* name, std::vector<Text>& out);
  void pairs(const char* name, Pairs& out);
  void flag(const char* name, bool& out);
  void whole(const char* name, int& out);
  /// Calls for the value with its path.
  using Visit = std::function<void(const Node& value, const std::string& path)>;
  void value(const char* name, const Visit& visit);
  void map(const char* name, const Visit& visit);
  /// Calls for each element of a list.
  void each(const char* name, const Visit& visit);
  void eachMap(const char* name, const Visit& visit);

  /// An error with the reason if the field asks for anything.
  void refuse(const char* name, const char* reason);
  /// A warning if it does.
  void ignore(const char* name, const char* reason);
  /// A warning, and the field is used.
  void deprecate(const char* name, const char* instead);

  /// Reports names that nobody asked for. False if anything was wrong.
  bool finish();

 private:
  const Node* take(const char* name);
  /// The field, if it asks for anything.
  const Node::Entry* asked(const char* name);
  std::string pathOf(std::string_view name) const;
  void expected(const char* what, const Node& node, const std::string& path,
                const std::string& hint = "");
  bool readText(const Node& node, const std::string& path, Text& out);

  const Node& map_;
  std::string path_;
  Build& build_;
  std::vector<std::string> known_;
  bool good_ = true;
};

/// What a node is, for an error: "a list", "a number". Values are not shown: one may be secret.
std::string describeNode(const Node& node);

}  // namespace gantry::manifests::kustomize
