// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/kustomization_parts.h"

namespace gantry::manifests::kustomize {
namespace {

bool readSelector(const Node& node, const std::string& path, Build& build, Selector& out) {
  Reader reader(node, path, build);
  out.where = node.where;
  reader.text("group", out.group);
  reader.text("version", out.version);
  reader.text("kind", out.kind);
  reader.text("name", out.name);
  reader.text("namespace", out.ns);
  reader.text("labelSelector", out.labels);
  reader.text("annotationSelector", out.annotations);
  return reader.finish();
}

bool readPart(const Node& node, const std::string& path, Build& build, PartOptions& out) {
  Reader reader(node, path, build);
  reader.text("delimiter", out.delimiter);
  reader.whole("index", out.index);
  reader.flag("create", out.create);
  return reader.finish();
}

bool readBehavior(const Text& text, const std::string& path, Build& build,
                  Generator::Behavior& out) {
  if (!text.given() || text.value.empty() || text.value == "create") return true;
  out = text.value == "merge" ? Generator::Behavior::kMerge : Generator::Behavior::kReplace;
  if (text.value == "merge" || text.value == "replace") return true;
  return build.error(text.where, path + ".behavior", "unknown behavior " + inQuotes(text.value),
                     "write create, replace or merge");
}

bool readTarget(const Node& node, const std::string& path, Build& build, Replacement::Target& out) {
  Reader reader(node, path, build);
  bool good = true;
  out.where = node.where;
  out.path = path;
  bool selected = false;
  reader.map("select", [&](const Node& select, const std::string& selectPath) {
    selected = true;
    good = readSelector(select, selectPath, build, out.select) && good;
  });
  reader.eachMap("reject", [&](const Node& reject, const std::string& rejectPath) {
    good = readSelector(reject, rejectPath, build, out.reject.emplace_back()) && good;
  });
  reader.texts("fieldPaths", out.fieldPaths);
  reader.map("options", [&](const Node& options, const std::string& optionsPath) {
    good = readPart(options, optionsPath, build, out.options) && good;
  });
  good = reader.finish() && good;
  if (selected) return good;
  return build.error(node.where, path, "select is missing: it says which objects are changed",
                     "add `select: {kind: …, name: …}`");
}

bool readSource(const Node& node, const std::string& path, Build& build, Replacement& out) {
  Reader reader(node, path, build);
  bool good = true;
  out.source.where = node.where;
  reader.text("group", out.source.group);
  reader.text("version", out.source.version);
  reader.text("kind", out.source.kind);
  reader.text("name", out.source.name);
  reader.text("namespace", out.source.ns);
  reader.text("fieldPath", out.sourcePath);
  reader.map("options", [&](const Node& options, const std::string& optionsPath) {
    good = readPart(options, optionsPath, build, out.sourceOptions) && good;
  });
  return reader.finish() && good;
}

}  // namespace

bool readPatch(const Node& node, const std::string& path, Build& build, Patch& out) {
  Reader reader(node, path, build);
  bool good = true;
  out.where = node.where;
  out.path = path;
  reader.text("path", out.file);
  reader.text("patch", out.text);
  reader.map("target", [&](const Node& target, const std::string& targetPath) {
    good = readSelector(target, targetPath, build, out.target.emplace()) && good;
  });
  reader.map("options", [&](const Node& options, const std::string& optionsPath) {
    Reader inner(options, optionsPath, build);
    inner.flag("allowNameChange", out.allowNameChange);
    inner.flag("allowKindChange", out.allowKindChange);
    good = inner.finish() && good;
  });
  good = reader.finish() && good;
  if (out.file.given() == out.text.given()) {
    return build.error(
        node.where, path,
        out.file.given() ? "path and patch cannot both be set" : "neither path nor patch is set",
        "write the patch itself under patch, or the name of its file under path");
  }
  return good;
}

bool readImage(const Node& node, const std::string& path, Build& build, Image& out) {
  Reader reader(node, path, build);
  out.where = node.where;
  out.path = path;
  reader.text("name", out.name);
  reader.text("newName", out.newName);
  reader.text("newTag", out.newTag);
  reader.text("tagSuffix", out.tagSuffix);
  reader.text("digest", out.digest);
  const bool good = reader.finish();
  if (out.name.given()) return good;
  return build.error(node.where, path, "the name of the image is missing", "add `name: …`");
}

bool readReplicas(const Node& node, const std::string& path, Build& build, Replicas& out) {
  Reader reader(node, path, build);
  out.where = node.where;
  out.path = path;
  reader.text("name", out.name);
  reader.whole("count", out.count);
  const bool good = reader.finish();
  if (out.name.given()) return good;
  return build.error(node.where, path, "the name of the object is missing", "add `name: …`");
}

bool readLabels(const Node& node, const std::string& path, Build& build, LabelSet& out) {
  Reader reader(node, path, build);
  bool good = true;
  reader.pairs("pairs", out.pairs);
  reader.flag("includeSelectors", out.includeSelectors);
  reader.flag("includeTemplates", out.includeTemplates);
  reader.eachMap("fields", [&](const Node& field, const std::string& fieldPath) {
    Text group, version, kind, where;
    FieldSpec spec;
    Reader inner(field, fieldPath, build);
    inner.text("path", where);
    inner.text("group", group);
    inner.text("version", version);
    inner.text("kind", kind);
    inner.flag("create", spec.create);
    good = inner.finish() && good;
    spec.path = where.value;
    spec.group = group.value;
    spec.version = version.value;
    spec.kind = kind.value;
    out.fields.push_back(std::move(spec));
  });
  return reader.finish() && good;
}

bool readGeneratorOptions(const Node& node, const std::string& path, Build& build,
                          GeneratorOptions& out) {
  Reader reader(node, path, build);
  reader.pairs("labels", out.labels);
  reader.pairs("annotations", out.annotations);
  reader.flag("disableNameSuffixHash", out.disableNameSuffixHash);
  reader.flag("immutable", out.immutable);
  return reader.finish();
}

bool readGenerator(const Node& node, const std::string& path, bool secret, Build& build,
                   Generator& out) {
  Reader reader(node, path, build);
  Text behavior, env;
  bool good = true;
  out.where = node.where;
  out.path = path;
  out.secret = secret;
  reader.text("name", out.name);
  reader.text("namespace", out.ns);
  reader.text("behavior", behavior);
  if (secret) reader.text("type", out.type);
  reader.texts("envs", out.envs);
  reader.text("env", env);
  reader.texts("literals", out.literals);
  reader.texts("files", out.files);
  reader.map("options", [&](const Node& options, const std::string& optionsPath) {
    good = readGeneratorOptions(options, optionsPath, build, out.options) && good;
  });
  good = reader.finish() && good;
  if (env.given()) out.envs.push_back(std::move(env));
  if (!out.name.given()) {
    return build.error(node.where, path, "its name is missing", "add `name: …`");
  }
  return readBehavior(behavior, path, build, out.behavior) && good;
}

/// The source selects one object, and says which of its fields.

bool readReplacement(const Node& node, const std::string& path, Build& build, Replacement& out) {
  if (!node.isMap()) return build.error(node.where, path, "expected fields");
  Reader reader(node, path, build);
  bool good = true;
  bool hasSource = false;
  out.where = node.where;
  out.path = path;
  reader.map("source", [&](const Node& source, const std::string& sourcePath) {
    hasSource = true;
    good = readSource(source, sourcePath, build, out) && good;
  });
  reader.eachMap("targets", [&](const Node& target, const std::string& targetPath) {
    good = readTarget(target, targetPath, build, out.targets.emplace_back()) && good;
  });
  good = reader.finish() && good;
  if (hasSource && !out.targets.empty()) return good;
  return build.error(node.where, path, hasSource ? "targets are missing" : "source is missing",
                     "a replacement copies a value from its source to its targets");
}

}  // namespace gantry::manifests::kustomize
