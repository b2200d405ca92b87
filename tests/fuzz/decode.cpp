// SPDX-License-Identifier: Apache-2.0
// A file of manifests: decoded, defaults applied twice, validated, and printed to be read again.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "manifests/decode/decode.h"
#include "manifests/defaults/defaults.h"
#include "manifests/diff/diff.h"
#include "manifests/validate/validate.h"

namespace {

using namespace gantry::manifests;

Resource withDefaults(const Resource& resource) {
  std::shared_ptr<google::protobuf::Message> message(resource.message().New());
  message->CopyFrom(resource.message());
  applyDefaults(*message);
  return resource.with(std::move(message));
}

/// What is recorded, or sent, reads back to the same.
void checkStored(const Resource& resource) {
  const std::unique_ptr<google::protobuf::Message> again(resource.message().New());
  GANTRY_CHECK(again->ParseFromString(canonicalBytes(resource.message())));
  GANTRY_CHECK(sameContent(*again, resource.message()));
}

/// What is printed reads back to the same, but for what is masked.
void checkPrinted(const Resource& resource) {
  if (resource.key().kind == "Secret") return;
  const Decoded again = decode(toYaml(resource.message()), "printed.yaml");
  GANTRY_CHECK(!hasErrors(again.diagnostics));
  GANTRY_CHECK(again.resources.size() == 1);
  GANTRY_CHECK(diff(&resource.message(), &again.resources[0].message()).empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Decoded decoded = decode(text, "fuzz.yaml");
  for (const Diagnostic& diagnostic : decoded.diagnostics)
    GANTRY_CHECK(!diagnostic.toString().empty());
  std::vector<Resource> complete;
  for (const Resource& resource : decoded.resources) {
    const Resource once = withDefaults(resource);
    GANTRY_CHECK(sameContent(once.message(), withDefaults(once).message()));
    GANTRY_CHECK(diff(&once.message(), &once.message()).empty());
    checkStored(once);
    checkPrinted(resource);
    validate(once);
    validateUpdate(resource, once);
    complete.push_back(once);
  }
  validateSet(complete);
  return 0;
}
