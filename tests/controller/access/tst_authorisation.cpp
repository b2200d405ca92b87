// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "controller/access/authorisation.h"
#include "tests/support/methods.h"

using namespace gantry;
using namespace gantry::access;

namespace {

// Who may call what, as the comments of control.proto and agent.proto say.
std::string leastRole(const std::string& method) {
  static const std::map<std::string, std::string> special = {
      {"Sync", "operator"},          {"ApprovePlan", "approver"},  {"RejectPlan", "approver"},
      {"Rollback", "operator"},      {"LiftHold", "operator"},     {"PauseRollout", "operator"},
      {"ResumeRollout", "operator"}, {"Cordon", "operator"},       {"Uncordon", "operator"},
      {"Drain", "operator"},         {"CreateJoinToken", "admin"}, {"Session", "agent"},
      {"PushLogs", "agent"},         {"Join", "anybody"},          {"HoldRevision", "operator"},
      {"Suspend", "operator"},       {"Resume", "operator"}};
  const auto found = special.find(method.substr(method.rfind('/') + 1));
  return found == special.end() ? "viewer" : found->second;
}

std::set<std::string> allowedCallers(const std::string& least) {
  if (least == "anybody") return {"nobody", "viewer", "operator", "approver", "admin", "agent"};
  if (least == "agent") return {"agent"};
  if (least == "viewer") return {"viewer", "operator", "approver", "admin"};
  if (least == "operator") return {"operator", "approver", "admin"};
  if (least == "approver") return {"approver", "admin"};
  return {"admin"};
}

}  // namespace

class TstAuthorisation : public QObject {
  Q_OBJECT

 private slots:
  void letsEveryRoleDoWhatItMayAndNoMore_data() {
    QTest::addColumn<QString>("method");
    for (const std::string& method : support::allMethods()) {
      QTest::newRow(method.c_str()) << QString::fromStdString(method);
    }
  }
  void letsEveryRoleDoWhatItMayAndNoMore() {
    QFETCH(QString, method);
    const std::string name = method.toStdString();
    const std::set<std::string> allowed = allowedCallers(leastRole(name));
    for (const Role role :
         {Role::kViewer, Role::kOperator, Role::kApprover, Role::kAdmin, Role::kAgent}) {
      const absl::Status status = authorise(name, Identity{"ana", role});
      QCOMPARE(status.code(), allowed.contains(roleName(role))
                                  ? absl::StatusCode::kOk
                                  : absl::StatusCode::kPermissionDenied);
    }
    QCOMPARE(authorise(name, std::nullopt).code(), allowed.contains("nobody")
                                                       ? absl::StatusCode::kOk
                                                       : absl::StatusCode::kUnauthenticated);
  }

  void letsNobodyCallWhatItDoesNotKnow() {
    const Identity admin{"ana", Role::kAdmin};
    for (const char* method : {"", "/", "/gantry.api.Control/Format", "/gantry.api.Control/sync"}) {
      QCOMPARE(authorise(method, admin).code(), absl::StatusCode::kUnimplemented);
    }
  }

  void saysWhatIsMissing() {
    const absl::Status status =
        authorise("/gantry.api.Control/Sync", Identity{"ana", Role::kViewer});
    QCOMPARE(std::string(status.message()), "ana is viewer; Sync needs operator");
  }

  void knowsRolesByName() {
    for (const Role role : {Role::kViewer, Role::kOperator, Role::kApprover, Role::kAdmin}) {
      QCOMPARE(*roleFromName(roleName(role)), role);
    }
    QCOMPARE(roleFromName("agent").status().code(), absl::StatusCode::kInvalidArgument);
  }
};

QTEST_GUILESS_MAIN(TstAuthorisation)
#include "tst_authorisation.moc"
