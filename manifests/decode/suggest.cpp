// SPDX-License-Identifier: Apache-2.0
#include "manifests/decode/suggest.h"

#include <absl/strings/ascii.h>

#include <algorithm>
#include <deque>
#include <numeric>
#include <set>

#include "manifests/schema/options.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

/// Insertions, deletions, changes and swaps of neighbours that lead from a to b.
std::size_t editDistance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, change});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
    std::swap(before, last);
    std::swap(last, row);
  }
  return last[b.size()];
}

}  // namespace

std::string nearest(std::string_view word, const std::vector<std::string>& known) {
  constexpr std::size_t kLongestWord = 64;
  if (word.size() > kLongestWord) return {};
  const std::string wanted = absl::AsciiStrToLower(std::string(word));
  std::string best;
  std::size_t bestDistance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::size_t distance = editDistance(wanted, absl::AsciiStrToLower(candidate));
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

std::vector<std::string> fieldNames(const Descriptor& message) {
  std::vector<std::string> names;
  for (int i = 0; i < message.field_count(); ++i) names.push_back(message.field(i)->json_name());
  return names;
}

std::string findBelow(const Descriptor& message, std::string_view name) {
  struct Place {
    const Descriptor* message;
    std::string path;
  };
  std::deque<Place> places{{&message, ""}};
  std::set<const Descriptor*> seen{&message};
  while (!places.empty()) {
    const Place place = places.front();
    places.pop_front();
    for (int i = 0; i < place.message->field_count(); ++i) {
      const FieldDescriptor* field = place.message->field(i);
      if (field->options().GetExtension(schema::system)) continue;
      const std::string path = place.path + (place.path.empty() ? "" : ".") + field->json_name();
      if (field->json_name() == name) return path;
      const bool descend = field->message_type() != nullptr && !field->is_map();
      if (descend && seen.insert(field->message_type()).second) {
        places.push_back({field->message_type(), path});
      }
    }
  }
  return {};
}

}  // namespace gantry::manifests
