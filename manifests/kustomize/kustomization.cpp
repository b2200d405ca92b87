// SPDX-License-Identifier: Apache-2.0
#include "manifests/kustomize/kustomization.h"

#include "manifests/kustomize/kustomization_parts.h"

namespace gantry::manifests::kustomize {
namespace {

constexpr const char* kNoPrograms =
    "rendering runs no programs and needs nothing but the repository";
constexpr const char* kNoPlugins = "plugins are programs; use patches, replacements or components";

class DocumentReader {
 public:
  DocumentReader(const Node& document, Build& build) : reader_(document, "", build), build_(build) {
    out_.where = document.where;
  }

  std::optional<Kustomization> read() {
    readHead();
    readOperands();
    readNames();
    readPatches();
    readTransformers();
    readGenerators();
    readSort();
    refuseOthers();
    good_ = reader_.finish() && good_;
    if (!good_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void keep(bool good) { good_ = good && good_; }

  void readHead() {
    Text apiVersion, kind;
    reader_.text("apiVersion", apiVersion);
    reader_.text("kind", kind);
    reader_.value("metadata", [](const Node&, const std::string&) {});
    if (kind.given() && kind.value != "Kustomization" && kind.value != "Component") {
      keep(build_.error(kind.where, "kind",
                        "a kustomization is not of kind " + inQuotes(kind.value),
                        "write Kustomization, Component, or leave it out"));
    }
    out_.isComponent = kind.value == "Component";
    const char* version =
        out_.isComponent ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
    if (apiVersion.given() && apiVersion.value != version) {
      keep(build_.error(apiVersion.where, "apiVersion",
                        inQuotes(apiVersion.value) + " is not known",
                        std::string("write ") + version + ", or leave it out"));
    }
  }

  void readOperands() {
    reader_.texts("resources", out_.resources);
    reader_.deprecate("bases", "resources");
    reader_.texts("bases", out_.resources);
    reader_.texts("components", out_.components);
  }

  void readNames() {
    reader_.text("namespace", out_.ns);
    reader_.text("namePrefix", out_.namePrefix);
    reader_.text("nameSuffix", out_.nameSuffix);
    reader_.eachMap("labels", [&](const Node& node, const std::string& path) {
      keep(readLabels(node, path, build_, out_.labels.emplace_back()));
    });
    // As Kustomize does it: common labels come after the others, and go everywhere.
    LabelSet common;
    common.includeSelectors = true;
    reader_.pairs("commonLabels", common.pairs);
    if (!common.pairs.empty()) out_.labels.push_back(std::move(common));
    reader_.pairs("commonAnnotations", out_.annotations);
  }

  void readPatches() {
    reader_.deprecate("patchesStrategicMerge", "patches");
    reader_.each("patchesStrategicMerge", [&](const Node& node, const std::string& path) {
      Patch patch{.form = Patch::Form::kStrategic, .where = node.where, .path = path};
      if (!node.isScalar()) {
        return keep(build_.error(node.where, path, "expected a file or a patch as text"));
      }
      const bool isFile = node.text.find('\n') == std::string::npos;
      (isFile ? patch.file : patch.text) = {node.text, node.where};
      out_.patches.push_back(std::move(patch));
    });
    reader_.eachMap("patches", [&](const Node& node, const std::string& path) {
      keep(readPatch(node, path, build_, out_.patches.emplace_back()));
    });
    reader_.deprecate("patchesJson6902", "patches");
    reader_.eachMap("patchesJson6902", [&](const Node& node, const std::string& path) {
      Patch& patch = out_.patches.emplace_back();
      keep(readPatch(node, path, build_, patch));
      patch.form = Patch::Form::kJson;
    });
  }

  void readTransformers() {
    for (const char* name : {"images", "imageTags"}) {
      if (name == std::string_view("imageTags")) reader_.deprecate(name, "images");
      reader_.eachMap(name, [&](const Node& node, const std::string& path) {
        keep(readImage(node, path, build_, out_.images.emplace_back()));
      });
    }
    reader_.eachMap("replicas", [&](const Node& node, const std::string& path) {
      keep(readReplicas(node, path, build_, out_.replicas.emplace_back()));
    });
    reader_.eachMap("replacements", [&](const Node& node, const std::string& path) {
      if (const Node* file = node.find("path"); file != nullptr && file->isScalar()) {
        out_.replacementFiles.push_back({{file->text, file->where}, out_.replacements.size()});
        return;
      }
      keep(readReplacement(node, path, build_, out_.replacements.emplace_back()));
    });
  }

  void readGenerators() {
    GeneratorOptions all;
    reader_.map("generatorOptions", [&](const Node& node, const std::string& path) {
      keep(readGeneratorOptions(node, path, build_, all));
    });
    for (const bool secret : {false, true}) {
      const char* name = secret ? "secretGenerator" : "configMapGenerator";
      reader_.eachMap(name, [&](const Node& node, const std::string& path) {
        Generator& generator = out_.generators.emplace_back();
        keep(readGenerator(node, path, secret, build_, generator));
        GeneratorOptions& own = generator.options;
        own.labels.insert(all.labels.begin(), all.labels.end());
        own.annotations.insert(all.annotations.begin(), all.annotations.end());
        own.disableNameSuffixHash |= all.disableNameSuffixHash;
        own.immutable |= all.immutable;
      });
    }
  }

  void readSort() {
    reader_.map("sortOptions", [&](const Node& node, const std::string& path) {
      Reader inner(node, path, build_);
      Text order;
      inner.text("order", order);
      inner.map("legacySortOptions", [&](const Node& legacy, const std::string& legacyPath) {
        Reader innermost(legacy, legacyPath, build_);
        innermost.texts("orderFirst", out_.sort.first);
        innermost.texts("orderLast", out_.sort.last);
        out_.sort.given = true;
        keep(innermost.finish());
      });
      keep(inner.finish());
      out_.sort.legacy = order.value == "legacy";
      if (order.value != "legacy" && order.value != "fifo") {
        keep(build_.error(node.where, path + ".order", "unknown order " + inQuotes(order.value),
                          "write legacy or fifo"));
      }
    });
  }

  void refuseOthers() {
    reader_.refuse("vars", "Kustomize has given them up; use replacements");
    for (const char* name : {"helmCharts", "helmGlobals", "helmChartInflationGenerator"}) {
      reader_.refuse(name, kNoPrograms);
    }
    for (const char* name : {"generators", "transformers", "validators"}) {
      reader_.refuse(name, kNoPlugins);
    }
    reader_.refuse("configurations", "where names, labels and images stand is built in");
    reader_.refuse("crds", "Gantry has no kinds but its own");
    reader_.refuse("openapi", "Gantry's schema says how lists are merged");
    reader_.refuse("inventory", "an Application keeps its inventory");
    reader_.ignore("buildMetadata", "the plan says where an object comes from");
  }

  Reader reader_;
  Build& build_;
  Kustomization out_;
  bool good_ = true;
};

}  // namespace

std::optional<Kustomization> readKustomization(const Node& document, Build& build) {
  return DocumentReader(document, build).read();
}

}  // namespace gantry::manifests::kustomize
