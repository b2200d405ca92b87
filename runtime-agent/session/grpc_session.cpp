// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/session/grpc_session.h"

#include <utility>

namespace gantry::agent {

std::shared_ptr<GrpcSession> GrpcSession::begin(api::AgentLink::Stub& stub, Events events) {
  std::shared_ptr<GrpcSession> session(new GrpcSession(std::move(events)));
  session->self_ = session;
  stub.async()->Session(&session->context_, session.get());
  // send() starts writes from other threads: the call must not be done while one may come.
  session->AddHold();
  session->StartCall();
  return session;
}

void GrpcSession::send(api::AgentMessage message) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  outgoing_.push_back(std::move(message));
  if (outgoing_.size() == 1) StartWrite(&outgoing_.front());
}

void GrpcSession::OnReadInitialMetadataDone(bool ok) {
  if (!ok) return close();
  events_.onAccepted();
  // Only now: two operations under way could be told of in any order.
  StartRead(&incoming_);
}

void GrpcSession::OnReadDone(bool ok) {
  if (!ok) return close();
  events_.onMessage(std::exchange(incoming_, {}));
  StartRead(&incoming_);
}

void GrpcSession::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  RemoveHold();
}

void GrpcSession::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  // A failed write is followed by a failed read, which ends the call.
  if (!ok) return;
  outgoing_.pop_front();
  if (!outgoing_.empty() && !closed_) StartWrite(&outgoing_.front());
}

void GrpcSession::OnDone(const grpc::Status& status) {
  // Kept apart from the session, which may be gone as soon as it is handed on.
  const Events events = std::move(events_);
  const auto ended = ended_;
  events.onEnded(
      absl::Status(static_cast<absl::StatusCode>(status.error_code()), status.error_message()),
      std::move(self_));
  ended->set_value();
}

}  // namespace gantry::agent
