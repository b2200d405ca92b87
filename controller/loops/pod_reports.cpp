// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/pod_reports.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "controller/nodes/pod_report.h"

namespace gantry::loops {
namespace {

using model::Pod;

// Bounds the size of a commit after many agents have come at once.
constexpr std::size_t kMostReportsAtOnce = 500;

}  // namespace

PodReports::PodReports(LoopContext context)
    : context_(context), flush_(context.executor, [this] { flush(); }) {}

void PodReports::add(const std::string& node, const api::ObservedPod& pod) {
  const Pod* known = context_.state().pods.find({pod.namespace_(), pod.name()});
  if (known == nullptr || known->uid != pod.uid() || known->nodeName != node) return;
  remarkAll(node, pod);
  pending_[pod.uid()] = {node, pod, false};
  flush_.ringSoon();
}

void PodReports::addAll(const std::string& node, const api::PodReport& report) {
  std::set<std::string> reported;
  for (const api::ObservedPod& pod : report.pods()) {
    reported.insert(pod.uid());
    add(node, pod);
  }
  for (const auto& pod : context_.state().podsOnNode(node)) {
    if (reported.contains(pod->uid)) continue;
    Pending& pending = pending_[pod->uid];
    pending = {node, {}, true};
    pending.pod.set_namespace_(pod->ns);
    pending.pod.set_name(pod->name);
  }
  if (!pending_.empty()) flush_.ringSoon();
}

void PodReports::remarkAll(const std::string& node, const api::ObservedPod& pod) {
  for (const api::AgentEvent& event : pod.events()) {
    Remark said;
    said.kind = "Pod";
    said.name = {pod.namespace_(), pod.name()};
    said.uid = pod.uid();
    said.isWarning = event.warning();
    said.reason = event.reason();
    said.message = event.message();
    said.source = absl::StrCat("agent/", node);
    // An agent's clock may be anywhere; its order of events is kept, its future is not.
    const base::Timestamp at = base::fromUnixMs(event.time_ms());
    context_.events.record(std::move(said), std::min(at, context_.executor.wallNow()));
  }
}

void PodReports::flush() {
  while (!pending_.empty()) {
    model::Transaction transaction(context_.state());
    auto end = pending_.begin();
    for (std::size_t i = 0; i < kMostReportsAtOnce && end != pending_.end(); ++i, ++end) {
      apply(end->first, end->second, transaction);
    }
    const absl::Status committed = context_.ledger.commit(std::move(transaction));
    if (!committed.ok()) {
      flush_.ringAfter(absl::IsAborted(committed) ? base::Duration(1) : kRetryDelay);
      return;
    }
    pending_.erase(pending_.begin(), end);
  }
}

void PodReports::apply(const std::string& uid, const Pending& pending,
                       model::Transaction& transaction) {
  const model::Name name{pending.pod.namespace_(), pending.pod.name()};
  const Pod* pod = context_.state().pods.find(name);
  if (pod == nullptr || pod->uid != uid || pod->nodeName != pending.node) return;
  if ((pending.absent || pending.pod.gone()) && pod->deletedAt) {
    transaction.erase<Pod>(name);
    return;
  }
  auto updated =
      pending.absent || pending.pod.gone()
          ? nodes::withoutReadiness(*pod, "NotRunning",
                                    absl::StrCat("the agent of ", pending.node, " does not run it"),
                                    context_.executor.wallNow())
          : nodes::withReport(*pod, pending.pod);
  if (updated) transaction.put(std::move(*updated));
}

}  // namespace gantry::loops
