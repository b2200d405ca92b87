// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/network.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"

namespace gantry::sim {
namespace {

using base::Duration;

// How long an end takes to see that a stream is broken: a reset at best, a keepalive at worst.
constexpr Duration kSoonest{20};
constexpr Duration kLatest{6'000};
constexpr Duration kRedialLeast{100};
constexpr Duration kRedialMost{1'500};

}  // namespace

void Network::setReachable(const std::string& node, bool reachable) {
  if (reachable) {
    unreachable_.erase(node);
  } else {
    unreachable_.insert(node);
  }
}

void Network::breakStreams(const std::string& node) {
  std::vector<loops::SessionId> ids;
  for (const auto& [id, stream] : streams_) {
    if (stream.node == node && !stream.isBroken) ids.push_back(id);
  }
  for (const loops::SessionId id : ids) breakStream(id);
}

void Network::heal() {
  oneLossIn = 0;
  slowest = Duration(10);
  unreachable_.clear();
}

Duration Network::delay() {
  return clock_.between(Duration(1), slowest);
}

bool Network::isLost(const Stream& stream) {
  return !isReachable(stream.node) || (oneLossIn > 0 && clock_.oneIn(oneLossIn));
}

Network::Stream* Network::arriving(loops::SessionId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return nullptr;
  Stream& stream = found->second;
  if (stream.isBroken && !stream.drains) return nullptr;
  if (!stream.isBroken && !isReachable(stream.node)) {
    breakStream(id);
    return nullptr;
  }
  return isReachable(stream.node) ? &stream : nullptr;
}

void Network::breakStream(loops::SessionId id) {
  Stream& stream = streams_.at(id);
  if (std::exchange(stream.isBroken, true)) return;
  stream.drains = clock_.oneIn(2);
  clock_.trace().print(clock_.elapsed(), "network",
                       absl::StrCat("stream ", id, " of ", stream.node, " breaks"));
  clock_.after(clock_.between(kSoonest, kLatest), [this, id] {
    const auto found = streams_.find(id);
    if (found == streams_.end()) return;
    if (Link* link = std::exchange(found->second.link, nullptr)) link->lost();
  });
  const Duration heard = clock_.between(kSoonest, kLatest);
  clock_.after(heard, [this, id] {
    toController(id, [id](loops::Controller& controller) { controller.agentDisconnected(id); });
  });
  clock_.after(kLatest + kLatest, [this, id] { streams_.erase(id); });
}

void Network::toController(loops::SessionId id, std::function<void(loops::Controller&)> call) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || controller_ == nullptr) return;
  if (found->second.controllerLife == controllerLife_) call(*controller_);
}

void Network::attach(loops::Controller* controller) {
  controller_ = controller;
  ++controllerLife_;
  std::vector<loops::SessionId> ids;
  for (const auto& [id, stream] : streams_) ids.push_back(id);
  for (const loops::SessionId id : ids) breakStream(id);
}

void Network::send(loops::SessionId session, const api::ControllerMessage& message) {
  const auto found = streams_.find(session);
  if (found == streams_.end() || found->second.isBroken) return;
  if (isLost(found->second)) return breakStream(session);
  Stream& stream = found->second;
  stream.lastDown = std::max(stream.lastDown, clock_.now() + delay());
  clock_.at(stream.lastDown,
            [this, session, sent = std::make_shared<const api::ControllerMessage>(message)] {
              Stream* to = arriving(session);
              if (to == nullptr || to->link == nullptr) return;
              to->link->handler_.onMessage(*sent);
            });
}

void Network::close(loops::SessionId session) {
  if (streams_.contains(session)) breakStream(session);
}

void Network::dial(Link& link) {
  if (controller_ == nullptr || !isReachable(link.node_)) return link.redial();
  const loops::SessionId id = ++lastId_;
  link.session_ = id;
  Stream& stream = streams_[id];
  stream.node = link.node_;
  stream.link = &link;
  stream.controllerLife = controllerLife_;
  stream.lastUp = clock_.now() + delay();
  const auto hello = std::make_shared<const api::Hello>(link.handler_.onConnected());
  clock_.at(stream.lastUp, [this, id, hello] {
    const Stream* from = arriving(id);
    if (from == nullptr) return;
    toController(id, [id, node = from->node, &hello](loops::Controller& controller) {
      controller.agentConnected(id, node, *hello);
    });
  });
}

void Network::sendUp(loops::SessionId id, const api::AgentMessage& message) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || found->second.isBroken) return;
  if (isLost(found->second)) return breakStream(id);
  Stream& stream = found->second;
  stream.lastUp = std::max(stream.lastUp, clock_.now() + delay());
  clock_.at(stream.lastUp, [this, id, sent = std::make_shared<const api::AgentMessage>(message)] {
    if (arriving(id) == nullptr) return;
    toController(id, [&](loops::Controller& controller) { controller.agentMessage(id, *sent); });
  });
}

void Network::hangUp(loops::SessionId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  found->second.link = nullptr;
  breakStream(id);
}

void Link::start(Handler handler) {
  handler_ = std::move(handler);
  redial();
}

void Link::send(const api::AgentMessage& message) {
  network_.sendUp(session_, message);
}

void Link::restart() {
  if (session_ == 0) return;
  network_.hangUp(session_);
  process_.post([this] { lost(); });
}

void Link::redial() {
  process_.postAfter(network_.clock_.between(kRedialLeast, kRedialMost),
                     [this] { network_.dial(*this); });
}

void Link::lost() {
  session_ = 0;
  handler_.onDisconnected();
  redial();
}

}  // namespace gantry::sim
