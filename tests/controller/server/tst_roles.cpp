// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "controller/api/control.grpc.pb.h"
#include "controller/delivery/records.h"
#include "tests/controller/server/test_server.h"
#include "tests/support/fake_git.h"
#include "tests/support/shop_manifests.h"

using namespace gantry;
using namespace gantry::tests;
using access::Identity;
using access::Role;

namespace {

constexpr char kUrl[] = "/srv/shop.git";
const model::Name kShop{"gantry-system", "shop"};

/// What a call refers to, as somebody has looked at it.
struct Facts {
  std::string plan, commit, digest, rollbackDigest, hold;
};

/// The whole controller behind TLS: v1 and v2 of an Application were applied, a plan of v3 waits
/// for many approvals, v1's hold is set, and there is a node.
class World {
 public:
  using Permissions = std::set<std::string>;

  /// With a Project in which only `member` may do anything, and only that, if that is not empty.
  explicit World(const std::string& member, const Permissions& permissions = allPermissions())
      : server_([this](base::Executor& executor) {
          auto git = std::make_unique<support::FakeGit>(executor);
          git_ = git.get();
          return git;
        }) {
    server_.commit([&](model::Transaction& transaction) {
      if (!member.empty()) transaction.put(projectOf(member, permissions));
      schema::Node node;
      node.mutable_metadata()->set_name("node-1");
      transaction.put(std::move(node));
    });
    server_.run([this] { server_.controller().start(); });
    push("v1");
    putApplication(0);
    waitFor([this] { return applied("v1"); });
    push("v2");
    sync();
    waitFor([this] { return applied("v2"); });
    putApplication(9);
    push("v3");
    sync();
    waitFor([this] { return delivery::openPlan(server_.state(), kShop) != nullptr; });
    look();
  }

  std::unique_ptr<api::Control::Stub> as(const std::optional<Identity>& caller) {
    return api::Control::NewStub(server_.dial(caller));
  }
  const Facts& facts() const { return facts_; }

  static const Permissions& allPermissions() {
    static const Permissions all = {"sync", "approve", "rollback", "hold", "suspend", "override"};
    return all;
  }

 private:
  static schema::Project projectOf(const std::string& member, const Permissions& permissions) {
    schema::Project project;
    project.mutable_metadata()->set_namespace_(kShop.ns);
    project.mutable_metadata()->set_name("default");
    schema::ProjectRole& role = *project.mutable_spec()->add_roles();
    role.set_name("team");
    for (const std::string& permission : permissions) role.add_permissions(permission);
    role.add_members(member);
    return project;
  }

  void push(const std::string& version) {
    server_.run([&] {
      git_->commit(kUrl, "main", {{"shop/front.yaml", deploymentYaml("front", "front:" + version)}},
                   version);
    });
  }

  void putApplication(int approvals) {
    server_.commit([&](model::Transaction& transaction) {
      schema::Application application;
      if (const auto* live = server_.state().applications.find(kShop)) application = *live;
      application.mutable_metadata()->set_namespace_(kShop.ns);
      application.mutable_metadata()->set_name(kShop.name);
      application.mutable_metadata()->set_generation(1 + approvals);
      application.mutable_spec()->mutable_source()->set_repo_url(kUrl);
      application.mutable_spec()->mutable_source()->set_path("shop");
      application.mutable_spec()->mutable_destination()->set_namespace_("shop");
      schema::SyncPolicy& policy = *application.mutable_spec()->mutable_sync_policy();
      policy.mutable_automated();
      policy.mutable_approval()->set_required(approvals);
      transaction.put(std::move(application));
    });
  }

  static api::SyncRequest syncRequest() {
    api::SyncRequest request;
    request.set_namespace_(kShop.ns);
    request.set_application(kShop.name);
    return request;
  }

  void sync() {
    server_.run([this] {
      server_.controller().delivery().sync({"test", true}, syncRequest(), [](const auto&) {});
    });
  }

  bool applied(const std::string& version) {
    const auto* found = server_.state().applications.find(kShop);
    return found != nullptr && found->status().applied().subject() == version;
  }

  void waitFor(const std::function<bool()>& done) {
    for (int tries = 0; tries < 500; ++tries) {
      bool isDone = false;
      server_.run([&] { isDone = done(); });
      if (isDone) return;
      QTest::qWait(10);
    }
    QFAIL("it has not come to that within five seconds");
  }

  void look() {
    server_.run([this] {
      const auto plan = delivery::openPlan(server_.state(), kShop);
      facts_.plan = plan->name();
      facts_.commit = plan->revision().commit();
      facts_.digest = plan->digest();
      api::HoldRevisionRequest hold;
      hold.set_namespace_(kShop.ns);
      hold.set_application(kShop.name);
      hold.set_commit(server_.state().applications.find(kShop)->status().applied().commit());
      hold.set_reason("for the test");
      server_.controller().delivery().holdRevision(
          {"test", true}, hold,
          [this](const absl::StatusOr<api::Hold>& set) { facts_.hold = set->name(); });
      api::RollbackRequest request;
      request.set_namespace_(kShop.ns);
      request.set_application(kShop.name);
      server_.controller().delivery().previewRollback(
          request, [this](const absl::StatusOr<api::RollbackPreview>& preview) {
            if (preview.ok()) facts_.rollbackDigest = preview->plan().digest();
          });
    });
    waitFor([this] { return !facts_.rollbackDigest.empty() && !facts_.hold.empty(); });
  }

  support::FakeGit* git_ = nullptr;
  TestServer server_;
  Facts facts_;
};

using Stub = api::Control::Stub;

/// A call that changes something.
struct Call {
  const char* name;
  Role least;
  /// What a Project has to permit; nothing: it has no say in it.
  std::set<std::string> permissions;
  /// What it does with a digest that is not the one of what would be done; null: it takes none.
  std::function<grpc::Status(Stub&, const Facts&, const std::string& digest)> make;
  bool takesDigest;
};

template <class Request>
Request about() {
  Request request;
  request.set_namespace_(kShop.ns);
  request.set_application(kShop.name);
  request.set_reason("for the test");
  return request;
}

template <class Request, class Response>
grpc::Status send(Stub& stub,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                  const Request& request) {
  Response response;
  const auto context = patient();
  return (stub.*method)(context.get(), request, &response);
}

template <class Method>
auto ofNode(Method method) {
  return [method](Stub& stub, const Facts&, const std::string&) {
    api::NodeRequest request;
    request.set_node("node-1");
    request.set_reason("for the test");
    return send(stub, method, request);
  };
}

template <class Method>
auto ofRollout(Method method) {
  return [method](Stub& stub, const Facts&, const std::string&) {
    api::RolloutRequest request;
    request.set_namespace_("shop");
    request.set_deployment("front");
    request.set_reason("for the test");
    return send(stub, method, request);
  };
}

std::vector<Call> calls() {
  return {
      {"Sync",
       Role::kOperator,
       {"sync"},
       [](Stub& stub, const Facts&, const std::string&) {
         return send(stub, &Stub::Sync, about<api::SyncRequest>());
       },
       false},
      {"Sync, override",
       Role::kOperator,
       {"sync", "override"},
       [](Stub& stub, const Facts& facts, const std::string& digest) {
         auto request = about<api::SyncRequest>();
         request.set_override_digest(digest.empty() ? facts.digest : digest);
         return send(stub, &Stub::Sync, request);
       },
       true},
      {"ApprovePlan",
       Role::kApprover,
       {"approve"},
       [](Stub& stub, const Facts& facts, const std::string& digest) {
         api::ApprovePlanRequest request;
         request.set_namespace_(kShop.ns);
         request.set_plan(facts.plan);
         request.set_commit(facts.commit);
         request.set_digest(digest.empty() ? facts.digest : digest);
         return send(stub, &Stub::ApprovePlan, request);
       },
       true},
      {"RejectPlan",
       Role::kApprover,
       {"approve"},
       [](Stub& stub, const Facts& facts, const std::string& digest) {
         api::RejectPlanRequest request;
         request.set_namespace_(kShop.ns);
         request.set_plan(facts.plan);
         request.set_commit(facts.commit);
         request.set_digest(digest.empty() ? facts.digest : digest);
         request.set_reason("for the test");
         return send(stub, &Stub::RejectPlan, request);
       },
       true},
      {"Rollback",
       Role::kOperator,
       {"rollback"},
       [](Stub& stub, const Facts& facts, const std::string& digest) {
         auto request = about<api::RollbackRequest>();
         request.set_digest(digest.empty() ? facts.rollbackDigest : digest);
         return send(stub, &Stub::Rollback, request);
       },
       true},
      {"HoldRevision",
       Role::kOperator,
       {"hold"},
       [](Stub& stub, const Facts& facts, const std::string&) {
         auto request = about<api::HoldRevisionRequest>();
         request.set_commit(facts.commit);
         return send(stub, &Stub::HoldRevision, request);
       },
       false},
      {"LiftHold",
       Role::kOperator,
       {"hold"},
       [](Stub& stub, const Facts& facts, const std::string&) {
         api::LiftHoldRequest request;
         request.set_namespace_(kShop.ns);
         request.set_hold(facts.hold);
         return send(stub, &Stub::LiftHold, request);
       },
       false},
      {"Suspend",
       Role::kOperator,
       {"suspend"},
       [](Stub& stub, const Facts&, const std::string&) {
         return send(stub, &Stub::Suspend, about<api::SuspendRequest>());
       },
       false},
      {"Resume",
       Role::kOperator,
       {"suspend"},
       [](Stub& stub, const Facts&, const std::string&) {
         // What is resumed has to be suspended; who may not do the one may not do the other.
         (void)send(stub, &Stub::Suspend, about<api::SuspendRequest>());
         return send(stub, &Stub::Resume, about<api::ResumeRequest>());
       },
       false},
      {"PauseRollout", Role::kOperator, {"suspend"}, ofRollout(&Stub::PauseRollout), false},
      {"ResumeRollout",
       Role::kOperator,
       {"suspend"},
       [](Stub& stub, const Facts& facts, const std::string& none) {
         (void)ofRollout (&Stub::PauseRollout)(stub, facts, none);
         return ofRollout(&Stub::ResumeRollout)(stub, facts, none);
       },
       false},
      {"Cordon", Role::kOperator, {}, ofNode(&Stub::Cordon), false},
      {"Uncordon",
       Role::kOperator,
       {},
       [](Stub& stub, const Facts& facts, const std::string& none) {
         (void)ofNode (&Stub::Cordon)(stub, facts, none);
         return ofNode(&Stub::Uncordon)(stub, facts, none);
       },
       false},
      {"Drain", Role::kOperator, {}, ofNode(&Stub::Drain), false},
      {"CreateJoinToken",
       Role::kAdmin,
       {},
       [](Stub& stub, const Facts&, const std::string&) {
         return send(stub, &Stub::CreateJoinToken, api::CreateJoinTokenRequest());
       },
       false},
  };
}

struct Who {
  const char* title;
  std::optional<Identity> identity;
  /// The Project has roles, and the caller is a member of one.
  bool inProject = false;
  bool isMember = false;
};

const std::vector<Who>& everybody() {
  static const std::vector<Who> all = {
      {"no certificate", std::nullopt},
      {"agent", Identity{"node-1", Role::kAgent}},
      {"viewer", Identity{"vera", Role::kViewer}},
      {"operator", Identity{"otto", Role::kOperator}},
      {"approver", Identity{"ana", Role::kApprover}},
      {"admin", Identity{"adam", Role::kAdmin}},
      {"approver, member", Identity{"ben", Role::kApprover}, true, true},
      {"approver, no member", Identity{"zoe", Role::kApprover}, true, false},
      {"viewer, member", Identity{"ben", Role::kViewer}, true, true},
      {"admin, no member", Identity{"adam", Role::kAdmin}, true, false},
  };
  return all;
}

/// By the rules of the documentation, not by those of the code.
grpc::StatusCode expected(const Call& call, const Who& who) {
  if (!who.identity) return grpc::UNAUTHENTICATED;
  const Role role = who.identity->role;
  if (role == Role::kAgent || role < call.least) return grpc::PERMISSION_DENIED;
  const bool free = role == Role::kAdmin || !who.inProject || who.isMember;
  return !call.permissions.empty() && !free ? grpc::PERMISSION_DENIED : grpc::OK;
}

const char* word(grpc::StatusCode code) {
  switch (code) {
    case grpc::OK:
      return "yes";
    case grpc::PERMISSION_DENIED:
    case grpc::UNAUTHENTICATED:
      return "no";
    case grpc::FAILED_PRECONDITION:
      return "stale";
    default:
      return "?";
  }
}

}  // namespace

/// Every call that changes something, by everybody, as it should be and with a digest of something
/// else. Prints the table.
class TstRoles : public QObject {
  Q_OBJECT

 private slots:
  void mayDoWhatTheyMay_data() {
    QTest::addColumn<int>("index");
    const auto all = calls();
    for (std::size_t i = 0; i < all.size(); ++i) QTest::newRow(all[i].name) << int(i);
  }
  void mayDoWhatTheyMay() {
    QFETCH(int, index);
    const Call call = calls().at(static_cast<std::size_t>(index));
    std::string row = absl::StrFormat("%-16s", call.name);
    std::string stale = absl::StrFormat("%-16s", "  stale digest");
    // A world serves until somebody has changed something in it.
    std::map<bool, std::unique_ptr<World>> worlds;
    for (const Who& who : everybody()) {
      std::unique_ptr<World>& world = worlds[who.inProject];
      if (world == nullptr) world = std::make_unique<World>(who.inProject ? "ben" : "");
      const auto stub = world->as(who.identity);
      const grpc::StatusCode right = expected(call, who);
      if (call.takesDigest) {
        const grpc::Status status = call.make(*stub, world->facts(), "0123456789abcdef");
        absl::StrAppend(
            &stale, absl::StrFormat(" | %-*s", int(strlen(who.title)), word(status.error_code())));
        QVERIFY2(status.error_code() == (right == grpc::OK ? grpc::FAILED_PRECONDITION : right),
                 absl::StrCat(who.title, ": ", status.error_message()).c_str());
      }
      const grpc::Status status = call.make(*stub, world->facts(), "");
      absl::StrAppend(
          &row, absl::StrFormat(" | %-*s", int(strlen(who.title)), word(status.error_code())));
      QVERIFY2(status.error_code() == right,
               absl::StrCat(who.title, ": ", status.error_message()).c_str());
      if (status.ok()) world.reset();
    }
    table_ += row + "\n";
    if (call.takesDigest) table_ += stale + "\n";
  }

  // A permission that is taken for another lets somebody do what he may not.
  void eachPermissionIsForItsCallsOnly_data() {
    QTest::addColumn<QString>("permitted");
    for (const std::string& permission : World::allPermissions()) {
      QTest::newRow(permission.c_str()) << QString::fromStdString(permission);
    }
    QTest::newRow("sync and override") << "sync,override";
    QTest::newRow("none") << "";
  }
  void eachPermissionIsForItsCallsOnly() {
    QFETCH(QString, permitted);
    World::Permissions permissions;
    for (const QString& permission : permitted.split(',', Qt::SkipEmptyParts)) {
      permissions.insert(permission.toStdString());
    }
    std::unique_ptr<World> world;
    for (const Call& call : calls()) {
      if (call.permissions.empty()) continue;
      if (world == nullptr) world = std::make_unique<World>("ben", permissions);
      const auto stub = world->as(Identity{"ben", Role::kApprover});
      const grpc::Status status = call.make(*stub, world->facts(), "");
      const bool may = std::ranges::includes(permissions, call.permissions);
      QVERIFY2(status.error_code() == (may ? grpc::OK : grpc::PERMISSION_DENIED),
               absl::StrCat(call.name, ": ", status.error_message()).c_str());
      if (status.ok()) world.reset();
    }
  }

  // A method that is new is looked at here before anybody may call it.
  void everyMethodIsListed() {
    static const std::set<std::string> readers = {
        "GetServerInfo",    "List",        "Watch", "Logs", "PreviewRollback", "PreviewRevision",
        "CompareRevisions", "PreviewDrain"};
    std::set<std::string> listed = readers;
    for (const Call& call : calls()) {
      const std::string name = call.name;
      const std::string method = name.substr(0, name.find(','));
      QVERIFY2(!readers.contains(method), call.name);
      listed.insert(method);
    }
    const auto* service = api::LogsRequest::descriptor()->file()->FindServiceByName("Control");
    QVERIFY(service != nullptr);
    std::set<std::string> methods;
    for (int i = 0; i < service->method_count(); ++i) methods.insert(service->method(i)->name());
    for (const std::string& method : methods) QVERIFY2(listed.contains(method), method.c_str());
    QCOMPARE(listed, methods);
  }

  void cleanupTestCase() {
    std::string head = absl::StrFormat("%-16s", "");
    for (const Who& who : everybody()) absl::StrAppend(&head, " | ", who.title);
    qInfo("%s\n%s", head.c_str(), table_.c_str());
  }

 private:
  std::string table_;
};

QTEST_GUILESS_MAIN(TstRoles)
#include "tst_roles.moc"
