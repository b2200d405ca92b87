// SPDX-License-Identifier: Apache-2.0
#include "app/client/context.h"

#include <algorithm>
#include <cstdlib>
#include <set>
#include <system_error>

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"

namespace gantry::client {
namespace {

absl::Status errorAt(const YAML::Mark& mark, const std::string& message) {
  return absl::InvalidArgumentError(
      absl::StrCat(mark.line + 1, ":", mark.column + 1, ": ", message));
}

absl::Status checkKeys(const YAML::Node& map, const std::set<std::string>& known) {
  if (!map.IsMap()) return errorAt(map.Mark(), "expected a mapping");
  for (const auto& entry : map) {
    const auto key = entry.first.as<std::string>();
    if (!known.contains(key)) {
      return errorAt(entry.first.Mark(), absl::StrCat("unknown field \"", key, "\""));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Context> decodeContext(const YAML::Node& node) {
  GANTRY_RETURN_IF_ERROR(checkKeys(node, {"name", "server", "caCertificate", "certificate", "key",
                                          "color", "production", "readOnly"}));
  for (const char* required : {"name", "server", "caCertificate", "certificate", "key"}) {
    if (!node[required] || node[required].as<std::string>().empty()) {
      return errorAt(node.Mark(), absl::StrCat("a context needs \"", required, "\""));
    }
  }
  Context context;
  context.name = node["name"].as<std::string>();
  context.server = node["server"].as<std::string>();
  context.caCertificate = node["caCertificate"].as<std::string>();
  context.certificate = node["certificate"].as<std::string>();
  context.key = node["key"].as<std::string>();
  context.color = node["color"].as<std::string>("");
  context.production = node["production"].as<bool>(false);
  context.readOnly = node["readOnly"].as<bool>(false);
  return context;
}

absl::StatusOr<ContextFile> decodeFile(const YAML::Node& root) {
  ContextFile file;
  if (!root.IsDefined() || root.IsNull()) return file;
  GANTRY_RETURN_IF_ERROR(checkKeys(root, {"currentContext", "contexts"}));
  file.currentContext = root["currentContext"].as<std::string>("");
  for (const YAML::Node& node : root["contexts"]) {
    GANTRY_ASSIGN_OR_RETURN(Context context, decodeContext(node));
    if (file.find(context.name) != nullptr) {
      return errorAt(node.Mark(), absl::StrCat("two contexts are named \"", context.name, "\""));
    }
    file.contexts.push_back(std::move(context));
  }
  if (!file.currentContext.empty() && file.find(file.currentContext) == nullptr) {
    return errorAt(root["currentContext"].Mark(),
                   absl::StrCat("there is no context named \"", file.currentContext, "\""));
  }
  return file;
}

std::string contextNames(const ContextFile& file) {
  std::string names;
  for (const Context& context : file.contexts) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", context.name);
  }
  return names.empty() ? "none" : names;
}

}  // namespace

const Context* ContextFile::find(std::string_view name) const {
  const auto found =
      std::ranges::find_if(contexts, [&](const Context& context) { return context.name == name; });
  return found == contexts.end() ? nullptr : &*found;
}

absl::StatusOr<ContextFile> parseContexts(std::string_view yaml) {
  try {
    return decodeFile(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    return errorAt(error.mark, error.msg);
  }
}

std::string formatContexts(const ContextFile& file) {
  YAML::Emitter out;
  out << YAML::BeginMap;
  if (!file.currentContext.empty()) {
    out << YAML::Key << "currentContext" << YAML::Value << file.currentContext;
  }
  out << YAML::Key << "contexts" << YAML::Value << YAML::BeginSeq;
  for (const Context& context : file.contexts) {
    out << YAML::BeginMap;
    out << YAML::Key << "name" << YAML::Value << context.name;
    out << YAML::Key << "server" << YAML::Value << context.server;
    out << YAML::Key << "caCertificate" << YAML::Value << YAML::Literal << context.caCertificate;
    out << YAML::Key << "certificate" << YAML::Value << YAML::Literal << context.certificate;
    out << YAML::Key << "key" << YAML::Value << YAML::Literal << context.key;
    if (!context.color.empty()) {
      out << YAML::Key << "color" << YAML::Value << YAML::DoubleQuoted << context.color;
    }
    if (context.production) out << YAML::Key << "production" << YAML::Value << true;
    if (context.readOnly) out << YAML::Key << "readOnly" << YAML::Value << true;
    out << YAML::EndMap;
  }
  out << YAML::EndSeq << YAML::EndMap;
  return std::string(out.c_str()) + "\n";
}

std::filesystem::path defaultContextPath() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::filesystem::path(value == nullptr ? "" : value);
  };
  if (const auto path = variable("GANTRY_CONFIG"); !path.empty()) return path;
  if (const auto config = variable("XDG_CONFIG_HOME"); !config.empty()) {
    return config / "gantry/config.yaml";
  }
  return variable("HOME") / ".config/gantry/config.yaml";
}

absl::StatusOr<ContextFile> loadContexts(const std::filesystem::path& path) {
  GANTRY_ASSIGN_OR_RETURN(const std::string text, base::readFile(path));
  absl::StatusOr<ContextFile> file = parseContexts(text);
  if (file.ok()) return file;
  return absl::Status(file.status().code(),
                      absl::StrCat(path.string(), ":", file.status().message()));
}

absl::Status saveContexts(const std::filesystem::path& path, const ContextFile& file) {
  std::error_code error;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), error);
  if (error) {
    return absl::UnavailableError(absl::StrCat(path.parent_path().string(), ": ", error.message()));
  }
  return base::writeFileAtomically(path, formatContexts(file), base::kOwnerOnly);
}

void mergeContexts(ContextFile& into, const ContextFile& from) {
  for (const Context& context : from.contexts) {
    std::erase_if(into.contexts, [&](const Context& old) { return old.name == context.name; });
    into.contexts.push_back(context);
  }
  if (into.currentContext.empty()) into.currentContext = from.currentContext;
}

absl::StatusOr<Context> resolveContext(const std::string& name, const std::filesystem::path& file) {
  const std::filesystem::path path = file.empty() ? defaultContextPath() : file;
  GANTRY_ASSIGN_OR_RETURN(const ContextFile contexts, loadContexts(path));
  const std::string& wanted = name.empty() ? contexts.currentContext : name;
  if (const Context* found = contexts.find(wanted)) return *found;
  if (wanted.empty() && contexts.contexts.size() == 1) return contexts.contexts.front();
  if (wanted.empty()) {
    return absl::NotFoundError(absl::StrCat(
        path.string(), " has no current context; name one of: ", contextNames(contexts)));
  }
  return absl::NotFoundError(absl::StrCat(path.string(), " has no context \"", wanted,
                                          "\"; there are: ", contextNames(contexts)));
}

}  // namespace gantry::client
