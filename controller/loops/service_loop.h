// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>

#include "controller/loops/loop_context.h"
#include "controller/loops/work_queue.h"
#include "controller/network/services.h"

namespace gantry::loops {

/// Gives Services their addresses and ports, and keeps the Endpoints of each. Controller's thread.
class ServiceLoop {
 public:
  ServiceLoop(LoopContext context, std::string serviceCidr);

  /// Takes note of what is given already, and marks every Service.
  void start();

 private:
  /// What is kept of a Service between two looks.
  struct Known {
    std::map<std::string, std::string> selector;
    std::set<model::Name> pods;
    network::Allocations held;
  };

  void follow(std::span<const model::Change> changes);
  void followService(const model::Name& name, const schema::Service& service, bool erased);
  void followPod(const model::Name& name, const model::Pod& pod, bool erased);
  void claim(const schema::Service& service, Known& known);
  void release(Known& known);

  WorkOutcome work(const model::Name& name);
  WorkOutcome eraseEndpoints(const model::Name& name);
  absl::StatusOr<schema::Service> allocate(const schema::Service& service);

  LoopContext context_;
  std::string serviceCidr_;
  std::map<model::Name, Known> known_;
  network::Allocations taken_;
  WorkQueue<model::Name> queue_;
};

}  // namespace gantry::loops
