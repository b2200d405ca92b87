// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/volume_files.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status.h"

namespace gantry::agent {
namespace {

using Data = std::map<std::string, std::string>;

Data dataOf(const schema::ConfigMap& configMap) {
  Data data(configMap.data().begin(), configMap.data().end());
  data.insert(configMap.binary_data().begin(), configMap.binary_data().end());
  return data;
}

Data dataOf(const schema::Secret& secret) {
  return {secret.data().begin(), secret.data().end()};
}

absl::Status leadsOut(const std::string& what, std::string_view path) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, ": \"", absl::string_view(path.data(), path.size()),
                   "\" leads out of the volume; use a relative path without \"..\""));
}

// `what` names the object in errors: "ConfigMap shop/front".
template <class Source>
absl::StatusOr<VolumeFiles> pick(const Source& source, const Data& data, const std::string& what) {
  const unsigned defaultMode =
      source.has_default_mode() ? static_cast<unsigned>(source.default_mode()) : 0644;
  VolumeFiles files;
  if (source.items().empty()) {
    for (const auto& [key, content] : data) {
      if (!isInside(key) || absl::StrContains(key, '/')) return leadsOut(what, key);
      files[key] = {content, defaultMode};
    }
    return files;
  }
  for (const schema::KeyToPath& item : source.items()) {
    if (!isInside(item.path())) return leadsOut(what, item.path());
    const auto found = data.find(item.key());
    if (found == data.end() && source.optional()) continue;
    if (found == data.end()) {
      return absl::FailedPreconditionError(absl::StrCat(what, " has no key \"", item.key(), "\""));
    }
    files[item.path()] = {found->second,
                          item.has_mode() ? static_cast<unsigned>(item.mode()) : defaultMode};
  }
  return files;
}

template <class Source, class Object>
absl::StatusOr<VolumeFiles> filesFrom(const Source& source, std::string_view kind,
                                      const std::string& key,
                                      const std::map<std::string, Object>& objects) {
  const std::string what = absl::StrCat(absl::string_view(kind.data(), kind.size()), " ", key);
  const auto found = objects.find(key);
  if (found != objects.end()) return pick(source, dataOf(found->second), what);
  if (source.optional()) return VolumeFiles();
  return absl::FailedPreconditionError(absl::StrCat(what, " does not exist"));
}

}  // namespace

bool isInside(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.starts_with("..") ||
      path.find('\0') != std::string_view::npos) {
    return false;
  }
  for (const absl::string_view part :
       absl::StrSplit(absl::string_view(path.data(), path.size()), '/')) {
    if (part.empty() || part == "." || part == "..") return false;
  }
  return true;
}

absl::StatusOr<VolumeFiles> volumeFiles(const schema::Volume& volume,
                                        const std::string& podNamespace,
                                        const ConfigSources& sources) {
  if (volume.has_config_map()) {
    return filesFrom(volume.config_map(), "ConfigMap",
                     absl::StrCat(podNamespace, "/", volume.config_map().name()),
                     sources.configMaps);
  }
  return filesFrom(volume.secret(), "Secret",
                   absl::StrCat(podNamespace, "/", volume.secret().secret_name()), sources.secrets);
}

}  // namespace gantry::agent
