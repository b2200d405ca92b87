// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/documents.h"

#include <algorithm>

#include "manifests/decode/source_text.h"
#include "manifests/kustomize/decrypted.h"
#include "manifests/kustomize/paths.h"

namespace gantry::manifests::kustomize {
namespace {

/// How far the lines and columns of a text are from those of the file that it stands in.
struct Offset {
  Place at;
  int lines = 0;
  int columns = 0;
  bool isBlock = false;

  Place of(int line, int column) const {
    if (!isBlock) return at;
    return {at.file, line + lines, column + columns};
  }
};

Offset offsetOf(const Text& text, const Build& build) {
  Offset offset{text.where};
  const auto file = build.files().find(*text.where.file);
  if (file == build.files().end()) return offset;
  const SourceText source(file->second);
  const std::string_view line = source.line(text.where.line);
  const std::size_t column = static_cast<std::size_t>(text.where.column) - 1;
  if (column >= line.size() || (line[column] != '|' && line[column] != '>')) return offset;
  offset.isBlock = true;
  offset.lines = text.where.line;
  for (int number = text.where.line + 1; number <= source.lineCount(); ++number) {
    if (source.line(number).find_first_not_of(' ') == std::string_view::npos) continue;
    offset.columns = SourceText::indentOf(source.line(number));
    break;
  }
  return offset;
}

void shift(Node& node, const Offset& offset) {
  node.where = offset.of(node.where.line, node.where.column);
  for (Node& item : node.items) shift(item, offset);
  for (Node::Entry& entry : node.entries) {
    entry.where = offset.of(entry.where.line, entry.where.column);
    shift(entry.value, offset);
  }
}

std::optional<std::vector<Node>> parse(std::string_view text, const std::string* file,
                                       const Offset* offset, Build& build) {
  std::vector<Diagnostic> diagnostics;
  const YamlFile yaml(text, *file, build.limits().file, diagnostics);
  if (offset != nullptr) {
    for (Diagnostic& diagnostic : diagnostics) {
      diagnostic.where = offset->of(diagnostic.where.line, diagnostic.where.column).location();
    }
  }
  bool good = build.take(std::move(diagnostics));
  std::vector<Node> documents;
  for (const YamlFile::Document& document : yaml.documents()) {
    good = good && !document.damaged &&
           build.spend(document.root->size, {file, document.root->line, document.root->column});
    if (!good) return std::nullopt;
    documents.push_back(fromYaml(*document.root, file));
    if (offset != nullptr) shift(documents.back(), *offset);
  }
  return good ? std::optional(std::move(documents)) : std::nullopt;
}

bool requireText(const Node& object, const char* field, const char* example, Build& build) {
  const Node* value = object.find(field);
  if (value != nullptr && value->isScalar() && !value->text.empty()) return true;
  return build.error(value != nullptr ? value->where : object.where, "",
                     std::string(field) + " is missing",
                     std::string("add it, for example `") + field + ": " + example + "`");
}

bool takeObject(Node node, Build& build, ObjectSet& out) {
  if (!node.isMap()) {
    return build.error(node.where, "",
                       "expected an object with apiVersion and kind, found " + describeNode(node),
                       "");
  }
  if (!requireText(node, "apiVersion", "v1", build) ||
      !requireText(node, "kind", "Deployment", build)) {
    return false;
  }
  if (node.textOf("kind") == "List" && node.textOf("apiVersion") == "v1") {
    Node* items = node.find("items");
    return items == nullptr || takeObjects(std::move(items->items), build, out);
  }
  const Node* metadata = node.find("metadata");
  const Node* name = metadata == nullptr ? nullptr : metadata->find("name");
  if (name == nullptr || !name->isScalar() || name->text.empty()) {
    return build.error(node.where, "metadata.name", "it is missing", "add `metadata: {name: …}`");
  }
  return out.add(std::make_unique<Object>(Object{std::move(node)}), build);
}

}  // namespace

std::optional<std::vector<Node>> readDocuments(const std::string& path, Build& build) {
  const auto file = build.files().find(path);
  const std::optional<std::string_view> text = build.read(path);
  if (!text || !build.mayHoldManifests(path)) return std::nullopt;
  std::optional<std::vector<Node>> documents = parse(*text, &file->first, nullptr, build);
  if (!documents || !build.isEncrypted(path)) return documents;
  for (Node& document : *documents) markDecrypted(document, build.numberOf(path));
  return documents;
}

std::optional<std::vector<Node>> readInline(const Text& text, Build& build) {
  const Offset offset = offsetOf(text, build);
  return parse(text.value, text.where.file, &offset, build);
}

bool takeObjects(std::vector<Node> documents, Build& build, ObjectSet& out) {
  bool good = true;
  for (Node& document : documents) good = takeObject(std::move(document), build, out) && good;
  return good;
}

std::optional<std::string> fileBelow(const std::string& root, const Text& name,
                                     const std::string& path, Build& build) {
  const auto error = [&](std::string message, std::string hint) {
    build.error(name.where, path, std::move(message), std::move(hint));
    return std::nullopt;
  };
  if (isRemote(name.value)) {
    return error(inQuotes(name.value) + " is not in the repository",
                 "copy the file into the repository: nothing is read from elsewhere");
  }
  std::optional<std::string> file = resolve(root, name.value);
  if (!file) {
    return error(inQuotes(name.value) + " is outside of the repository",
                 "write a path relative to this file, inside the repository");
  }
  if (!isInside(*file, root)) {
    return error(inQuotes(name.value) + " is outside of the folder of its kustomization",
                 "move it there, or refer to a folder with a kustomization of its own");
  }
  if (!build.files().contains(*file)) {
    if (isFolder(build.files(), *file)) return error(inQuotes(name.value) + " is a folder", "");
    return error("there is no file " + inQuotes(name.value), "check the path");
  }
  return file;
}

}  // namespace gantry::manifests::kustomize
