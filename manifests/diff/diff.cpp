// SPDX-License-Identifier: Apache-2.0
#include "manifests/diff/diff.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "base/check.h"
#include "manifests/decode/quantity.h"
#include "manifests/diff/value.h"
#include "manifests/field_path.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

constexpr std::array<std::string_view, 9> kRiskyFields = {
    "image",         "replicas",       "resources",    "selector", "strategy",
    "livenessProbe", "readinessProbe", "startupProbe", "data"};

bool isRisky(const FieldDescriptor& field) {
  return field.options().GetExtension(schema::immutable) ||
         std::ranges::count(kRiskyFields, field.json_name()) > 0;
}

/// A message that is one scalar in YAML.
bool isScalarMessage(const google::protobuf::Descriptor& type) {
  return &type == schema::Quantity::descriptor() || &type == schema::IntOrString::descriptor() ||
         &type == schema::Time::descriptor() || &type == schema::Unmodelled::descriptor();
}

bool sameAmount(const schema::Quantity& a, const schema::Quantity& b) {
  if (a.text() == b.text()) return true;
  const auto millisA = parseMillis(a.text());
  const auto millisB = parseMillis(b.text());
  return millisA.ok() && millisB.ok() && *millisA == *millisB;
}

bool sameContent(const Message& a, const Message& b) {
  if (a.GetDescriptor() == schema::Quantity::descriptor()) {
    return sameAmount(static_cast<const schema::Quantity&>(a),
                      static_cast<const schema::Quantity&>(b));
  }
  return canonicalBytes(a) == canonicalBytes(b);
}

class Comparison {
 public:
  void compareMessages(const Message& before, const Message& after, const FieldPath& path,
                       bool risk) {
    for (int i = 0; i < before.GetDescriptor()->field_count(); ++i) {
      const FieldDescriptor& field = *before.GetDescriptor()->field(i);
      if (field.options().GetExtension(schema::system)) continue;
      const FieldPath fieldPath = path.field(field.json_name());
      const bool risky = risk || isRisky(field);
      if (field.is_map()) {
        compareMaps(before, after, field, fieldPath, risky);
      } else if (field.is_repeated()) {
        compareLists(before, after, field, fieldPath, risky);
      } else {
        compareSingle(before, after, field, fieldPath, risky);
      }
    }
  }

  std::vector<FieldChange> take() { return std::move(changes_); }

 private:
  using Text = std::optional<std::string>;

  void add(const FieldPath& path, Text before, Text after, bool risk) {
    changes_.push_back({path.toString(), std::move(before), std::move(after), risk});
  }

  static Text textOf(const Message& message, const FieldDescriptor& field) {
    if (!message.GetReflection()->HasField(message, &field)) return std::nullopt;
    return toFlowYaml(fieldValue(message, field, false));
  }

  static Text elementText(const Message& message, const FieldDescriptor& field, int index) {
    if (index < 0) return std::nullopt;
    return toFlowYaml(elementValue(message, field, index, false));
  }

  void compareSingle(const Message& before, const Message& after, const FieldDescriptor& field,
                     const FieldPath& path, bool risk) {
    const Reflection& reflection = *before.GetReflection();
    const bool inBefore = reflection.HasField(before, &field);
    const bool inAfter = reflection.HasField(after, &field);
    if (!inBefore && !inAfter) return;
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      return compareScalars(before, after, field, path, risk);
    }
    const Message& a = reflection.GetMessage(before, &field);
    const Message& b = reflection.GetMessage(after, &field);
    if (isScalarMessage(*field.message_type())) {
      if (inBefore == inAfter && sameContent(a, b)) return;
      return add(path, textOf(before, field), textOf(after, field), risk);
    }
    const std::size_t known = changes_.size();
    compareMessages(a, b, path, risk);
    // `emptyDir: {}` has no field that could differ, and is there or not.
    if (inBefore != inAfter && changes_.size() == known) {
      add(path, textOf(before, field), textOf(after, field), risk);
    }
  }

  void compareScalars(const Message& before, const Message& after, const FieldDescriptor& field,
                      const FieldPath& path, bool risk) {
    // Of a secret the texts are masks, which may be equal where the values are not.
    const bool secret = field.options().GetExtension(schema::secret);
    Text a = textOf(before, field);
    Text b = textOf(after, field);
    const Reflection& reflection = *before.GetReflection();
    const bool same = secret && a && b ? reflection.GetString(before, &field) ==
                                             reflection.GetString(after, &field)
                                       : a == b;
    if (!same) add(path, std::move(a), std::move(b), risk);
  }

  void compareMaps(const Message& before, const Message& after, const FieldDescriptor& field,
                   const FieldPath& path, bool risk) {
    const Entries a = entriesOf(before, field);
    const Entries b = entriesOf(after, field);
    std::set<std::string> keys;
    for (const Entries* entries : {&a, &b}) {
      for (const auto& [key, entry] : *entries) keys.insert(key);
    }
    const bool secret = field.options().GetExtension(schema::secret);
    for (const std::string& key : keys) {
      const Message* entryA = a.contains(key) ? a.at(key) : nullptr;
      const Message* entryB = b.contains(key) ? b.at(key) : nullptr;
      if (entryA && entryB && sameEntry(*entryA, *entryB, field)) continue;
      add(path.key(key), entryText(entryA, field, secret), entryText(entryB, field, secret), risk);
    }
  }

  using Entries = std::map<std::string, const Message*>;

  static Entries entriesOf(const Message& message, const FieldDescriptor& field) {
    const Reflection& reflection = *message.GetReflection();
    Entries entries;
    for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
      const Message& entry = reflection.GetRepeatedMessage(message, &field, i);
      entries[entry.GetReflection()->GetString(entry, field.message_type()->map_key())] = &entry;
    }
    return entries;
  }

  static bool sameEntry(const Message& a, const Message& b, const FieldDescriptor& map) {
    const FieldDescriptor* value = map.message_type()->map_value();
    if (value->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return sameContent(a, b);
    return sameContent(a.GetReflection()->GetMessage(a, value),
                       b.GetReflection()->GetMessage(b, value));
  }

  static Text entryText(const Message* entry, const FieldDescriptor& map, bool secret) {
    if (entry == nullptr) return std::nullopt;
    const FieldDescriptor* value = map.message_type()->map_value();
    if (secret) return maskOf(entry->GetReflection()->GetString(*entry, value));
    return toFlowYaml(fieldValue(*entry, *value, false));
  }

  void compareLists(const Message& before, const Message& after, const FieldDescriptor& field,
                    const FieldPath& path, bool risk) {
    if (before.GetReflection()->FieldSize(before, &field) == 0 &&
        after.GetReflection()->FieldSize(after, &field) == 0) {
      return;
    }
    if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      Text a = listText(before, field);
      Text b = listText(after, field);
      if (a != b) add(path, std::move(a), std::move(b), risk);
      return;
    }
    const std::string mergeKey = field.message_type() == schema::Unmodelled::descriptor()
                                     ? std::string()
                                     : field.options().GetExtension(schema::merge_key);
    const std::vector<std::string> a = keysOf(before, field, mergeKey);
    const std::vector<std::string> b = keysOf(after, field, mergeKey);
    const bool distinct = std::set(a.begin(), a.end()).size() == a.size() &&
                          std::set(b.begin(), b.end()).size() == b.size();
    if (mergeKey.empty() || !distinct) return compareByPosition(before, after, field, path, risk);
    compareByKey(before, after, field, path, risk, a, b);
  }

  static Text listText(const Message& message, const FieldDescriptor& field) {
    if (message.GetReflection()->FieldSize(message, &field) == 0) return std::nullopt;
    return toFlowYaml(fieldValue(message, field, false));
  }

  /// What each element is called, by its merge key.
  static std::vector<std::string> keysOf(const Message& message, const FieldDescriptor& list,
                                         const std::string& mergeKey) {
    std::vector<std::string> keys;
    if (mergeKey.empty()) return keys;
    const FieldDescriptor* keyField = nullptr;
    for (int i = 0; i < list.message_type()->field_count(); ++i) {
      if (list.message_type()->field(i)->json_name() == mergeKey) {
        keyField = list.message_type()->field(i);
      }
    }
    GANTRY_CHECK(keyField != nullptr);
    const Reflection& reflection = *message.GetReflection();
    for (int i = 0; i < reflection.FieldSize(message, &list); ++i) {
      const Message& element = reflection.GetRepeatedMessage(message, &list, i);
      keys.push_back(std::get<Value::Scalar>(fieldValue(element, *keyField, false).data).text);
    }
    return keys;
  }

  void compareByPosition(const Message& before, const Message& after, const FieldDescriptor& field,
                         const FieldPath& path, bool risk) {
    const int sizeA = before.GetReflection()->FieldSize(before, &field);
    const int sizeB = after.GetReflection()->FieldSize(after, &field);
    for (int i = 0; i < std::max(sizeA, sizeB); ++i) {
      compareElements(before, i < sizeA ? i : -1, after, i < sizeB ? i : -1, field, path.element(i),
                      risk);
    }
  }

  void compareByKey(const Message& before, const Message& after, const FieldDescriptor& field,
                    const FieldPath& path, bool risk, const std::vector<std::string>& a,
                    const std::vector<std::string>& b) {
    std::vector<std::string> kept;
    for (int i = 0; i < static_cast<int>(a.size()); ++i) {
      const auto match = std::ranges::find(b, a[i]);
      const int index = match == b.end() ? -1 : static_cast<int>(match - b.begin());
      if (index >= 0) kept.push_back(a[i]);
      compareElements(before, i, after, index, field, path.key(a[i]), risk);
    }
    std::vector<std::string> keptInAfter;
    for (int i = 0; i < static_cast<int>(b.size()); ++i) {
      if (std::ranges::find(a, b[i]) != a.end()) {
        keptInAfter.push_back(b[i]);
      } else {
        compareElements(before, -1, after, i, field, path.key(b[i]), risk);
      }
    }
    // The order counts too: of containers to start, of variables that refer to earlier ones.
    if (kept != keptInAfter) add(path, joined(kept), joined(keptInAfter), risk);
  }

  static std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
    return "[" + text + "]";
  }

  void compareElements(const Message& before, int i, const Message& after, int j,
                       const FieldDescriptor& field, const FieldPath& path, bool risk) {
    if (i < 0 || j < 0 || isScalarMessage(*field.message_type())) {
      Text a = elementText(before, field, i);
      Text b = elementText(after, field, j);
      if (a != b) add(path, std::move(a), std::move(b), risk);
      return;
    }
    compareMessages(before.GetReflection()->GetRepeatedMessage(before, &field, i),
                    after.GetReflection()->GetRepeatedMessage(after, &field, j), path, risk);
  }

  std::vector<FieldChange> changes_;
};

}  // namespace

std::vector<FieldChange> diff(const Message* before, const Message* after) {
  if (before == nullptr && after == nullptr) return {};
  const Message& some = before != nullptr ? *before : *after;
  const std::unique_ptr<Message> none(some.New());
  const Message& a = before != nullptr ? *before : *none;
  const Message& b = after != nullptr ? *after : *none;
  GANTRY_CHECK(a.GetDescriptor() == b.GetDescriptor());
  Comparison comparison;
  comparison.compareMessages(a, b, FieldPath(), false);
  return comparison.take();
}

}  // namespace gantry::manifests
