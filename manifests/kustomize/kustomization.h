// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "manifests/kustomize/reader.h"

namespace gantry::manifests::kustomize {

/// Fields of objects: "spec/template/metadata/labels"; lists on the way are passed as each of their
/// elements, and a "/" of a name is written "\/". Empty group, version or kind is any.
struct FieldSpec {
  std::string path = {};
  std::string group = {};
  std::string version = {};
  std::string kind = {};
  /// Make what is missing on the way.
  bool create = false;
};

/// Which objects; each text given is a regular expression (RE2) that must match the whole.
struct Selector {
  Place where = {};
  Text group = {}, version = {}, kind = {}, name = {}, ns = {};
  Text labels = {}, annotations = {};
};

struct Patch {
  /// Which of the three fields it comes from.
  enum class Form { kAny, kStrategic, kJson };
  Form form = Form::kAny;
  Place where = {};
  std::string path = {};
  /// One of the two is given.
  Text file = {}, text = {};
  std::optional<Selector> target = {};
  bool allowNameChange = false;
  bool allowKindChange = false;
};

struct Image {
  Place where = {};
  std::string path = {};
  Text name = {}, newName = {}, newTag = {}, tagSuffix = {}, digest = {};
};

struct Replicas {
  Place where = {};
  std::string path = {};
  Text name = {};
  int count = 0;
};

struct LabelSet {
  Pairs pairs = {};
  bool includeSelectors = false;
  bool includeTemplates = false;
  std::vector<FieldSpec> fields = {};
};

struct GeneratorOptions {
  Pairs labels = {}, annotations = {};
  bool disableNameSuffixHash = false;
  bool immutable = false;
};

struct Generator {
  enum class Behavior { kCreate, kReplace, kMerge };
  Place where = {};
  std::string path = {};
  bool secret = false;
  Text name = {}, ns = {}, type = {};
  Behavior behavior = Behavior::kCreate;
  std::vector<Text> literals = {}, files = {}, envs = {};
  GeneratorOptions options = {};
};

/// Which part of a text, and whether to make what is missing.
struct PartOptions {
  Text delimiter = {};
  int index = 0;
  bool create = false;
};

struct Replacement {
  struct Target {
    Place where = {};
    std::string path = {};
    Selector select = {};
    std::vector<Selector> reject = {};
    std::vector<Text> fieldPaths = {};
    PartOptions options = {};
  };
  Place where = {};
  std::string path = {};
  Selector source = {};
  Text sourcePath = {};
  PartOptions sourceOptions = {};
  std::vector<Target> targets = {};
};

struct SortOptions {
  bool legacy = true;
  std::vector<Text> first = {}, last = {};
  bool given = false;
};

/// One kustomization.yaml. What others call bases are among the resources.
struct Kustomization {
  Place where = {};
  bool isComponent = false;
  std::vector<Text> resources = {}, components = {};
  Text namePrefix = {}, nameSuffix = {}, ns = {};
  std::vector<LabelSet> labels = {};
  Pairs annotations = {};
  std::vector<Patch> patches = {};
  std::vector<Image> images = {};
  std::vector<Replicas> replicas = {};
  std::vector<Generator> generators = {};
  std::vector<Replacement> replacements = {};
  /// Files with more of them, each inserted in its place among `replacements`.
  struct ReplacementFile {
    Text file;
    std::size_t before;
  };
  std::vector<ReplacementFile> replacementFiles = {};
  SortOptions sort = {};
};

/// Takes a document apart; nothing, with errors, if it is no good.
std::optional<Kustomization> readKustomization(const Node& document, Build& build);

}  // namespace gantry::manifests::kustomize
