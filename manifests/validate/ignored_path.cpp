// SPDX-License-Identifier: Apache-2.0
#include "manifests/validate/ignored_path.h"

#include <absl/strings/ascii.h>

#include <algorithm>

#include "manifests/decode/source_text.h"
#include "manifests/decode/suggest.h"
#include "manifests/schema/core.pb.h"
#include "manifests/schema/meta.pb.h"
#include "manifests/schema/options.pb.h"

namespace gantry::manifests {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

constexpr std::size_t kLongest = 1'000;

/// Messages that are one value in YAML, or that nobody looks into.
bool isOneValue(const Descriptor& message) {
  const Descriptor* const values[] = {schema::Quantity::descriptor(),
                                      schema::IntOrString::descriptor(), schema::Time::descriptor(),
                                      schema::Unmodelled::descriptor()};
  return std::ranges::find(values, &message) != std::end(values);
}

const FieldDescriptor* fieldOf(const Descriptor& message, std::string_view name) {
  for (int i = 0; i < message.field_count(); ++i) {
    if (message.field(i)->json_name() == name) return message.field(i);
  }
  return nullptr;
}

class Resolver {
 public:
  Resolver(const Descriptor& kind, std::string_view path) : kind_(kind), path_(path) {}

  IgnoredPath resolve() {
    const bool readable = std::ranges::none_of(path_, absl::ascii_iscntrl);
    if (!readable || path_.size() > kLongest)
      refuse("not the way to a field", "write spec.replicas");
    const Descriptor* message = &kind_;
    while (message != nullptr && result_.problem.empty() && takeField(*message)) {
      message = nextMessage();
    }
    if (!result_.problem.empty()) return std::move(result_);
    if (result_.steps.back().field->json_name() == "metadata" && result_.steps.size() == 1) {
      refuse("it names the object, too", "write metadata.labels or metadata.annotations");
    }
    return std::move(result_);
  }

 private:
  bool refuse(std::string problem, std::string hint) {
    result_ = {{}, std::move(problem), std::move(hint)};
    return false;
  }

  /// What has been read.
  std::string before() const { return std::string(path_.substr(0, at_)); }

  /// Reads the name of a field of `message`, and the element in brackets behind it.
  bool takeField(const Descriptor& message) {
    const std::size_t begin = at_;
    at_ = std::min(path_.find_first_of(".[", begin), path_.size());
    const std::string name(path_.substr(begin, at_ - begin));
    const std::string around(path_.substr(0, begin));
    if (name.empty()) return refuse("a name is missing", "write it from the top: spec.replicas");
    const FieldDescriptor* field = fieldOf(message, name);
    if (field == nullptr) return refuseUnknown(message, around, name);
    result_.steps.push_back({field, std::nullopt});
    return admit(*field) && takeKey(*field);
  }

  bool refuseUnknown(const Descriptor& message, const std::string& around,
                     const std::string& name) {
    const std::string problem =
        "there is no field " + printable(name) +
        (around.empty() ? "" : " in " + around.substr(0, around.size() - 1));
    if (const std::string near = nearest(name, fieldNames(message)); !near.empty()) {
      return refuse(problem, "did you mean " + around + near + "?");
    }
    if (const std::string below = findBelow(message, name); !below.empty()) {
      return refuse(problem, "it is in " + around + below);
    }
    return refuse(problem, "remove it");
  }

  /// Whether Git sets the field at all.
  bool admit(const FieldDescriptor& field) {
    const schema::FieldSupport& support = field.options().GetExtension(schema::field);
    if (field.options().GetExtension(schema::system)) {
      return refuse("the system writes it, and Git does not", "remove it");
    }
    if (support.support() == schema::REFUSED) {
      return refuse("it is not supported, so Git does not set it", support.reason());
    }
    if (&field == schema::Secret::descriptor()->FindFieldByName("string_data")) {
      return refuse("it is merged over data", "write data[…]");
    }
    if (result_.steps.size() > 1) {
      const IgnoredStep& around = result_.steps[result_.steps.size() - 2];
      const bool namesElement = around.key && nameOfElements(*around.field) == &field;
      if (namesElement) return refuse("it names the element", "remove it");
    }
    const bool isOfObject =
        result_.steps.size() == 2 && result_.steps.front().field->json_name() == "metadata";
    if (isOfObject && field.json_name() != "labels" && field.json_name() != "annotations") {
      return refuse("it names the object", "remove it");
    }
    return true;
  }

  bool takeKey(const FieldDescriptor& field) {
    if (at_ == path_.size() || path_[at_] != '[') return true;
    const std::size_t close = path_.find(']', at_);
    if (close == std::string_view::npos) {
      return refuse("a [ that is not closed", "write " + std::string(path_) + "]");
    }
    if (close == at_ + 1) return refuse("nothing is between [ and ]", "write the name in there");
    if (!field.is_repeated()) {
      return refuse(before() + " has no elements", "write it without [ and ]");
    }
    if (nameOfElements(field) == nullptr) {
      return refuse("the elements of " + before() + " have no name",
                    "name it as a whole: " + before());
    }
    result_.steps.back().key = path_.substr(at_ + 1, close - at_ - 1);
    at_ = close + 1;
    if (at_ == path_.size() || path_[at_] == '.') return true;
    return refuse("after a ] comes neither a . nor the end", "write a . before the next field");
  }

  /// What the field that was read is made of, if the path goes on.
  const Descriptor* nextMessage() {
    if (at_ == path_.size()) return nullptr;
    const IgnoredStep& step = result_.steps.back();
    const FieldDescriptor& field = *step.field;
    const std::string here = before();
    const std::string rest(path_.substr(at_ + 1));
    if (field.is_map() && !step.key) {
      refuse(here + " holds names with values", "write " + here + "[" + rest + "]");
    } else if (field.is_repeated() && !step.key) {
      const FieldDescriptor* name = nameOfElements(field);
      refuse(here + " is a list", name == nullptr ? "name it as a whole: " + here
                                                  : "name the element by its " + name->json_name() +
                                                        ": " + here + "[…]." + rest);
    } else if (field.is_map() || field.message_type() == nullptr ||
               isOneValue(*field.message_type())) {
      refuse("nothing is below " + here, "write " + here);
    } else {
      ++at_;
      return field.message_type();
    }
    return nullptr;
  }

  const Descriptor& kind_;
  std::string_view path_;
  std::size_t at_ = 0;
  IgnoredPath result_;
};

}  // namespace

const FieldDescriptor* nameOfElements(const FieldDescriptor& list) {
  if (list.message_type() == nullptr) return nullptr;
  const FieldDescriptor* name =
      list.is_map() ? list.message_type()->map_key()
                    : fieldOf(*list.message_type(), list.options().GetExtension(schema::merge_key));
  const bool isText = name != nullptr && name->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  return isText ? name : nullptr;
}

IgnoredPath resolveIgnored(const Descriptor& kind, std::string_view path) {
  return Resolver(kind, path).resolve();
}

}  // namespace gantry::manifests
