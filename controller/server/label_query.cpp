// SPDX-License-Identifier: Apache-2.0
#include "controller/server/label_query.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace gantry::server {

absl::StatusOr<LabelQuery> LabelQuery::parse(std::string_view text) {
  LabelQuery query;
  if (text.empty()) return query;
  for (const std::string& piece :
       std::vector<std::string>(absl::StrSplit(std::string(text), ','))) {
    Part part;
    const std::size_t equals = piece.find('=');
    const bool differs = equals != std::string::npos && equals > 0 && piece[equals - 1] == '!';
    // "a==b" means what "a=b" means.
    const std::size_t doubled = equals != std::string::npos && piece.substr(equals, 2) == "==";
    part.test = equals == std::string::npos ? Part::Test::kExists
                : differs                   ? Part::Test::kDiffers
                                            : Part::Test::kEquals;
    part.key = piece.substr(0, differs ? equals - 1 : equals);
    if (equals != std::string::npos) part.value = piece.substr(equals + 1 + doubled);
    absl::StripAsciiWhitespace(&part.key);
    absl::StripAsciiWhitespace(&part.value);
    if (part.key.empty() || part.key.find_first_of("!<>() \t") != std::string::npos ||
        part.value.find_first_of("=!") != std::string::npos) {
      return absl::InvalidArgumentError(absl::StrCat(
          "\"", piece, "\" is not a label selector; write key=value, key!=value or key"));
    }
    query.parts_.push_back(std::move(part));
  }
  return query;
}

bool LabelQuery::matches(const google::protobuf::Map<std::string, std::string>& labels) const {
  return std::all_of(parts_.begin(), parts_.end(), [&labels](const Part& part) {
    const auto label = labels.find(part.key);
    const bool exists = label != labels.end();
    switch (part.test) {
      case Part::Test::kExists:
        return exists;
      case Part::Test::kEquals:
        return exists && label->second == part.value;
      case Part::Test::kDiffers:
        return !exists || label->second != part.value;
    }
    return false;
  });
}

}  // namespace gantry::server
