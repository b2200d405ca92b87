// SPDX-License-Identifier: Apache-2.0
#include "gitsync/semver.h"

#include <algorithm>
#include <charconv>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/status.h"

namespace gantry::gitsync {
namespace {

/// A version whose last numbers may be left open: "1", "1.x", "1.2.*".
struct Partial {
  Version version;
  /// How many numbers were given.
  int given = 0;
  bool open = false;
};

bool isNumber(std::string_view text) {
  return !text.empty() && text.size() <= 18 && std::ranges::all_of(text, absl::ascii_isdigit);
}

std::uint64_t numberOf(std::string_view text) {
  std::uint64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

bool isIdentifier(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](unsigned char c) {
    return absl::ascii_isalnum(c) || c == '-';
  });
}

std::optional<Partial> parsePartial(std::string text) {
  if (!text.empty() && (text.front() == 'v' || text.front() == 'V')) text.erase(0, 1);
  if (const std::size_t build = text.find('+'); build != std::string::npos) {
    text.resize(build);
  }
  Partial partial;
  if (const std::size_t dash = text.find('-'); dash != std::string::npos) {
    partial.version.prerelease = absl::StrSplit(text.substr(dash + 1), '.');
    if (!std::ranges::all_of(partial.version.prerelease, isIdentifier)) return std::nullopt;
    text.resize(dash);
  }
  const std::vector<std::string> segments = absl::StrSplit(text, '.');
  if (segments.size() > partial.version.numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i] == "x" || segments[i] == "X" || segments[i] == "*") {
      partial.open = true;
    } else if (partial.open || !isNumber(segments[i])) {
      return std::nullopt;
    } else {
      partial.version.numbers[i] = numberOf(segments[i]);
      partial.given = static_cast<int>(i) + 1;
    }
  }
  if (partial.open && !partial.version.prerelease.empty()) return std::nullopt;
  return partial;
}

/// The least version, prereleases included, whose number at `position` is one higher.
Version after(const Version& version, int position) {
  Version next;
  for (int i = 0; i < position; ++i) next.numbers[i] = version.numbers[i];
  next.numbers[position] = version.numbers[position] + 1;
  next.prerelease = {"0"};
  return next;
}

std::strong_ordering compareIdentifiers(const std::string& left, const std::string& right) {
  const bool leftNumber = isNumber(left);
  const bool rightNumber = isNumber(right);
  if (leftNumber && rightNumber) return numberOf(left) <=> numberOf(right);
  if (leftNumber != rightNumber) {
    return leftNumber ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return left.compare(right) <=> 0;
}

}  // namespace

std::strong_ordering Version::operator<=>(const Version& other) const {
  if (const auto order = numbers <=> other.numbers; order != 0) return order;
  // 1.0.0-rc.1 comes before 1.0.0.
  if (prerelease.empty() || other.prerelease.empty()) {
    return prerelease.empty() <=> other.prerelease.empty();
  }
  return std::lexicographical_compare_three_way(prerelease.begin(), prerelease.end(),
                                                other.prerelease.begin(), other.prerelease.end(),
                                                compareIdentifiers);
}

std::optional<Version> parseVersion(const std::string& text) {
  const std::optional<Partial> partial = parsePartial(text);
  if (!partial || partial->open) return std::nullopt;
  return partial->version;
}

absl::StatusOr<VersionRange> VersionRange::parse(const std::string& text) {
  VersionRange range;
  for (const std::string& part : std::vector<std::string>(absl::StrSplit(text, "||"))) {
    Alternative alternative;
    // ">= 1.2" is ">=1.2".
    std::string joined = absl::StrReplaceAll(part, {{",", " "}});
    for (std::size_t i = joined.find_first_of("<>=~^!"); i != std::string::npos;
         i = joined.find_first_of("<>=~^!", i + 1)) {
      while (i + 1 < joined.size() && joined[i + 1] == ' ') joined.erase(i + 1, 1);
    }
    for (const std::string& comparator :
         std::vector<std::string>(absl::StrSplit(joined, ' ', absl::SkipEmpty()))) {
      if (absl::Status status = add(alternative, comparator); !status.ok()) {
        return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" is no range of versions (",
                                                       status.message(),
                                                       "); write it like 1.x, ^1.2 or >=1.2 <2"));
      }
    }
    if (alternative.all.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", text, "\" is no range of versions: a part is empty"));
    }
    range.any_.push_back(std::move(alternative));
  }
  return range;
}

absl::Status VersionRange::add(Alternative& alternative, const std::string& text) {
  static constexpr std::array<std::pair<std::string_view, char>, 8> kRelations = {{{">=", 'g'},
                                                                                   {"<=", 'l'},
                                                                                   {"!=", '!'},
                                                                                   {">", '>'},
                                                                                   {"<", '<'},
                                                                                   {"=", '='},
                                                                                   {"~", '~'},
                                                                                   {"^", '^'}}};
  char relation = '=';
  std::string rest = text;
  for (const auto& [sign, meaning] : kRelations) {
    if (!rest.starts_with(sign)) continue;
    relation = meaning;
    rest.erase(0, sign.size());
    break;
  }
  const std::optional<Partial> partial = parsePartial(rest);
  if (!partial) return absl::InvalidArgumentError(absl::StrCat("\"", text, "\""));
  const Version& version = partial->version;
  const int given = partial->given;
  alternative.namesPrerelease |= !version.prerelease.empty();
  if (given == 0) {
    if (relation == '<' || relation == '>' || relation == '!') {
      return absl::InvalidArgumentError(absl::StrCat("\"", text, "\" holds never"));
    }
    alternative.all.push_back({'g', Version{}});
    return absl::OkStatus();
  }
  const bool whole = given == 3;
  switch (relation) {
    case '~':
      alternative.all.push_back({'g', version});
      alternative.all.push_back({'<', after(version, given == 1 ? 0 : 1)});
      break;
    case '^': {
      // What is left of the first number that is not 0 stays.
      int fixed = 0;
      while (fixed < given - 1 && version.numbers[fixed] == 0) ++fixed;
      alternative.all.push_back({'g', version});
      alternative.all.push_back({'<', after(version, fixed)});
      break;
    }
    case '=':
      if (whole) {
        alternative.all.push_back({'=', version});
      } else {
        alternative.all.push_back({'g', version});
        alternative.all.push_back({'<', after(version, given - 1)});
      }
      break;
    case '>':
      // ">1.2" is beyond all of 1.2.
      alternative.all.push_back(whole ? Comparator{'>', version}
                                      : Comparator{'g', after(version, given - 1)});
      break;
    case 'l':
      alternative.all.push_back(whole ? Comparator{'l', version}
                                      : Comparator{'<', after(version, given - 1)});
      break;
    case '!':
      if (!whole) return absl::InvalidArgumentError("\"!=\" needs a whole version");
      [[fallthrough]];
    default:
      alternative.all.push_back({relation, version});
  }
  return absl::OkStatus();
}

bool VersionRange::Comparator::holds(const Version& other) const {
  const std::strong_ordering order = other <=> version;
  switch (relation) {
    case '<':
      return order < 0;
    case '>':
      return order > 0;
    case 'l':
      return order <= 0;
    case 'g':
      return order >= 0;
    case '!':
      return order != 0;
    default:
      return order == 0;
  }
}

bool VersionRange::contains(const Version& version) const {
  return std::ranges::any_of(any_, [&](const Alternative& alternative) {
    return (version.prerelease.empty() || alternative.namesPrerelease) &&
           std::ranges::all_of(alternative.all, [&](const Comparator& comparator) {
             return comparator.holds(version);
           });
  });
}

}  // namespace gantry::gitsync
