// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <string>

#include "manifests/resource.h"
#include "tests/sim/view.h"
#include "tests/support/fake_git.h"

namespace gantry::sim {

/// The object, if it is one of those that Git may hold and nothing else has made; null if not.
const google::protobuf::Message* fromGit(const model::AnyObject& object);

/// The Application that applied it, "namespace/name"; empty: none.
std::string ownerOf(const google::protobuf::Message& object);

/// What Git says of an object: without status and uid, without addresses that were handed out (the
/// simulator's manifests name none), and without whose it is.
std::string contentOf(const google::protobuf::Message& object);

/// The same without the number of replicas, if it is a Deployment.
std::string withoutReplicas(const google::protobuf::Message& object);

/// It is gone, or on its way.
bool isGoing(const google::protobuf::Message* object);

/// The wave that it is applied in; 0 if it names none.
int waveOf(const google::protobuf::Message& object);

/// "PreSync", "PostSync" or "SyncFail" of a Job that is run while a plan is applied; else empty.
std::string hookOf(const google::protobuf::Message& object);

/// The name of the Job that runs a hook for a plan: each plan runs it once, under its own number.
std::string hookJobOf(const std::string& plan, const std::string& hook);

/// The hook as Git holds it under the name `hook`, of which `job` is a run.
schema::Job hookOfRun(const schema::Job& job, const std::string& hook);

/// An object as a commit holds it.
struct Desired {
  std::string content;
  std::string contentWithoutReplicas;
  int wave = 0;
  std::string hook;
  bool operator==(const Desired&) const = default;
};
using DesiredSet = std::map<manifests::ObjectKey, Desired>;

/// What commits mean for Applications, rendered by the checkers themselves, each once.
class Rendering {
 public:
  explicit Rendering(const support::FakeGit& git) : git_(git) {}

  const DesiredSet& at(const schema::Application& application, const std::string& commit);

 private:
  const support::FakeGit& git_;
  std::map<std::pair<std::string, std::string>, DesiredSet> rendered_;
};

}  // namespace gantry::sim
