// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/render.h"

#include <algorithm>

#include "manifests/kustomize/decrypted.h"
#include "manifests/kustomize/documents.h"
#include "manifests/kustomize/generators.h"
#include "manifests/kustomize/hash.h"
#include "manifests/kustomize/kustomization_parts.h"
#include "manifests/kustomize/order.h"
#include "manifests/kustomize/patches.h"
#include "manifests/kustomize/paths.h"
#include "manifests/kustomize/references.h"
#include "manifests/kustomize/replacements.h"
#include "manifests/kustomize/transformers.h"

namespace gantry::manifests::kustomize {
namespace {

constexpr const char* kFileNames[] = {"kustomization.yaml", "kustomization.yml", "Kustomization"};
constexpr const char* kLocalConfig = "config.kubernetes.io/local-config";

std::vector<const std::string*> kustomizationsIn(const Files& files, const std::string& folder) {
  std::vector<const std::string*> found;
  for (const char* name : kFileNames) {
    const auto file = files.find(joined(folder, name));
    if (file != files.end()) found.push_back(&file->first);
  }
  return found;
}

/// Walks through the kustomizations, the outermost last.
class Accumulator {
 public:
  explicit Accumulator(Build& build) : build_(build) {}

  /// Adds what the kustomization in `root` comes to; `asked` is where it is referred to. A
  /// component changes what `set` holds, too.
  bool accumulate(const std::string& root, const Text& asked, bool asComponent, ObjectSet& set,
                  SortOptions* sort = nullptr) {
    const std::optional<Kustomization> kustomization = load(root, asked, asComponent);
    if (!kustomization) return false;
    open_.push_back(root);
    if (sort != nullptr) *sort = kustomization->sort;
    const bool good =
        addResources(*kustomization, root, set) && addGenerated(*kustomization, root, set) &&
        addComponents(*kustomization, root, set) && transform(*kustomization, root, set);
    open_.pop_back();
    return good;
  }

 private:
  std::optional<Kustomization> load(const std::string& root, const Text& asked, bool asComponent) {
    const auto fail = [&](std::string message, std::string hint) {
      build_.error(asked.where, "", std::move(message), std::move(hint));
      return std::nullopt;
    };
    if (open_.size() >= build_.limits().maxDepth) {
      return fail("more than " + std::to_string(build_.limits().maxDepth) +
                      " kustomizations inside each other",
                  "flatten them");
    }
    if (!build_.enter(asked.where)) return std::nullopt;
    const auto found = kustomizationsIn(build_.files(), root);
    if (found.size() > 1) {
      return fail("both " + *found[0] + " and " + *found[1] + " are there", "remove one of them");
    }
    if (found.empty()) {
      return fail("there is no kustomization.yaml in the folder " + inQuotes(asked.value),
                  "name its files one by one, or add one that does");
    }
    const auto documents = readDocuments(*found[0], build_);
    if (!documents) return std::nullopt;
    if (documents->size() != 1 || !documents->front().isMap()) {
      build_.error({found[0], 1, 1}, "", "expected the fields of one kustomization",
                   "write it like `resources: [deployment.yaml]`");
      return std::nullopt;
    }
    std::optional<Kustomization> kustomization = readKustomization(documents->front(), build_);
    if (!kustomization || kustomization->isComponent == asComponent) return kustomization;
    return fail(asComponent ? inQuotes(asked.value) + " is not a Component"
                            : inQuotes(asked.value) + " is a Component",
                asComponent ? "write `kind: Component` in it, or name it under resources"
                            : "name it under components");
  }

  bool addResources(const Kustomization& kustomization, const std::string& root, ObjectSet& set) {
    bool good = true;
    for (const Text& resource : kustomization.resources) {
      good = addResource(resource, root, set) && good;
    }
    return good;
  }

  bool addResource(const Text& resource, const std::string& root, ObjectSet& set) {
    const std::optional<std::string> path = resolve(root, resource.value);
    if (!path || isRemote(resource.value) || build_.files().contains(*path)) {
      const auto file = fileBelow(root, resource, "resources", build_);
      auto documents = file ? readDocuments(*file, build_) : std::nullopt;
      return documents && takeObjects(*std::move(documents), build_, set);
    }
    if (!checkFolder(*path, resource, "resources")) return false;
    ObjectSet base;
    return accumulate(*path, resource, false, base) && set.addAll(base, build_);
  }

  bool addComponents(const Kustomization& kustomization, const std::string& root, ObjectSet& set) {
    for (const Text& component : kustomization.components) {
      const std::optional<std::string> path = resolve(root, component.value);
      if (!path || isRemote(component.value)) {
        fileBelow(root, component, "components", build_);
        return false;
      }
      if (!checkFolder(*path, component, "components")) return false;
      if (!accumulate(*path, component, true, set)) return false;
    }
    return true;
  }

  /// That there is such a folder, and that going there does not lead back here.
  bool checkFolder(const std::string& path, const Text& asked, const char* field) {
    const auto around =
        std::ranges::find_if(open_, [&](const std::string& open) { return isInside(open, path); });
    if (around != open_.end()) {
      return build_.error(
          asked.where, field,
          inQuotes(asked.value) + " leads back to a kustomization that is being read",
          "a base cannot refer to what is made of it");
    }
    if (!isInside(path, open_.front())) build_.use(path);
    if (isFolder(build_.files(), path)) return true;
    return build_.error(asked.where, field, "there is no file or folder " + inQuotes(asked.value),
                        "check the path");
  }

  bool addGenerated(const Kustomization& kustomization, const std::string& root, ObjectSet& set) {
    bool good = true;
    for (const Generator& generator : kustomization.generators) {
      good = generate(set, generator, root, build_) && good;
    }
    return good;
  }

  bool patch(const Kustomization& kustomization, const std::string& root, ObjectSet& set,
             bool olderJson) {
    for (const Patch& patch : kustomization.patches) {
      const bool isOlderJson = patch.form == Patch::Form::kJson;
      if (isOlderJson == olderJson && !applyPatch(set, patch, root, build_)) return false;
    }
    return true;
  }

  /// In Kustomize's order.
  bool transform(const Kustomization& kustomization, const std::string& root, ObjectSet& set) {
    if (!patch(kustomization, root, set, false)) return false;
    setNamespace(set, kustomization.ns);
    addNamePrefix(set, kustomization.namePrefix);
    addNameSuffix(set, kustomization.nameSuffix);
    for (const LabelSet& labels : kustomization.labels) addLabels(set, labels);
    addAnnotations(set, kustomization.annotations);
    if (!patch(kustomization, root, set, true)) return false;
    for (const Replicas& replicas : kustomization.replicas) {
      if (!setReplicas(set, replicas, build_)) return false;
    }
    for (const Image& image : kustomization.images) setImage(set, image, build_);
    return replace(kustomization, root, set) && set.checkNames("", kustomization.where, build_);
  }

  bool replace(const Kustomization& kustomization, const std::string& root, ObjectSet& set) {
    auto file = kustomization.replacementFiles.begin();
    for (std::size_t i = 0; i <= kustomization.replacements.size(); ++i) {
      for (; file != kustomization.replacementFiles.end() && file->before == i; ++file) {
        if (!replaceFromFile(file->file, root, set)) return false;
      }
      if (i < kustomization.replacements.size() &&
          !applyReplacement(set, kustomization.replacements[i], build_)) {
        return false;
      }
    }
    return true;
  }

  bool replaceFromFile(const Text& name, const std::string& root, ObjectSet& set) {
    const auto path = fileBelow(root, name, "replacements", build_);
    const auto documents = path ? readDocuments(*path, build_) : std::nullopt;
    if (!documents) return false;
    for (const Node& document : *documents) {
      const std::vector<Node> list = document.isList() ? document.items : std::vector{document};
      for (std::size_t i = 0; i < list.size(); ++i) {
        Replacement replacement;
        const std::string field = document.isList() ? "[" + std::to_string(i) + "]" : "";
        if (!readReplacement(list[i], field, build_, replacement) ||
            !applyReplacement(set, replacement, build_)) {
          return false;
        }
      }
    }
    return true;
  }

  Build& build_;
  /// The folders of the kustomizations that are being read, the outermost first.
  std::vector<std::string> open_;
};

/// Before the hashes, so that a ConfigMap with another value has another name; earlier names are
/// substituted as well, so that references still find them.
bool substituteAll(ObjectSet& set, const Variables& variables, Build& build) {
  if (variables.empty()) return true;
  bool good = true;
  for (const auto& object : set.objects()) {
    if (isLeftAsItIs(object->root)) continue;
    object->remember();
    good = substitute(object->root, variables, build) && good;
    for (ObjectId& id : object->previous) substituteText(id.name, variables);
  }
  return good;
}

bool isLocal(const Object& object) {
  const Node* annotations = object.metadata("annotations");
  const Node* value = annotations == nullptr ? nullptr : annotations->find(kLocalConfig);
  return value != nullptr && value->text != "false";
}

/// Patches, replacements and generators have looked already; this is for all that did not.
bool keepDecrypted(const ObjectSet& set, Build& build) {
  return std::ranges::all_of(set.objects(), [&](const auto& object) {
    return keepsDecrypted(*object, object->root.where, build);
  });
}

}  // namespace

bool isKustomized(const Files& files, const std::string& folder) {
  return !kustomizationsIn(files, folder).empty();
}

Rendered render(const Files& files, const std::string& folder, const Variables& variables,
                const Limits& limits, const Open& open) {
  Rendered result;
  Build build(files, limits, open, result);
  ObjectSet set;
  SortOptions sort;
  const Text asked{folder.empty() ? "." : folder, {}};
  const bool good = Accumulator(build).accumulate(folder, asked, false, set, &sort) &&
                    keepDecrypted(set, build) && substituteAll(set, variables, build);
  if (!good) return result;
  addContentSuffixes(set, build);
  if (!updateReferences(set, build)) return result;
  set.removeIf(isLocal);
  sortObjects(set, sort);
  if (hasErrors(result.diagnostics)) return result;
  for (const auto& object : set.objects()) result.objects.push_back(std::move(object->root));
  return result;
}

Rendered readPlain(const Files& files, const Variables& variables, const Limits& limits,
                   const Open& open) {
  Rendered result;
  Build build(files, limits, open, result);
  for (const auto& [path, content] : files) {
    std::optional<std::vector<Node>> documents = readDocuments(path, build);
    if (!documents) continue;
    for (Node& document : *documents) {
      if (!isLeftAsItIs(document)) substitute(document, variables, build);
      result.objects.push_back(std::move(document));
    }
  }
  if (hasErrors(result.diagnostics)) result.objects.clear();
  return result;
}

}  // namespace gantry::manifests::kustomize
