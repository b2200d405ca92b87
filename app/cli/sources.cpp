// SPDX-License-Identifier: Apache-2.0
#include "app/cli/sources.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "base/file.h"
#include "base/status.h"

namespace gantry::cli {
namespace {

namespace fs = std::filesystem;
using manifests::SourceFile;

bool isManifest(const fs::path& path) {
  return path.extension() == ".yaml" || path.extension() == ".yml" || path.extension() == ".json";
}

bool holdsKustomization(const fs::path& folder) {
  return std::ranges::any_of(
      std::initializer_list<const char*>{"kustomization.yaml", "kustomization.yml",
                                         "Kustomization"},
      [&](const char* name) { return fs::is_regular_file(folder / name); });
}

/// The regular files of a folder at any depth, in order; with `all`, also what is no manifest.
absl::StatusOr<std::vector<fs::path>> filesBelow(const fs::path& folder, bool all) {
  std::vector<fs::path> found;
  std::error_code error;
  for (fs::recursive_directory_iterator it(folder, error), end; it != end; it.increment(error)) {
    if (it->path().filename() == ".git") {
      it.disable_recursion_pending();
    } else if (it->is_regular_file(error) && !it->is_symlink(error) &&
               (all || isManifest(it->path()))) {
      found.push_back(it->path());
    }
  }
  if (error)
    return absl::InvalidArgumentError(absl::StrCat(folder.string(), ": ", error.message()));
  std::ranges::sort(found);
  return found;
}

absl::Status read(const std::vector<fs::path>& paths, const fs::path& root,
                  std::vector<SourceFile>& files) {
  for (const fs::path& path : paths) {
    absl::StatusOr<std::string> content = base::readFile(path);
    if (!content.ok()) return absl::InvalidArgumentError(content.status().message());
    const fs::path name = root.empty() ? path : path.lexically_relative(root);
    files.push_back({name.string(), *std::move(content)});
  }
  return absl::OkStatus();
}

/// The nearest folder around that is a Git repository; else the root of the disk.
fs::path repositoryOf(const fs::path& folder) {
  for (fs::path at = folder;; at = at.parent_path()) {
    if (fs::exists(at / ".git") || at == at.parent_path()) return at;
  }
}

/// Places as a person in the working directory would write them.
void relocate(manifests::RenderedSet& set, const fs::path& root) {
  for (manifests::Diagnostic& diagnostic : set.diagnostics) {
    std::string& file = diagnostic.where.file;
    if (!file.empty()) file = fs::proximate(root / file).string();
  }
}

absl::StatusOr<manifests::RenderedSet> renderKustomized(const std::string& path,
                                                        manifests::RenderOptions options) {
  const fs::path folder = fs::canonical(path);
  const fs::path root = repositoryOf(folder);
  const fs::path own = folder.lexically_relative(root);
  if (own != ".") options.folder = own.string();
  std::vector<SourceFile> files;
  std::set<std::string> known = {options.folder};
  std::set<std::string> wanted = known;
  while (true) {
    for (const std::string& name : wanted) {
      if (!fs::is_directory(root / name)) continue;
      GANTRY_ASSIGN_OR_RETURN(const std::vector<fs::path> paths,
                              filesBelow((root / name).lexically_normal(), true));
      GANTRY_RETURN_IF_ERROR(read(paths, root, files));
    }
    manifests::RenderedSet set = manifests::render(files, options);
    wanted.clear();
    std::ranges::set_difference(set.folders, known, std::inserter(wanted, wanted.end()));
    if (wanted.empty()) {
      relocate(set, root);
      return set;
    }
    known.insert(wanted.begin(), wanted.end());
  }
}

}  // namespace

absl::StatusOr<manifests::RenderedSet> renderFromDisk(const std::string& path,
                                                      const manifests::RenderOptions& options) {
  std::error_code error;
  std::vector<fs::path> paths = {path};
  if (fs::is_directory(path, error)) {
    if (holdsKustomization(path)) return renderKustomized(path, options);
    GANTRY_ASSIGN_OR_RETURN(paths, filesBelow(path, false));
    if (paths.empty()) {
      return absl::InvalidArgumentError(absl::StrCat(path, " holds no manifests"));
    }
  }
  std::vector<SourceFile> files;
  GANTRY_RETURN_IF_ERROR(read(paths, {}, files));
  return manifests::render(files, options);
}

}  // namespace gantry::cli
