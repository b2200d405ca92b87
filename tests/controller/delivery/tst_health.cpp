// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/health.h"
#include "tests/controller/delivery/sample.h"

using namespace gantry;
using namespace gantry::tests;

namespace {

constexpr base::Timestamp kNow{};

}  // namespace

/// How an Application that holds a Job fares.
class TstHealth : public QObject {
  Q_OBJECT

 private slots:
  void aJobSpeaksForItself_data() {
    QTest::addColumn<QString>("condition");
    QTest::addColumn<bool>("isSuspended");
    QTest::addColumn<QString>("health");
    QTest::addColumn<QString>("message");
    QTest::newRow("active") << "" << false << "Progressing"
                            << "Job/shop/migrate: 1 of 2 pods have succeeded, 1 active, 3 failed";
    QTest::newRow("complete") << "Complete" << false << "Healthy" << "";
    QTest::newRow("failed") << "Failed" << false << "Degraded"
                            << "Job/shop/migrate: DeadlineExceeded: too late";
    QTest::newRow("suspended") << "" << true << "Suspended" << "Job/shop/migrate: it is suspended";
    QTest::newRow("complete before it was suspended") << "Complete" << true << "Healthy" << "";
  }

  void aJobSpeaksForItself() {
    QFETCH(QString, condition);
    QFETCH(bool, isSuspended);
    Sample sample;
    sample.apply(
        rendered("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\nspec:\n"
                 "  completions: 2\n  template:\n    spec:\n      restartPolicy: Never\n"
                 "      containers:\n        - name: a\n          image: a:1\n"));
    schema::Job job = *sample.state().jobs.find({"shop", "migrate"});
    job.mutable_spec()->set_suspend(isSuspended);
    job.mutable_status()->set_succeeded(1);
    job.mutable_status()->set_active(1);
    job.mutable_status()->set_failed(3);
    if (!condition.isEmpty()) {
      schema::Condition& held = *job.mutable_status()->add_conditions();
      held.set_type(condition.toStdString());
      held.set_status("True");
      held.set_reason("DeadlineExceeded");
      held.set_message("too late");
    }
    sample.put(job);
    const delivery::Health health = delivery::healthOf(sample.application, sample.state(), kNow);
    QTEST(QString::fromStdString(health.health), "health");
    QTEST(QString::fromStdString(health.message), "message");
  }

  void anActiveJobSaysWhatIsWrongWithItsPod() {
    Sample sample;
    sample.apply(
        rendered("apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: migrate\nspec:\n"
                 "  template:\n    spec:\n      restartPolicy: Never\n"
                 "      containers:\n        - name: a\n          image: nosuch:1\n"));
    model::Pod pod;
    pod.ns = "shop";
    pod.name = "migrate-x2k";
    pod.uid = "pod-1";
    pod.ownerKind = "Job";
    pod.ownerName = "migrate";
    pod.ownerUid = sample.state().jobs.find({"shop", "migrate"})->metadata().uid();
    pod.shape = std::make_shared<schema::PodTemplateSpec>();
    auto status = std::make_shared<schema::PodStatus>();
    schema::ContainerStatus& container = *status->add_container_statuses();
    container.set_name("a");
    container.mutable_state()->mutable_waiting()->set_reason("ImagePullBackOff");
    pod.status = status;
    sample.put(std::move(pod));
    QCOMPARE(delivery::healthOf(sample.application, sample.state(), kNow).message,
             "Job/shop/migrate: 0 of 1 pods have succeeded, 0 active, 0 failed: migrate-x2k: a: "
             "ImagePullBackOff");
  }

  void aJobThatIsNotThereIsMissing() {
    Sample sample;
    schema::InventoryItem& item = *sample.application.mutable_status()->add_inventory();
    item.set_kind("Job");
    item.set_namespace_("shop");
    item.set_name("migrate");
    QCOMPARE(delivery::healthOf(sample.application, sample.state(), kNow).health, "Missing");
  }
};

QTEST_GUILESS_MAIN(TstHealth)
#include "tst_health.moc"
