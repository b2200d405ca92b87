// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/yaml_tree.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <optional>
#include <sstream>
#include <unordered_map>

#include "manifests/decode/source_text.h"
#include "manifests/decode/yaml_errors.h"

namespace gantry::manifests {
namespace {

/// Leaves the parser; caught in YamlFile, never seen outside.
struct Stop {
  Diagnostic diagnostic;
};

constexpr std::string_view kStringTag = "tag:yaml.org,2002:str";

/// Above this number of keys, a set is faster than looking at all.
constexpr std::size_t kFewKeys = 16;

/// The parser takes the escapes \N and \_ (U+0085 and U+00A0) for single bytes. In a text that was
/// UTF-8, these are the only bytes that cannot stand where they stand.
std::string asUtf8(const std::string& value) {
  if (value.find_first_of("\x85\xA0") == std::string::npos) return value;
  std::string mended;
  for (std::size_t i = 0; i < value.size();) {
    const std::size_t length = utf8Length(std::string_view(value).substr(i));
    if (length == 0) mended += '\xC2';
    mended.append(value, i, std::max<std::size_t>(length, 1));
    i += std::max<std::size_t>(length, 1);
  }
  return mended;
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  const auto entry =
      std::ranges::find_if(entries, [&](const Entry& e) { return e.key->text == key; });
  return entry == entries.end() ? nullptr : entry->value;
}

/// Takes the parser's events to the tree, and counts.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(YamlFile& target, const SourceText& source, const std::string& file,
              const DecodeLimits& limits, std::vector<Diagnostic>& diagnostics)
      : target_(target), source_(source), file_(file), limits_(limits), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > limits_.maxDocuments) {
      stop(mark, "more than " + std::to_string(limits_.maxDocuments) + " documents in one file",
           "split the file");
    }
    anchors_.clear();
    root_ = nullptr;
    damaged_ = false;
  }

  void OnDocumentEnd() override {
    if (root_ != nullptr && root_->kind != YamlNode::Kind::kNull) {
      target_.documents_.push_back({root_, damaged_});
    }
  }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    checkKeyHasColon();
    attach(make(YamlNode::Kind::kNull, mark, anchor));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const YamlNode* node = anchors_[anchor];
    const bool open =
        std::ranges::any_of(open_, [&](const Level& level) { return level.node == node; });
    if (node == nullptr || open) {
      stop(mark, "an alias inside the very value that it repeats", "write the value out");
    }
    count(mark, node->size);
    checkDepth(mark, open_.size() + node->height);
    attach(node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    if (tag != "?" && tag != "!" && tag != kStringTag) refuseTag(mark, tag);
    YamlNode* node = make(YamlNode::Kind::kScalar, mark, anchor);
    node->plain = tag == "?";
    node->text = asUtf8(value);
    lastScalar_ = node;
    attach(node);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value style) override {
    if (tag != "?") refuseTag(mark, tag);
    push(make(YamlNode::Kind::kList, mark, anchor), mark, style);
  }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value style) override {
    if (tag != "?") refuseTag(mark, tag);
    push(make(YamlNode::Kind::kMap, mark, anchor), mark, style);
  }

  void OnSequenceEnd() override { pop(); }

  void OnMapEnd() override {
    checkKeysOnce(*open_.back().node);
    pop();
  }

  /// The parser takes the end of the file for the end of a quoted text: look again.
  void checkLastQuote() const {
    if (lastScalar_ == nullptr || lastScalar_->plain) return;
    if (source_.quoteIsOpen(lastScalar_->line, lastScalar_->column)) {
      if (!target_.documents_.empty()) target_.documents_.back().damaged = true;
      throw Stop{{.where = {file_, lastScalar_->line, lastScalar_->column},
                  .message = "the quoted text that begins here never ends",
                  .hint = "close the quote"}};
    }
  }

 private:
  struct Level {
    YamlNode* node;
    const YamlNode* key;
    /// Written with brackets.
    bool flow;
  };

  [[noreturn]] void stop(const YAML::Mark& mark, std::string message, std::string hint) const {
    throw Stop{{.where = {file_, mark.line + 1, mark.column + 1},
                .message = std::move(message),
                .hint = std::move(hint)}};
  }

  [[noreturn]] void refuseTag(const YAML::Mark& mark, const std::string& tag) const {
    stop(mark, "the tag " + printable(tag) + " is not supported",
         "write the value without a tag; the schema knows its type");
  }

  void count(const YAML::Mark& mark, std::size_t nodes) {
    total_ += nodes;
    if (total_ > limits_.maxNodes) {
      stop(mark,
           "more than " + std::to_string(limits_.maxNodes) + " values once aliases are expanded",
           "split the file, or use fewer aliases");
    }
  }

  void checkDepth(const YAML::Mark& mark, std::size_t depth) const {
    if (depth > limits_.maxDepth) {
      stop(mark, "nested deeper than " + std::to_string(limits_.maxDepth) + " levels",
           "no kind needs so many; is the file what you meant?");
    }
  }

  YamlNode* make(YamlNode::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    count(mark, 1);
    YamlNode& node = target_.nodes_.emplace_back();
    node.kind = kind;
    node.line = mark.line + 1;
    node.column = mark.column + 1;
    if (anchor != YAML::NullAnchor) anchors_[anchor] = &node;
    return &node;
  }

  void push(YamlNode* node, const YAML::Mark& mark, YAML::EmitterStyle::value style) {
    checkDepth(mark, open_.size() + 1);
    if (!open_.empty() && wantsKey()) {
      stop(mark, "a list or map cannot be the name of a field",
           source_.hasTemplate(mark.line + 1)
               ? "this looks like a template; render it to plain YAML first"
               : "text that begins with { or [ must be put in quotes");
    }
    open_.push_back({node, nullptr, style == YAML::EmitterStyle::Flow});
  }

  void pop() {
    YamlNode* node = open_.back().node;
    open_.pop_back();
    attach(node);
  }

  bool wantsKey() const {
    return open_.back().node->kind == YamlNode::Kind::kMap && open_.back().key == nullptr;
  }

  void attach(const YamlNode* node) {
    if (open_.empty()) {
      root_ = node;
      return;
    }
    Level& level = open_.back();
    level.node->size += node->size;
    level.node->height = std::max(level.node->height, node->height + 1);
    if (level.node->kind == YamlNode::Kind::kList) {
      level.node->items.push_back(node);
    } else if (level.key == nullptr) {
      if (node->kind != YamlNode::Kind::kScalar) refuseKey(*node);
      level.key = node;
    } else {
      level.node->entries.push_back({level.key, node});
      level.key = nullptr;
    }
  }

  [[noreturn]] void refuseKey(const YamlNode& node) const {
    throw Stop{{.where = {file_, node.line, node.column},
                .message = "the name of a field is missing before the colon",
                .hint = "write it as `name: value`; put the name in quotes if it is null or ~"}};
  }

  /// The parser takes a line without a colon for a name without a value, and so the last word of a
  /// list whose bracket is never closed.
  void checkKeyHasColon() const {
    if (open_.empty() || open_.back().key == nullptr) return;
    const YamlNode& key = *open_.back().key;
    if (source_.colonFollows(key.line, key.column, key.text)) return;
    const bool inBrackets = open_.size() > 1 && open_[open_.size() - 2].flow &&
                            open_[open_.size() - 2].node->kind == YamlNode::Kind::kList;
    if (inBrackets) {
      throw Stop{{.where = {file_, key.line, key.column},
                  .message = "a [ before this is not closed",
                  .hint = "add the ]"}};
    }
    throw Stop{{.where = {file_, key.line, key.column},
                .message = "no colon after " + printable(key.text),
                .hint = "write it as `name: value`"}};
  }

  void checkKeysOnce(const YamlNode& map) {
    if (map.entries.size() <= kFewKeys) {
      for (auto entry = map.entries.begin(); entry != map.entries.end(); ++entry) {
        const auto first = std::find_if(map.entries.begin(), entry, [&](const YamlNode::Entry& e) {
          return e.key->text == entry->key->text;
        });
        if (first != entry) reportTwice(*first->key, *entry->key);
      }
      return;
    }
    std::unordered_map<std::string_view, const YamlNode*> seen;
    for (const YamlNode::Entry& entry : map.entries) {
      const auto [first, fresh] = seen.emplace(entry.key->text, entry.key);
      if (!fresh) reportTwice(*first->second, *entry.key);
    }
  }

  void reportTwice(const YamlNode& first, const YamlNode& second) {
    damaged_ = true;
    diagnostics_.push_back({.where = {file_, second.line, second.column},
                            .message = printable(second.text) +
                                       " is set twice; the first is in line " +
                                       std::to_string(first.line),
                            .hint = "remove one of them"});
  }

  YamlFile& target_;
  const SourceText& source_;
  const std::string& file_;
  const DecodeLimits& limits_;
  std::vector<Diagnostic>& diagnostics_;
  std::unordered_map<YAML::anchor_t, const YamlNode*> anchors_;
  std::vector<Level> open_;
  const YamlNode* root_ = nullptr;
  bool damaged_ = false;
  const YamlNode* lastScalar_ = nullptr;
  std::size_t total_ = 0;
  std::size_t documents_ = 0;
};

YamlFile::YamlFile(std::string_view text, const std::string& file, const DecodeLimits& limits,
                   std::vector<Diagnostic>& diagnostics) {
  if (text.size() > limits.maxBytes) {
    diagnostics.push_back({.where = {file, 0, 0},
                           .message = "the file has " + std::to_string(text.size()) +
                                      " bytes; the limit is " + std::to_string(limits.maxBytes),
                           .hint = "split the file"});
    return;
  }
  const SourceText source(text);
  if (std::optional<Diagnostic> problem = source.findUnreadable()) {
    problem->where.file = file;
    diagnostics.push_back(*std::move(problem));
    return;
  }
  TreeBuilder builder(*this, source, file, limits, diagnostics);
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
    builder.checkLastQuote();
  } catch (Stop& stop) {
    diagnostics.push_back(std::move(stop.diagnostic));
  } catch (const YAML::Exception& exception) {
    diagnostics.push_back(explainSyntaxError(exception, source, file));
  }
}

}  // namespace gantry::manifests
