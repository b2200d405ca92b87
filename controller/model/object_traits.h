// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "controller/model/state.h"

// How each type of the state is named, filed and stored. For model/ only.

#define GANTRY_FOR_EACH_OBJECT(apply)                                                         \
  apply(schema::Namespace) apply(schema::ConfigMap) apply(schema::Secret) apply(Pod)          \
      apply(schema::ReplicaSet) apply(schema::Deployment) apply(schema::Job)                  \
          apply(schema::Service) apply(schema::Application) apply(schema::Node)               \
              apply(schema::Event) apply(api::Plan) apply(api::HistoryEntry) apply(api::Hold) \
                  apply(api::Endpoints) apply(schema::Project) apply(api::AuditRecord)        \
                      apply(schema::PodDisruptionBudget)

namespace gantry::model {

template <class T>
struct ObjectTraits;

/// A message that is its own stored form, with Kubernetes' metadata.
template <class T>
struct MetadataTraits {
  static Name name(const T& object) {
    return {object.metadata().namespace_(), object.metadata().name()};
  }
  static std::string encode(const T& object) { return object.SerializeAsString(); }
  static bool decode(const std::string& bytes, T& object) { return object.ParseFromString(bytes); }
};

/// A message that is its own stored form, with name and namespace at the top.
template <class T>
struct RecordTraits {
  static Name name(const T& object) { return {object.namespace_(), object.name()}; }
  static std::string encode(const T& object) { return object.SerializeAsString(); }
  static bool decode(const std::string& bytes, T& object) { return object.ParseFromString(bytes); }
};

#define GANTRY_OBJECT_TRAITS(T, base, kind, table) \
  template <>                                      \
  struct ObjectTraits<T> : base<T> {               \
    static constexpr const char* kKind = kind;     \
    static constexpr auto kTable = &State::table;  \
  };

GANTRY_OBJECT_TRAITS(schema::Namespace, MetadataTraits, "Namespace", namespaces)
GANTRY_OBJECT_TRAITS(schema::ConfigMap, MetadataTraits, "ConfigMap", configMaps)
GANTRY_OBJECT_TRAITS(schema::Secret, MetadataTraits, "Secret", secrets)
GANTRY_OBJECT_TRAITS(schema::ReplicaSet, MetadataTraits, "ReplicaSet", replicaSets)
GANTRY_OBJECT_TRAITS(schema::Deployment, MetadataTraits, "Deployment", deployments)
GANTRY_OBJECT_TRAITS(schema::Job, MetadataTraits, "Job", jobs)
GANTRY_OBJECT_TRAITS(schema::Service, MetadataTraits, "Service", services)
GANTRY_OBJECT_TRAITS(schema::Application, MetadataTraits, "Application", applications)
GANTRY_OBJECT_TRAITS(schema::Node, MetadataTraits, "Node", nodes)
GANTRY_OBJECT_TRAITS(schema::Event, MetadataTraits, "Event", events)
GANTRY_OBJECT_TRAITS(api::Plan, RecordTraits, "Plan", plans)
GANTRY_OBJECT_TRAITS(api::HistoryEntry, RecordTraits, "HistoryEntry", history)
GANTRY_OBJECT_TRAITS(api::Hold, RecordTraits, "Hold", holds)
GANTRY_OBJECT_TRAITS(api::Endpoints, RecordTraits, "Endpoints", endpoints)
GANTRY_OBJECT_TRAITS(schema::Project, MetadataTraits, "Project", projects)
GANTRY_OBJECT_TRAITS(api::AuditRecord, RecordTraits, "AuditRecord", audit)
GANTRY_OBJECT_TRAITS(schema::PodDisruptionBudget, MetadataTraits, "PodDisruptionBudget",
                     disruptionBudgets)
#undef GANTRY_OBJECT_TRAITS

template <>
struct ObjectTraits<Pod> {
  static constexpr const char* kKind = "Pod";
  static constexpr auto kTable = &State::pods;
  static Name name(const Pod& pod) { return {pod.ns, pod.name}; }
  static std::string encode(const Pod& pod) { return toSchema(pod).SerializeAsString(); }
  static bool decode(const std::string& bytes, Pod& pod) {
    schema::Pod stored;
    if (!stored.ParseFromString(bytes)) return false;
    pod = fromSchema(stored);
    return true;
  }
};

}  // namespace gantry::model
