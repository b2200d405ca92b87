// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/view.h"

#include "absl/strings/str_split.h"
#include "base/check.h"

namespace gantry::sim {
namespace {

template <class T>
T decode(const std::string& bytes) {
  T object;
  GANTRY_CHECK(object.ParseFromString(bytes));
  return object;
}

template <>
model::Pod decode<model::Pod>(const std::string& bytes) {
  return model::fromSchema(decode<schema::Pod>(bytes));
}

}  // namespace

std::vector<Touched> View::apply(const std::vector<store::Write>& batch) {
  std::vector<Touched> touched;
  for (const store::Write& write : batch) {
    // "/Pod/shop/front-x"
    const std::vector<std::string> parts = absl::StrSplit(write.key, '/');
    const std::string& kind = parts.at(1);
    const model::Name name{parts.at(2), parts.at(3)};
    std::apply(
        [&]<class... T>(Table<T>&... table) {
          const auto take = [&]<class Object>(Table<Object>& objects) {
            if (kind != model::kindName<Object>()) return;
            std::shared_ptr<const Object>& object = objects[name];
            Touched change{kind, name, object, {}};
            object = write.value ? std::make_shared<const Object>(decode<Object>(*write.value))
                                 : std::shared_ptr<const Object>();
            change.after = object;
            if (object == nullptr) objects.erase(name);
            touched.push_back(std::move(change));
          };
          (take(table), ...);
        },
        tables_);
  }
  return touched;
}

}  // namespace gantry::sim
