// SPDX-License-Identifier: Apache-2.0
#include "controller/server/log_intake.h"

#include <utility>

namespace gantry::server {

std::shared_ptr<LogIntake> LogIntake::open(LogBroker& broker, std::string node) {
  std::shared_ptr<LogIntake> intake(new LogIntake(broker, std::move(node)));
  intake->self_ = intake;
  intake->readNext();
  return intake;
}

void LogIntake::OnReadDone(bool ok) {
  if (!ok) return finish(grpc::Status::OK);
  if (!reader_) {
    query_ = chunk_.query_id();
    reader_ = broker_.find(query_, node_);
    if (!reader_) return finish(grpc::Status(grpc::NOT_FOUND, "nobody waits for these lines"));
  }
  const auto resume = [weak = weak_from_this()] {
    if (const auto intake = weak.lock()) intake->readNext();
  };
  switch (reader_->push(query_, chunk_, resume)) {
    case LogReader::Accepted::kMore:
      return readNext();
    case LogReader::Accepted::kWait:
      return;
    case LogReader::Accepted::kClosed:
      return finish(grpc::Status(grpc::CANCELLED, "nobody reads these lines any more"));
  }
}

void LogIntake::OnDone() {
  const std::shared_ptr<LogIntake> self = std::move(self_);
  if (reader_) reader_->end(query_, "");
}

void LogIntake::readNext() {
  const std::lock_guard lock(mutex_);
  if (!finished_) StartRead(&chunk_);
}

void LogIntake::finish(const grpc::Status& status) {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(finished_, true)) Finish(status);
}

}  // namespace gantry::server
