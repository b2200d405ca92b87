// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/agent_sessions.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/log.h"

namespace gantry::loops {

AgentSessions::AgentSessions(LoopContext context, AgentTransport& transport, NodeLoop& nodes,
                             Options options)
    : context_(context),
      transport_(transport),
      nodes_(nodes),
      options_(std::move(options)),
      reports_(context),
      sendDiffs_(context.executor, [this] { sendDiffs(); }) {
  context_.ledger.observe([this](std::span<const model::Change> changes) { follow(changes); });
}

void AgentSessions::connected(SessionId id, const std::string& node, const api::Hello& hello) {
  close(node);
  if (const absl::Status status = nodes_.registerNode(node, hello); !status.ok()) {
    base::logWarning(absl::StrCat("node ", node, " cannot be registered: ", status.message()));
    // A node that is known goes on with what is recorded; a new one has to come again.
    if (context_.state().nodes.find({"", node}) == nullptr) {
      transport_.close(id);
      return;
    }
    nodes_.reported(node, hello.status());
  }
  Session& session =
      sessions_.emplace(id, Session{node, NodeWants(context_.state(), node), 0, {}}).first->second;
  sessionOf_[node] = id;
  for (const api::ObservedPod& pod : hello.pods().pods()) {
    session.reported[pod.uid()] = pod.sequence();
  }
  // What is gone must not be wanted again a moment later.
  reports_.addAll(node, hello.pods());
  reports_.flush();
  sendEverything(id, session);
}

void AgentSessions::message(SessionId id, const api::AgentMessage& message) {
  const auto found = sessions_.find(id);
  if (found == sessions_.end()) return;
  Session& session = found->second;
  switch (message.message_case()) {
    case api::AgentMessage::kPods:
      nodes_.heard(session.node);
      report(session, message.pods());
      break;
    case api::AgentMessage::kNode:
      nodes_.reported(session.node, message.node().status());
      break;
    case api::AgentMessage::kHeartbeat:
      nodes_.heard(session.node);
      break;
    // A session begins with Hello; what is not understood does no harm.
    case api::AgentMessage::kHello:
    case api::AgentMessage::MESSAGE_NOT_SET:
      break;
  }
}

void AgentSessions::report(Session& session, const api::PodReport& report) {
  for (const api::ObservedPod& pod : report.pods()) {
    std::uint64_t& last = session.reported[pod.uid()];
    if (pod.sequence() <= last) continue;
    last = pod.sequence();
    reports_.add(session.node, pod);
  }
}

void AgentSessions::disconnected(SessionId id) {
  const auto session = sessions_.extract(id);
  if (!session.empty()) sessionOf_.erase(session.mapped().node);
}

void AgentSessions::close(const std::string& node) {
  const auto found = sessionOf_.find(node);
  if (found == sessionOf_.end()) return;
  const SessionId id = found->second;
  disconnected(id);
  transport_.close(id);
}

absl::Status AgentSessions::send(const std::string& node, api::ControllerMessage message) {
  const auto found = sessionOf_.find(node);
  if (found == sessionOf_.end()) {
    return absl::UnavailableError(absl::StrCat("node ", node, " is not connected"));
  }
  post(found->second, std::move(message));
  return absl::OkStatus();
}

void AgentSessions::follow(std::span<const model::Change> changes) {
  for (const model::Change& change : changes) {
    const model::Name& name = change.name;
    if (const auto* pod = change.as<model::Pod>()) {
      if (const auto id = sessionOf_.find(pod->nodeName); id != sessionOf_.end()) {
        sessions_.at(id->second).wants.notePod(name);
        sendDiffs_.ringSoon();
      }
    } else if (change.as<schema::ConfigMap>() != nullptr) {
      noteAll([&](NodeWants& wants) { wants.noteConfigMap(name); });
    } else if (change.as<schema::Secret>() != nullptr) {
      noteAll([&](NodeWants& wants) { wants.noteSecret(name); });
    } else if (change.as<api::Endpoints>() != nullptr) {
      noteAll([&](NodeWants& wants) { wants.noteService(name); });
    }
  }
}

void AgentSessions::noteAll(const auto& note) {
  for (auto& [id, session] : sessions_) note(session.wants);
  sendDiffs_.ringSoon();
}

void AgentSessions::sendEverything(SessionId id, Session& session) {
  api::ControllerMessage message;
  api::WantedSet& wanted = *message.mutable_wanted();
  wanted = session.wants.everything();
  if (const auto* node = context_.state().nodes.find({"", session.node})) {
    wanted.set_pod_cidr(node->spec().pod_cidr());
  }
  wanted.set_cluster_cidr(options_.clusterCidr);
  wanted.set_service_cidr(options_.serviceCidr);
  wanted.set_heartbeat_interval_ms(options_.heartbeatInterval.count());
  wanted.set_sequence(++session.sequence);
  post(id, std::move(message));
}

void AgentSessions::sendDiffs() {
  // Sending may end a session at once.
  std::vector<std::pair<SessionId, api::ControllerMessage>> messages;
  for (auto& [id, session] : sessions_) {
    if (!session.wants.hasNotes()) continue;
    std::optional<api::WantedDiff> diff = session.wants.takeDiff();
    if (!diff) continue;
    diff->set_sequence(++session.sequence);
    *messages.emplace_back(id, api::ControllerMessage()).second.mutable_diff() = std::move(*diff);
  }
  for (auto& [id, message] : messages) post(id, std::move(message));
}

void AgentSessions::post(SessionId id, api::ControllerMessage message) {
  message.set_fencing_token(options_.fencingToken);
  transport_.send(id, message);
}

}  // namespace gantry::loops
