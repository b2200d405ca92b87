// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "manifests/kustomize/node.h"
#include "manifests/kustomize/render.h"

namespace gantry::manifests::kustomize {

/// What the steps of one rendering share: the files, what went wrong, and how much was used up.
/// A step that fails has said why, and answers false; nothing that was made may then be used.
class Build {
 public:
  Build(const Files& files, const Limits& limits, const Open& open, Rendered& result)
      : files_(files), limits_(limits), open_(open), result_(result) {}

  const Files& files() const { return files_; }
  const Limits& limits() const { return limits_; }

  /// What a file says, decrypted if need be. `path` is one of files(). Nothing, with errors, if it
  /// cannot be read. The text lives as long as this.
  std::optional<std::string_view> read(const std::string& path);
  /// Whether read() gave something else than the content of the file: it is encrypted.
  bool isEncrypted(const std::string& path) const { return opened_.contains(path); }
  /// From 1; 0 if it is not encrypted.
  int numberOf(const std::string& path) const;
  /// Of the encrypted file with that number; see Opened.
  const std::string& hashKey(int number) const { return hashKeys_[number - 1]; }
  /// Whether any file was.
  bool hasDecrypted() const { return !opened_.empty(); }
  /// After read(): false, with an error, if the text must not be read as manifests.
  bool mayHoldManifests(const std::string& path);

  /// Always false, to be returned.
  bool error(const Place& where, std::string path, std::string message, std::string hint = "");
  void warn(const Place& where, std::string path, std::string message, std::string hint = "");
  /// Takes over what the decoder said; false if an error is among it.
  bool take(std::vector<Diagnostic> diagnostics);

  /// Counts what is copied; false, with an error at `where`, once the limit is passed.
  bool spend(std::size_t weight, const Place& where);
  /// The same for one more kustomization.
  bool enter(const Place& where);

  /// A folder outside of the rendered one.
  void use(const std::string& folder) { result_.folders.insert(folder); }

 private:
  const Files& files_;
  const Limits& limits_;
  const Open& open_;
  Rendered& result_;
  struct Decrypted {
    int number = 0;
    /// Nothing if it cannot be read.
    std::optional<std::string> text;
    std::optional<Diagnostic> notForManifests;
  };
  std::map<std::string, Decrypted, std::less<>> opened_;
  std::vector<std::string> hashKeys_;
  std::size_t spent_ = 0;
  std::size_t entered_ = 0;
};

/// "apiVersion" of an object, or any other text, for an error; see printable().
std::string inQuotes(std::string_view text);

}  // namespace gantry::manifests::kustomize
