// SPDX-License-Identifier: Apache-2.0
#include <set>

#include "manifests/decode/json_text.h"
#include "manifests/decode/quantity.h"
#include "manifests/validate/names.h"
#include "manifests/validate/rules.h"

namespace gantry::manifests {
namespace {

constexpr int kMaxMode = 0777;

template <class Items>
void checkItems(const Items& items, const FieldPath& path, Problems& problems) {
  for (int i = 0; i < items.size(); ++i) {
    const FieldPath item = path.element(i);
    problems.require(isConfigKey(items[i].key()), item.field("key"), "a valid key is missing");
    problems.require(!items[i].path().empty() && isInnerPath(items[i].path()), item.field("path"),
                     "the path must be inside the volume", "write it without leading / and ..");
    problems.requireRange(items[i].mode(), 0, kMaxMode, item.field("mode"));
  }
}

void checkHostPath(const schema::HostPathVolumeSource& source, const FieldPath& path,
                   Problems& problems) {
  const bool absolute = source.path().starts_with('/') && isInnerPath(source.path().substr(1));
  problems.require(absolute, path.field("path"), "it must be an absolute path without ..");
  problems.requireOneOf(source.type(),
                        {"", "DirectoryOrCreate", "Directory", "FileOrCreate", "File", "Socket",
                         "CharDevice", "BlockDevice"},
                        path.field("type"));
}

void checkVolume(const schema::Volume& volume, const FieldPath& path, Problems& problems) {
  const int sources = volume.has_empty_dir() + volume.has_host_path() + volume.has_config_map() +
                      volume.has_secret();
  problems.require(sources == 1, path, "a volume has exactly one source",
                   "use one of emptyDir, hostPath, configMap, secret");
  if (volume.has_empty_dir()) {
    const FieldPath source = path.field("emptyDir");
    problems.requireOneOf(volume.empty_dir().medium(), {"", "Memory"}, source.field("medium"));
    problems.require(millisOf(volume.empty_dir().size_limit()) >= 0, source.field("sizeLimit"),
                     "an amount cannot be negative");
  }
  if (volume.has_host_path()) checkHostPath(volume.host_path(), path.field("hostPath"), problems);
  if (volume.has_config_map()) {
    const FieldPath source = path.field("configMap");
    problems.require(isDnsSubdomain(volume.config_map().name()), source.field("name"),
                     "the name of a ConfigMap is missing");
    problems.requireRange(volume.config_map().default_mode(), 0, kMaxMode,
                          source.field("defaultMode"));
    checkItems(volume.config_map().items(), source.field("items"), problems);
  }
  if (volume.has_secret()) {
    const FieldPath source = path.field("secret");
    problems.require(isDnsSubdomain(volume.secret().secret_name()), source.field("secretName"),
                     "the name of a Secret is missing");
    problems.requireRange(volume.secret().default_mode(), 0, kMaxMode, source.field("defaultMode"));
    checkItems(volume.secret().items(), source.field("items"), problems);
  }
}

}  // namespace

void checkVolumes(const schema::PodSpec& spec, const FieldPath& path, Problems& problems) {
  std::set<std::string> names;
  for (int i = 0; i < spec.volumes_size(); ++i) {
    const FieldPath element = path.element(i);
    const std::string& name = spec.volumes(i).name();
    problems.require(isDnsLabel(name), element.field("name"), "a valid name of a volume is missing",
                     "use at most 63 lower-case letters, digits and '-'");
    if (!names.insert(name).second) {
      problems.error(element.field("name"), jsonText(name) + " is used twice");
    }
    checkVolume(spec.volumes(i), element, problems);
  }
}

}  // namespace gantry::manifests
