// SPDX-License-Identifier: Apache-2.0
#include "app/client/live_cache.h"

#include <utility>

#include <google/protobuf/descriptor.h>

namespace gantry::client {
namespace {

const google::protobuf::OneofDescriptor& objectOneof() {
  return *api::Object::descriptor()->FindOneofByName("object");
}

/// The message inside, whatever its kind.
const google::protobuf::Message& content(const api::Object& object) {
  const auto* field = object.GetReflection()->GetOneofFieldDescriptor(object, &objectOneof());
  return object.GetReflection()->GetMessage(object, field);
}

const schema::ObjectMeta* metadataOf(const google::protobuf::Message& message) {
  const auto* field = message.GetDescriptor()->FindFieldByName("metadata");
  if (field == nullptr) return nullptr;
  return static_cast<const schema::ObjectMeta*>(
      &message.GetReflection()->GetMessage(message, field));
}

std::string stringField(const google::protobuf::Message& message, const char* name) {
  const auto* field = message.GetDescriptor()->FindFieldByName(name);
  return field == nullptr ? std::string() : message.GetReflection()->GetString(message, field);
}

bool sameVersion(const api::Object& a, const api::Object& b) {
  const schema::ObjectMeta* left = metadataOf(content(a));
  const schema::ObjectMeta* right = metadataOf(content(b));
  return left != nullptr && right != nullptr && !left->resource_version().empty() &&
         left->uid() == right->uid() && left->resource_version() == right->resource_version();
}

}  // namespace

Kind kindOf(const std::string& name) {
  static const auto* kinds = [] {
    auto* map = new std::map<std::string, Kind>;
    for (int i = 0; i < objectOneof().field_count(); ++i) {
      const auto* field = objectOneof().field(i);
      map->emplace(field->message_type()->name(), static_cast<Kind>(field->number()));
    }
    return map;
  }();
  const auto found = kinds->find(name);
  return found == kinds->end() ? Kind::OBJECT_NOT_SET : found->second;
}

const std::string& kindName(Kind kind) {
  static const std::string none;
  const auto* field = api::Object::descriptor()->FindFieldByNumber(kind);
  return field == nullptr ? none : field->message_type()->name();
}

Key keyOf(const api::Object& object) {
  if (object.object_case() == Kind::OBJECT_NOT_SET) return {};
  const google::protobuf::Message& message = content(object);
  if (const schema::ObjectMeta* metadata = metadataOf(message)) {
    return {metadata->namespace_(), metadata->name()};
  }
  return {stringField(message, "namespace"), stringField(message, "name")};
}

const Table& LiveCache::table(Kind kind) const {
  static const Table empty;
  const auto found = tables_.find(kind);
  return found == tables_.end() ? empty : found->second;
}

ObjectPtr LiveCache::find(Kind kind, const Key& key) const {
  const Table& objects = table(kind);
  const auto found = objects.find(key);
  return found == objects.end() ? nullptr : found->second;
}

void LiveCache::put(const std::pair<Kind, Key>& id, ObjectPtr object, Pending& pending) {
  unseen_.erase(id);
  auto [row, isNew] = tables_[id.first].try_emplace(id.second, object);
  if (isNew) {
    // Removed and put back within one batch: to observers the row never went.
    (pending.removed.erase(id.second) > 0 ? pending.changed : pending.added).insert(id.second);
    return;
  }
  const bool same = sameVersion(*row->second, *object);
  row->second = std::move(object);
  if (!same && !pending.added.contains(id.second)) pending.changed.insert(id.second);
}

void LiveCache::erase(const std::pair<Kind, Key>& id, Pending& pending) {
  unseen_.erase(id);
  if (tables_[id.first].erase(id.second) == 0) return;
  pending.changed.erase(id.second);
  if (pending.added.erase(id.second) == 0) pending.removed.insert(id.second);
}

void LiveCache::finishSnapshot(std::map<Kind, Pending>& pending) {
  const auto gone = std::exchange(unseen_, {});
  for (const auto& id : gone) erase(id, pending[id.first]);
  inSnapshot_ = false;
  hasSnapshot_ = true;
}

void LiveCache::apply(const Batch& batch) {
  if (batch.snapshotBegin) {
    unseen_.clear();
    for (const auto& [kind, objects] : tables_) {
      for (const auto& [key, object] : objects) unseen_.emplace(kind, key);
    }
    unseenAtBegin_ = unseen_.size();
    inSnapshot_ = true;
  }
  std::map<Kind, Pending> pending;
  for (const auto& [id, object] : batch.objects) {
    if (object != nullptr) {
      put(id, object, pending[id.first]);
    } else {
      erase(id, pending[id.first]);
    }
  }
  if (batch.snapshotDone && inSnapshot_) finishSnapshot(pending);
  if (batch.revision != 0) revision_ = batch.revision;

  for (const auto& [kind, sets] : pending) {
    const Changes changes{kind,
                          {sets.removed.begin(), sets.removed.end()},
                          {sets.added.begin(), sets.added.end()},
                          {sets.changed.begin(), sets.changed.end()}};
    if (changes.removed.empty() && changes.added.empty() && changes.changed.empty()) continue;
    std::vector<std::weak_ptr<Observer>>& observers = observers_[kind];
    std::erase_if(observers, [](const auto& observer) { return observer.expired(); });
    for (const std::weak_ptr<Observer>& observer : observers) {
      if (const auto alive = observer.lock()) (*alive)(changes);
    }
  }
}

LiveCache::Subscription LiveCache::observe(Kind kind, Observer observer) {
  auto subscription = std::make_shared<Observer>(std::move(observer));
  observers_[kind].push_back(subscription);
  return subscription;
}

int LiveCache::snapshotProgress() const {
  if (!inSnapshot_) return 100;
  if (unseenAtBegin_ == 0) return 0;
  return static_cast<int>(100 * (unseenAtBegin_ - unseen_.size()) / unseenAtBegin_);
}

}  // namespace gantry::client
