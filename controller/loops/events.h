// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/executor.h"
#include "controller/loops/alarm.h"
#include "controller/model/ledger.h"

namespace gantry::loops {

/// A remark for people about one object.
struct Remark {
  /// As in ObjectRef.
  std::string kind;
  model::Name name;
  std::string uid;
  bool isWarning = false;
  /// One word in CamelCase: "Scheduled".
  std::string reason;
  /// One sentence.
  std::string message;
  /// Who says it: "scheduler", "agent/node-1".
  std::string source;
};

/// The sources of the controller's own remarks, as Kubernetes names its components.
namespace source {
inline constexpr char kDeploymentController[] = "deployment-controller";
inline constexpr char kJobController[] = "job-controller";
inline constexpr char kNodeController[] = "node-controller";
inline constexpr char kReplicaSetController[] = "replicaset-controller";
inline constexpr char kScheduler[] = "scheduler";
inline constexpr char kServiceController[] = "service-controller";
}  // namespace source

Remark remarkAbout(const model::Pod& pod, std::string source);
Remark remarkAbout(const schema::ReplicaSet& set, std::string source);
Remark remarkAbout(const schema::Deployment& deployment, std::string source);
Remark remarkAbout(const schema::Job& job, std::string source);
Remark remarkAbout(const schema::Service& service, std::string source);
Remark remarkAbout(const schema::Node& node, std::string source);
Remark remarkAbout(const schema::Application& application, std::string source);

/// Records remarks as Events. They are written a moment later, many in one commit: a decision never
/// fails for its remark. The same remark again only raises a count. Old ones go: beyond 50 of one
/// object, 10,000 in all, or 7 days. Controller's thread.
class EventRecorder {
 public:
  EventRecorder(base::Executor& executor, model::Ledger& ledger);

  /// Takes note of what the ledger holds, and begins to forget what is old.
  void start();

  void record(Remark remark);
  /// The same with the time at which an agent saw it.
  void record(Remark remark, base::Timestamp at);

 private:
  struct Pending {
    Remark remark;
    int count = 0;
    base::Timestamp first;
    base::Timestamp last;
  };
  /// When it was last seen and of which object it is.
  struct Known {
    base::Timestamp last;
    std::string object;
  };
  using ByAge = std::set<std::pair<base::Timestamp, model::Name>>;

  void follow(std::span<const model::Change> changes);
  void note(const model::Name& name, const schema::Event& event);
  void forget(const model::Name& name);
  void flush();
  schema::Event merged(const model::Name& name, const Pending& pending) const;
  void dropSurplus(model::Transaction& transaction) const;

  base::Executor& executor_;
  model::Ledger& ledger_;
  std::map<model::Name, Pending> pending_;
  std::map<model::Name, Known> known_;
  ByAge byAge_;
  std::map<std::string, ByAge> byObject_;
  Alarm write_;
  Alarm sweep_;
};

}  // namespace gantry::loops
