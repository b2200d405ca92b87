// SPDX-License-Identifier: Apache-2.0
// A repository in one text: a line "%% PATH" begins a file; what stands before the first is
// kustomization.yaml. It is rendered with variables, and what comes of it is decoded, recorded and
// read back. A file that begins with "#enc" is taken for an encrypted one, and "@@" in it for a
// secret: no diagnostic may show that, and no object elsewhere than where it is masked.
#include <cstdint>
#include <deque>
#include <string_view>

#include "base/check.h"
#include "manifests/kustomize/render.h"
#include "tests/fuzz/fake_secrets.h"

namespace {

using namespace gantry::manifests;
using namespace gantry::testing;

/// Paths come from a Git tree: nothing else can reach the renderer.
bool isTreePath(std::string_view path) {
  if (path.empty() || path.size() > 200) return false;
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    if (name.empty() || name == "." || name == ".." || name.find('\0') != name.npos) return false;
    begin = end + 1;
  }
  return true;
}

kustomize::Files repositoryOf(std::string_view text) {
  constexpr std::string_view kMark = "\n%% ";
  kustomize::Files files;
  std::string path = "kustomization.yaml";
  while (true) {
    const std::size_t end = std::min(text.find(kMark), text.size());
    if (isTreePath(path)) files.emplace(path, text.substr(0, end));
    if (end == text.size()) return files;
    text.remove_prefix(end + kMark.size());
    const std::size_t line = std::min(text.find('\n'), text.size());
    path = text.substr(0, line);
    text.remove_prefix(std::min(line + 1, text.size()));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  // Only what is decrypted may be the secret.
  if (shows(std::string(text))) return 0;
  const kustomize::Files files = repositoryOf(text);
  static const kustomize::Variables kVariables = {{"NAME", "web"}, {"N", "3"}, {"EMPTY", ""}};
  const kustomize::Rendered rendered = kustomize::render(files, "", kVariables, {}, openFake);
  for (const Diagnostic& diagnostic : rendered.diagnostics) {
    GANTRY_CHECK(!diagnostic.toString().empty());
    GANTRY_CHECK(!shows(diagnostic.toString()));
  }
  GANTRY_CHECK(rendered.objects.empty() || !hasErrors(rendered.diagnostics));
  std::deque<YamlNode> storage;
  std::vector<const YamlNode*> documents;
  for (const kustomize::Node& object : rendered.objects) {
    documents.push_back(kustomize::toYaml(object, storage));
    const YamlNode& shown = *documents.back();
    GANTRY_CHECK(isMasked(shown, says(shown, "apiVersion", "v1") && says(shown, "kind", "Secret")));
  }
  const Decoded decoded = decodeTrees(documents, "fuzz.yaml");
  for (const Diagnostic& diagnostic : decoded.diagnostics) {
    GANTRY_CHECK(!shows(diagnostic.toString()));
  }
  for (const Resource& resource : decoded.resources) {
    const std::unique_ptr<google::protobuf::Message> again(resource.message().New());
    GANTRY_CHECK(again->ParseFromString(canonicalBytes(resource.message())));
  }
  return 0;
}
