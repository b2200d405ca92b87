// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/node_loop.h"

#include "absl/strings/str_cat.h"
#include "base/ids.h"
#include "base/status.h"
#include "controller/model/deletion.h"
#include "controller/network/services.h"
#include "controller/nodes/eviction.h"
#include "controller/nodes/pod_report.h"
#include "controller/nodes/registration.h"
#include "manifests/resource.h"

namespace gantry::loops {
namespace {

constexpr int kNodePrefix = 24;
// How soon a held back eviction is looked at again, if nothing happens.
constexpr base::Duration kHeldBack(10'000);

}  // namespace

NodeLoop::NodeLoop(LoopContext context, Options options)
    : context_(context),
      options_(std::move(options)),
      queue_(context.executor, [this](const std::string& node) { return work(node); }),
      leaseEnd_(context.executor, [this] { checkLeases(); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void NodeLoop::start() {
  for (const auto& [name, entry] : context_.state().nodes.entries()) {
    podCidrs_[name.name] = entry.object->spec().pod_cidr();
    renew(name.name);
    queue_.mark(name.name);
  }
}

void NodeLoop::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    const auto* node = change.as<schema::Node>();
    if (node == nullptr) continue;
    const std::string& name = change.name.name;
    if (change.erased) {
      podCidrs_.erase(name);
      notReadySince_.erase(name);
      const auto lease = leases_.extract(name);
      if (!lease.empty()) leaseEnds_.erase({lease.mapped().heardAt + options_.lease, name});
    } else {
      podCidrs_[name] = node->spec().pod_cidr();
    }
  }
}

absl::Status NodeLoop::registerNode(const std::string& node, const api::Hello& hello) {
  const schema::Node* known = context_.state().nodes.find({"", node});
  std::string podCidr;
  if (known == nullptr) {
    std::set<std::string> taken;
    for (const auto& [name, cidr] : podCidrs_) taken.insert(cidr);
    GANTRY_ASSIGN_OR_RETURN(podCidr,
                            network::allocatePodCidr(options_.clusterCidr, kNodePrefix, taken));
  }
  const base::Timestamp now = context_.executor.wallNow();
  schema::Node record =
      nodes::registerNode(known, node, hello, base::newUid(context_.executor), podCidr, now);
  Lease lease{context_.executor.now(), now, hello.status()};
  *record.mutable_status() = nodes::statusFor(record, contactOf(lease), options_.lease, now);
  if (known == nullptr || !manifests::sameContent(record, *known)) {
    const schema::Node before = known == nullptr ? schema::Node() : *known;
    model::Transaction transaction(context_.state());
    transaction.put(record);
    GANTRY_RETURN_IF_ERROR(context_.ledger.commit(std::move(transaction)));
    remarkReadiness(before, record);
  }
  renew(node);
  leaseOf(node).report = hello.status();
  queue_.mark(node);
  return absl::OkStatus();
}

void NodeLoop::heard(const std::string& node) {
  if (context_.state().nodes.find({"", node}) == nullptr) return;
  renew(node);
  if (notReadySince_.contains(node)) queue_.mark(node);
}

void NodeLoop::reported(const std::string& node, const schema::NodeStatus& status) {
  heard(node);
  const auto lease = leases_.find(node);
  if (lease == leases_.end()) return;
  lease->second.report = status;
  queue_.mark(node);
}

NodeLoop::Lease& NodeLoop::leaseOf(const std::string& node) {
  return leases_.try_emplace(node, Lease{}).first->second;
}

void NodeLoop::renew(const std::string& node) {
  Lease& lease = leaseOf(node);
  leaseEnds_.erase({lease.heardAt + options_.lease, node});
  lease.heardAt = context_.executor.now();
  lease.heardAtWall = context_.executor.wallNow();
  leaseEnds_.emplace(lease.heardAt + options_.lease, node);
  leaseEnd_.ringAt(leaseEnds_.begin()->first);
}

void NodeLoop::checkLeases() {
  while (!leaseEnds_.empty() && leaseEnds_.begin()->first <= context_.executor.now()) {
    const std::string node = leaseEnds_.extract(leaseEnds_.begin()).value().second;
    queue_.mark(node);
    options_.onLost(node);
  }
  if (!leaseEnds_.empty()) leaseEnd_.ringAt(leaseEnds_.begin()->first);
}

nodes::Contact NodeLoop::contactOf(const Lease& lease) const {
  return {context_.executor.now() - lease.heardAt, lease.heardAtWall, lease.report};
}

WorkOutcome NodeLoop::work(const std::string& name) {
  const model::Ptr<schema::Node> node = context_.state().nodes.share({"", name});
  if (node == nullptr) return {};
  const Lease& lease = leaseOf(name);
  const nodes::Contact contact = contactOf(lease);
  const nodes::Readiness readiness = nodes::readinessOf(contact, options_.lease);
  trackReadiness(name, lease, readiness);

  schema::Node updated = *node;
  *updated.mutable_status() =
      nodes::statusFor(*node, contact, options_.lease, context_.executor.wallNow());
  model::Transaction transaction(context_.state());
  if (!manifests::sameContent(updated, *node)) transaction.put(updated);
  if (readiness == nodes::Readiness::kLost) retractReadiness(updated, transaction);
  const std::optional<base::Timestamp> next = evict(updated, transaction);
  const absl::Status committed = context_.ledger.commit(std::move(transaction));
  if (committed.ok()) remarkReadiness(*node, updated);
  return outcomeOf(committed, next);
}

void NodeLoop::trackReadiness(const std::string& name, const Lease& lease,
                              nodes::Readiness readiness) {
  switch (readiness) {
    case nodes::Readiness::kLost:
      notReadySince_.try_emplace(name, lease.heardAt + options_.lease);
      break;
    case nodes::Readiness::kNotReady:
      notReadySince_.try_emplace(name, context_.executor.now());
      break;
    case nodes::Readiness::kReady:
    case nodes::Readiness::kUnheard:
      if (notReadySince_.erase(name) == 0) break;
      // What was held back because so many were lost may go on.
      for (const auto& [other, since] : notReadySince_) queue_.mark(other);
      break;
  }
}

// Nobody can say that they still answer.
void NodeLoop::retractReadiness(const schema::Node& node, model::Transaction& transaction) const {
  for (const auto& pod : context_.state().podsOnNode(node.metadata().name())) {
    auto updated = nodes::withoutReadiness(
        *pod, "NodeLost", absl::StrCat("node ", node.metadata().name(), " is lost"),
        context_.executor.wallNow());
    if (updated) transaction.put(std::move(*updated));
  }
}

std::optional<base::Timestamp> NodeLoop::evict(const schema::Node& node,
                                               model::Transaction& transaction) {
  const auto lost = notReadySince_.find(node.metadata().name());
  if (lost == notReadySince_.end()) return std::nullopt;
  const base::Timestamp now = context_.executor.wallNow();
  const base::Duration lostFor = context_.executor.now() - lost->second;
  std::optional<base::Timestamp> next;
  bool heldBack = false;
  for (const auto& pod : context_.state().podsOnNode(node.metadata().name())) {
    const auto delay = nodes::evictionDelay(*pod, options_.evictionDelay);
    if (!delay || !model::isActive(*pod)) continue;
    if (*delay > lostFor) {
      next = std::min(next.value_or(base::Timestamp::max()), now + (*delay - lostFor));
    } else if (!nodes::mayEvict(notReadySince_.size(), context_.state().nodes.size())) {
      heldBack = true;
    } else {
      // A retraction of its readiness in the same decision goes under in this, which is stronger.
      model::beginPodDeletion(transaction, *pod,
                              absl::StrCat("node ", node.metadata().name(), " is not ready"), now);
    }
  }
  if (!heldBack) return next;
  Remark said = remarkAbout(node, source::kNodeController);
  said.isWarning = true;
  said.reason = "EvictionHeldBack";
  said.message = absl::StrCat(notReadySince_.size(), " of ", context_.state().nodes.size(),
                              " nodes are not ready: their pods are not replaced elsewhere; if "
                              "this node is dead, drain it");
  context_.events.record(std::move(said));
  return std::min(next.value_or(base::Timestamp::max()), now + kHeldBack);
}

void NodeLoop::remarkReadiness(const schema::Node& before, const schema::Node& after) {
  const schema::Condition* ready = nodes::readyCondition(after);
  const schema::Condition* old = nodes::readyCondition(before);
  if (ready == nullptr || (old != nullptr && old->status() == ready->status())) return;
  Remark said = remarkAbout(after, source::kNodeController);
  said.isWarning = ready->status() != "True";
  said.reason = ready->status() == "True"      ? "NodeReady"
                : ready->status() == "Unknown" ? "NodeLost"
                                               : "NodeNotReady";
  said.message = ready->message();
  context_.events.record(std::move(said));
}

}  // namespace gantry::loops
