// SPDX-License-Identifier: Apache-2.0
#include "controller/server/objects.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "manifests/diff/mask.h"

namespace gantry::server {
namespace {

void put(api::Object& out, const schema::Namespace& object) {
  *out.mutable_namespace_() = object;
}
void put(api::Object& out, const schema::ConfigMap& object) {
  *out.mutable_config_map() = object;
}
void put(api::Object& out, const schema::Secret& object) {
  const auto masked = manifests::masked(object);
  out.mutable_secret()->CopyFrom(*masked);
}
void put(api::Object& out, const model::Pod& object) {
  *out.mutable_pod() = toSchema(object);
}
void put(api::Object& out, const schema::ReplicaSet& object) {
  *out.mutable_replica_set() = object;
}
void put(api::Object& out, const schema::Deployment& object) {
  *out.mutable_deployment() = object;
}
void put(api::Object& out, const schema::Job& object) {
  *out.mutable_job() = object;
}
void put(api::Object& out, const schema::Service& object) {
  *out.mutable_service() = object;
}
void put(api::Object& out, const schema::Application& object) {
  *out.mutable_application() = object;
}
void put(api::Object& out, const schema::Node& object) {
  *out.mutable_node() = object;
}
void put(api::Object& out, const schema::Event& object) {
  *out.mutable_event() = object;
}
void put(api::Object& out, const api::Plan& object) {
  *out.mutable_plan() = object;
}
void put(api::Object& out, const api::HistoryEntry& object) {
  *out.mutable_history_entry() = object;
}
void put(api::Object& out, const api::Hold& object) {
  *out.mutable_hold() = object;
}
void put(api::Object& out, const api::Endpoints& object) {
  *out.mutable_endpoints() = object;
}
void put(api::Object& out, const schema::PodDisruptionBudget& object) {
  *out.mutable_pod_disruption_budget() = object;
}
void put(api::Object& out, const schema::Project& object) {
  *out.mutable_project() = object;
}
void put(api::Object& out, const api::AuditRecord& object) {
  *out.mutable_audit_record() = object;
}

template <class T>
concept HasMetadata = requires(const T& object) { object.metadata().labels(); };

/// Calls `use` with an empty Ptr<T> for each type of the state, in the variant's order.
template <std::size_t index = 0>
void forEachType(const auto& use) {
  if constexpr (index < std::variant_size_v<model::AnyObject>) {
    use(std::variant_alternative_t<index, model::AnyObject>());
    forEachType<index + 1>(use);
  }
}

template <class T>
using ObjectOf = std::remove_const_t<typename T::element_type>;

}  // namespace

api::Object toObject(const model::AnyObject& object) {
  api::Object out;
  std::visit([&](const auto& held) { put(out, *held); }, object);
  return out;
}

model::Name nameOf(const model::AnyObject& object) {
  return std::visit([](const auto& held) { return model::nameOf(*held); }, object);
}

const google::protobuf::Map<std::string, std::string>& labelsOf(const model::AnyObject& object) {
  static const google::protobuf::Map<std::string, std::string> none;
  return std::visit(
      []<class T>(const model::Ptr<T>& held) -> const auto& {
        if constexpr (std::is_same_v<T, model::Pod>) {
          return held->labels();
        } else if constexpr (HasMetadata<T>) {
          return held->metadata().labels();
        } else {
          return none;
        }
      },
      object);
}

absl::StatusOr<ObjectFilter> ObjectFilter::make(const std::vector<std::string>& kinds,
                                                std::string ns) {
  std::set<std::string> known;
  forEachType([&]<class T>(const T&) { known.insert(model::kindName<ObjectOf<T>>()); });
  ObjectFilter filter;
  filter.ns_ = std::move(ns);
  for (const std::string& kind : kinds) {
    if (!known.contains(kind)) {
      return absl::InvalidArgumentError(
          absl::StrCat("there is no kind \"", kind, "\"; there are ", absl::StrJoin(known, ", ")));
    }
    filter.kinds_.insert(kind);
  }
  return filter;
}

bool ObjectFilter::matches(std::string_view kind, const model::Name& name) const {
  return (kinds_.empty() || kinds_.contains(kind)) &&
         (ns_.empty() || name.ns.empty() || name.ns == ns_);
}

std::vector<model::AnyObject> ObjectFilter::collect(const model::State& state) const {
  std::vector<model::AnyObject> found;
  forEachType([&]<class T>(const T&) {
    using Object = ObjectOf<T>;
    if (!kinds_.empty() && !kinds_.contains(model::kindName<Object>())) return;
    const auto& table = state.table<Object>();
    found.reserve(found.size() + table.size());
    for (const auto& [name, entry] : table.entries()) {
      if (matches(model::kindName<Object>(), name)) found.emplace_back(entry.object);
    }
  });
  return found;
}

}  // namespace gantry::server
