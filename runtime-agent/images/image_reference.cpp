// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/images/image_reference.h"

#include <regex>

#include "absl/strings/str_cat.h"

namespace gantry::agent {
namespace {

constexpr std::string_view kDefaultRegistry = "docker.io";
constexpr std::size_t kMaxNameLength = 255;

absl::Status invalid(std::string_view image, std::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("image \"", absl::string_view(image.data(), image.size()),
                   "\": ", absl::string_view(what.data(), what.size())));
}

bool matches(std::string_view text, const char* pattern) {
  return std::regex_match(text.begin(), text.end(), std::regex(pattern));
}

// The first component is a registry only if it cannot be part of a repository on Docker Hub.
bool isRegistry(std::string_view component) {
  return component.find_first_of(".:") != std::string_view::npos || component == "localhost" ||
         component.find_first_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string_view::npos;
}

}  // namespace

absl::StatusOr<ImageReference> parseImage(std::string_view text) {
  if (text.empty()) return invalid(text, "the name is empty");
  if (text.size() > 512) return invalid(text.substr(0, 64), "the name is too long");
  ImageReference image;
  std::string_view rest = text;
  if (const auto at = rest.find('@'); at != std::string_view::npos) {
    image.digest = rest.substr(at + 1);
    rest = rest.substr(0, at);
    if (!matches(image.digest, "sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")) {
      return invalid(text, "the digest is not sha256: and 64 hexadecimal digits");
    }
  }
  const auto lastSlash = rest.rfind('/');
  const auto colon = rest.find(':', lastSlash == std::string_view::npos ? 0 : lastSlash);
  if (colon != std::string_view::npos) {
    image.tag = rest.substr(colon + 1);
    rest = rest.substr(0, colon);
    if (!matches(image.tag, "[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}")) {
      return invalid(text, "the tag has letters, digits, _ . and - only, at most 128");
    }
  } else if (image.digest.empty()) {
    image.tag = "latest";
  }

  const auto slash = rest.find('/');
  if (slash != std::string_view::npos && isRegistry(rest.substr(0, slash))) {
    image.registry = rest.substr(0, slash);
    image.repository = rest.substr(slash + 1);
    if (image.registry == "index.docker.io") image.registry = kDefaultRegistry;
  } else {
    image.registry = kDefaultRegistry;
    image.repository = rest;
  }
  if (!matches(image.registry, "[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?")) {
    return invalid(text, "the registry is not a host name with an optional port");
  }
  if (image.registry == kDefaultRegistry && image.repository.find('/') == std::string::npos) {
    image.repository = absl::StrCat("library/", image.repository);
  }
  if (image.repository.size() > kMaxNameLength) return invalid(text, "the repository is too long");
  if (!matches(image.repository,
               "[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|__?|-+)[a-z0-9]+)*)*")) {
    return invalid(text, "the repository has lower-case letters and digits, parted by . _ - or /");
  }
  return image;
}

std::string formatImage(const ImageReference& image) {
  std::string text = absl::StrCat(image.registry, "/", image.repository);
  if (!image.tag.empty()) absl::StrAppend(&text, ":", image.tag);
  if (!image.digest.empty()) absl::StrAppend(&text, "@", image.digest);
  return text;
}

}  // namespace gantry::agent
