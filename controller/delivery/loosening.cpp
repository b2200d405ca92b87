// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/loosening.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "controller/api/system_names.h"
#include "controller/delivery/ignored.h"
#include "controller/delivery/merge.h"
#include "controller/delivery/project.h"
#include "controller/delivery/proving.h"
#include "controller/delivery/settings.h"
#include "manifests/defaults/defaults.h"
#include "manifests/diff/diff.h"

namespace gantry::delivery {
namespace {

/// How many are named; the rest is counted.
constexpr int kLoosenedNamed = 5;

template <class List>
bool isSubset(const List& part, const List& whole) {
  return std::ranges::all_of(part, [&](const auto& each) {
    if constexpr (requires { each.SerializeAsString(); }) {
      return std::ranges::any_of(whole, [&](const auto& other) {
        return manifests::canonicalBytes(other) == manifests::canonicalBytes(each);
      });
    } else {
      return std::ranges::find(whole, each) != whole.end();
    }
  });
}

/// A list of what is allowed, where none means that all is.
template <class List>
bool isNarrower(const List& after, const List& before) {
  return before.empty() || (!after.empty() && isSubset(after, before));
}

const std::string& projectNameOf(const schema::Application& application) {
  static const std::string standard = api::kDefaultProject;
  return application.spec().project().empty() ? standard : application.spec().project();
}

bool isAsStrict(const schema::ApprovalPolicy& after, const schema::ApprovalPolicy& before) {
  const bool expiresAsSoon = before.expires_after_seconds() == 0 ||
                             (after.expires_after_seconds() > 0 &&
                              after.expires_after_seconds() <= before.expires_after_seconds());
  return after.required() >= before.required() && isSubset(before.roles(), after.roles()) &&
         (before.author_may_approve() || !after.author_may_approve()) &&
         (after.comment_required() || !before.comment_required()) && expiresAsSoon;
}

bool isAsStrict(const schema::DeletionBudget& after, const schema::DeletionBudget& before) {
  return after.max_objects() <= before.max_objects() && after.max_percent() <= before.max_percent();
}

using Windows = google::protobuf::RepeatedPtrField<schema::SyncWindow>;

Windows ofKind(const Windows& windows, const char* kind) {
  Windows found;
  for (const schema::SyncWindow& window : windows) {
    if (window.kind() == kind) *found.Add() = window;
  }
  return found;
}

bool isAsStrict(const Windows& after, const Windows& before) {
  return isSubset(ofKind(before, "deny"), ofKind(after, "deny")) &&
         isNarrower(ofKind(after, "allow"), ofKind(before, "allow"));
}

/// Every role may do no more, and has no more members. One that had some keeps one, or those who
/// wait for its approval would wait for ever; without any role everybody could do all.
bool isAsStrict(const google::protobuf::RepeatedPtrField<schema::ProjectRole>& after,
                const google::protobuf::RepeatedPtrField<schema::ProjectRole>& before) {
  const auto find = [](const auto& roles, const std::string& name) {
    const auto found = std::ranges::find(roles, name, &schema::ProjectRole::name);
    return found == roles.end() ? nullptr : &*found;
  };
  const bool staysFilled = std::ranges::all_of(before, [&](const schema::ProjectRole& role) {
    const schema::ProjectRole* now = find(after, role.name());
    return role.members().empty() || (now != nullptr && !now->members().empty());
  });
  if (!staysFilled || (after.empty() && !before.empty())) return false;
  return std::ranges::all_of(after, [&](const schema::ProjectRole& role) {
    const schema::ProjectRole* old = find(before, role.name());
    return old != nullptr && isSubset(role.permissions(), old->permissions()) &&
           isSubset(role.members(), old->members());
  });
}

template <class T>
std::vector<std::string> specDifferences(const T& before, const T& after) {
  std::vector<std::string> fields;
  for (const manifests::FieldChange& change : manifests::diff(&before, &after)) {
    if (change.path.starts_with("spec")) fields.push_back(change.path);
  }
  return fields;
}

template <class T>
T withDefaults(const T& object) {
  T copy = object;
  manifests::applyDefaults(copy);
  return copy;
}

/// Fields of an Application that nobody has to approve changes of.
std::vector<std::string> trustLost(const schema::Application& before,
                                   const schema::Application& after) {
  std::vector<std::string> fields;
  if (before.spec().source().require_signature()) {
    if (!after.spec().source().require_signature()) {
      fields.emplace_back("spec.source.requireSignature");
    }
    // Another Project trusts other keys.
    if (projectNameOf(after) != projectNameOf(before)) fields.emplace_back("spec.project");
  }
  if (!isAsStrict(withDefaults(after).spec().sync_policy().deletion_budget(),
                  withDefaults(before).spec().sync_policy().deletion_budget())) {
    fields.emplace_back("spec.syncPolicy.deletionBudget");
  }
  return fields;
}

/// It is about what proves an Application, and how is the first of the fields.
bool isAboutProof(const api::LoosenedPolicy& entry) {
  return !entry.fields().empty() &&
         (entry.fields(0) == kIsPromotedFrom || entry.fields(0) == kDependsOn);
}

class Loosened {
 public:
  void add(const schema::Application& live, const std::vector<std::string>& fields) {
    if (fields.empty()) return;
    const api::LoosenedPolicy entry = entryOf(live);
    const auto same = std::ranges::find_if(all_, [&](const api::LoosenedPolicy& other) {
      return other.project() == entry.project() &&
             manifests::canonicalBytes(other.policy()) ==
                 manifests::canonicalBytes(entry.policy()) &&
             !isAboutProof(other);
    });
    api::LoosenedPolicy& loosened = same == all_.end() ? all_.emplace_back(entry) : *same;
    const auto append = [](auto* list, const std::string& text) {
      if (std::ranges::find(*list, text) == list->end()) *list->Add() = text;
    };
    append(loosened.mutable_applications(), fullName(live));
    for (const std::string& field : fields) append(loosened.mutable_fields(), field);
  }

  void addProven(const Proven& proven, const std::string& by,
                 const std::vector<std::string>& fields) {
    if (fields.empty()) return;
    api::LoosenedPolicy entry = entryOf(*proven.application);
    entry.add_applications(fullName(*proven.application));
    entry.add_fields(proven.how);
    for (const std::string& field : fields) entry.add_fields(absl::StrCat(field, " of ", by));
    all_.push_back(std::move(entry));
  }

  std::vector<api::LoosenedPolicy> take() { return std::move(all_); }

 private:
  static api::LoosenedPolicy entryOf(const schema::Application& live) {
    api::LoosenedPolicy entry;
    entry.set_project(projectNameOf(live));
    *entry.mutable_policy() = live.spec().sync_policy().approval();
    entry.mutable_policy()->set_required(std::max(1, entry.policy().required()));
    return entry;
  }

  std::vector<api::LoosenedPolicy> all_;
};

/// What the object becomes; null: it is deleted.
std::unique_ptr<Message> objectAfter(const schema::Application& application,
                                     const api::PlannedChange& change, const Message* live,
                                     const manifests::RenderedSet& desired) {
  const manifests::ObjectKey key{change.kind(), change.namespace_(), change.name()};
  const auto wanted = std::ranges::find(desired.resources, key,
                                        [](const auto& resource) { return resource.key(); });
  if (change.action() == api::DELETE || wanted == desired.resources.end()) return nullptr;
  std::unique_ptr<Message> after = merge(wanted->message(), fullName(application), live);
  if (live != nullptr) keepIgnored(application, *live, *after);
  return after;
}

void addApplication(const schema::Application& live, const Message* after, Loosened& result) {
  const auto* next = dynamic_cast<const schema::Application*>(after);
  if (asksPeople(live.spec().sync_policy().approval())) {
    result.add(live,
               next == nullptr ? std::vector<std::string>{"all"} : loosenedFields(live, *next));
  } else if (next != nullptr) {
    result.add(live, trustLost(live, *next));
  }
}

/// Its deletion proves nothing; `before` null: it is new.
void addProven(const Proven& proven, const std::string& by, const schema::Application* before,
               const Message* after, Loosened& result) {
  const auto* next = dynamic_cast<const schema::Application*>(after);
  if (next == nullptr) return;
  result.addProven(
      proven, by,
      before == nullptr ? std::vector<std::string>{"all"} : provingFields(*before, *next));
}

void addProject(const std::string& name, const schema::Project& live, const Message* after,
                const model::State& state, Loosened& result) {
  const auto* next = dynamic_cast<const schema::Project*>(after);
  std::vector<std::string> fields =
      next == nullptr ? std::vector<std::string>{"all"} : loosenedFields(live, *next);
  for (std::string& field : fields) field = absl::StrCat("Project ", name, " ", field);
  const bool otherKeys =
      next == nullptr || !isSubset(next->spec().trusted_keys(), live.spec().trusted_keys());
  for (const auto& [key, entry] : state.applications.entries()) {
    const schema::Application& application = *entry.object;
    if (projectNameOf(application) != name) continue;
    if (asksPeople(application.spec().sync_policy().approval())) {
      result.add(application, fields);
    } else if (otherKeys && application.spec().source().require_signature()) {
      result.add(application, {absl::StrCat("Project ", name, " spec.trustedKeys")});
    }
  }
}

}  // namespace

bool asksPeople(const schema::ApprovalPolicy& policy) {
  return policy.required() > 0 || !policy.roles().empty();
}

std::vector<std::string> loosenedFields(const schema::Application& before,
                                        const schema::Application& after) {
  const schema::Application old = withDefaults(before);
  schema::Application rest = withDefaults(after);
  const schema::ApplicationSpec& was = old.spec();
  schema::ApplicationSpec& is = *rest.mutable_spec();
  const schema::SyncPolicy& wasPolicy = was.sync_policy();
  schema::SyncPolicy& isPolicy = *is.mutable_sync_policy();
  // What cannot let anything through that was kept back before is made equal; the rest counts.
  is.set_environment(was.environment());
  // What is deleted with it is asked about when it is.
  is.set_deletion_policy(was.deletion_policy());
  if (!was.source().require_signature()) {
    is.mutable_source()->clear_require_signature();
    if (was.source().has_require_signature()) is.mutable_source()->set_require_signature(false);
  }
  if (isSubset(was.depends_on(), is.depends_on())) *is.mutable_depends_on() = was.depends_on();
  if (!was.has_promotion()) is.clear_promotion();
  if (isAsStrict(isPolicy.approval(), wasPolicy.approval())) {
    *isPolicy.mutable_approval() = wasPolicy.approval();
  }
  if (isAsStrict(isPolicy.deletion_budget(), wasPolicy.deletion_budget())) {
    *isPolicy.mutable_deletion_budget() = wasPolicy.deletion_budget();
  }
  if (isAsStrict(isPolicy.windows(), wasPolicy.windows())) {
    *isPolicy.mutable_windows() = wasPolicy.windows();
  }
  isPolicy.clear_poll_interval_seconds();
  if (wasPolicy.has_poll_interval_seconds()) {
    isPolicy.set_poll_interval_seconds(wasPolicy.poll_interval_seconds());
  }
  isPolicy.clear_automatic_rollback();
  if (wasPolicy.has_automatic_rollback()) {
    *isPolicy.mutable_automatic_rollback() = wasPolicy.automatic_rollback();
  }
  const bool doesLess = wasPolicy.has_automated() &&
                        (!isPolicy.has_automated() ||
                         (isPolicy.automated().prune() <= wasPolicy.automated().prune() &&
                          isPolicy.automated().self_heal() <= wasPolicy.automated().self_heal()));
  if (doesLess) *isPolicy.mutable_automated() = wasPolicy.automated();
  return specDifferences(old, rest);
}

std::vector<std::string> loosenedFields(const schema::Project& before,
                                        const schema::Project& after) {
  const schema::Project old = withDefaults(before);
  schema::Project rest = withDefaults(after);
  const schema::ProjectSpec& was = old.spec();
  schema::ProjectSpec& is = *rest.mutable_spec();
  is.set_description(was.description());
  *is.mutable_notifications() = was.notifications();
  if (isNarrower(is.repositories(), was.repositories())) {
    *is.mutable_repositories() = was.repositories();
  }
  if (isNarrower(is.namespaces(), was.namespaces())) *is.mutable_namespaces() = was.namespaces();
  if (isNarrower(is.kinds(), was.kinds())) *is.mutable_kinds() = was.kinds();
  if (isAsStrict(is.roles(), was.roles())) *is.mutable_roles() = was.roles();
  if (isSubset(is.trusted_keys(), was.trusted_keys())) {
    *is.mutable_trusted_keys() = was.trusted_keys();
  }
  if (isAsStrict(is.sync_windows(), was.sync_windows())) {
    *is.mutable_sync_windows() = was.sync_windows();
  }
  if (isNarrower(is.age_recipients(), was.age_recipients())) {
    *is.mutable_age_recipients() = was.age_recipients();
  }
  return specDifferences(old, rest);
}

std::vector<api::LoosenedPolicy> loosenedBy(const schema::Application& application,
                                            const std::vector<api::PlannedChange>& changes,
                                            const manifests::RenderedSet& desired,
                                            const model::State& state) {
  Loosened result;
  std::optional<std::multimap<model::Name, Proven>> proven;
  for (const api::PlannedChange& change : changes) {
    const model::Name name{change.namespace_(), change.name()};
    if (change.kind() == "Application") {
      if (!proven) proven = provenBy(state);
      const auto [first, last] = proven->equal_range(name);
      const schema::Application* live = state.applications.find(name);
      if (live == nullptr && first == last) continue;
      const auto after = objectAfter(application, change, live, desired);
      if (live != nullptr) addApplication(*live, after.get(), result);
      for (auto it = first; it != last; ++it) {
        addProven(it->second, absl::StrCat(name.ns, "/", name.name), live, after.get(), result);
      }
    } else if (change.kind() == "Project" && name.ns == api::kSystemNamespace) {
      // One that is not there limits nothing, as an empty one does.
      static const schema::Project none;
      const schema::Project* live = state.projects.find(name);
      const auto after = objectAfter(application, change, live, desired);
      addProject(name.name, live == nullptr ? none : *live, after.get(), state, result);
    }
  }
  return result.take();
}

std::string describeLoosened(const api::LoosenedPolicy& loosened) {
  const auto list = [](const auto& names) {
    const int more = static_cast<int>(names.size()) - kLoosenedNamed;
    const auto shown = std::vector<std::string>(
        names.begin(), more > 0 ? names.begin() + kLoosenedNamed : names.end());
    return absl::StrCat(absl::StrJoin(shown, ", "),
                        more > 0 ? absl::StrCat(" and ", more, " more") : "");
  };
  if (!isAboutProof(loosened)) {
    return absl::StrCat("loosens ", list(loosened.fields()), " of ", list(loosened.applications()));
  }
  const std::vector<std::string> fields(loosened.fields().begin() + 1, loosened.fields().end());
  return absl::StrCat("changes what ", list(loosened.applications()), " ", loosened.fields(0), ": ",
                      list(fields));
}

}  // namespace gantry::delivery
