// SPDX-License-Identifier: Apache-2.0
// The matrix of revisions and environments, and what people are told of.
#include <QAbstractItemModelTester>
#include <QTest>
#include <functional>

#include "app/models/matrix.h"
#include "app/models/notices.h"
#include "app/models/object_table.h"

using namespace gantry;
using client::Kind;

namespace {

constexpr qint64 kNow = 1'790'000'000'000;

void put(client::LiveCache& cache, const api::Object& object) {
  client::Batch batch;
  batch.objects[{object.object_case(), client::keyOf(object)}] =
      std::make_shared<const api::Object>(object);
  cache.apply(batch);
}

schema::Revision revision(const std::string& commit, int minutes) {
  schema::Revision made;
  made.set_commit(commit);
  made.set_subject("change " + commit);
  made.mutable_committed_at()->set_unix_ms(kNow - minutes * 60'000);
  return made;
}

void putApplication(client::LiveCache& cache, const std::string& name, const std::string& from,
                    const schema::Revision& applied, const std::string& health = "Healthy",
                    const schema::Revision* observed = nullptr) {
  api::Object object;
  schema::Application& application = *object.mutable_application();
  application.mutable_metadata()->set_namespace_("gantry");
  application.mutable_metadata()->set_name(name);
  application.mutable_spec()->mutable_source()->set_repo_url("https://git/shop");
  if (!from.empty()) application.mutable_spec()->mutable_promotion()->set_from(from);
  *application.mutable_status()->mutable_applied() = applied;
  if (observed != nullptr) *application.mutable_status()->mutable_observed() = *observed;
  application.mutable_status()->set_health(health);
  put(cache, object);
}

void putEntry(client::LiveCache& cache, const std::string& application, int number,
              const schema::Revision& to, const std::string& outcome,
              const std::string& cause = "sync") {
  api::Object object;
  api::HistoryEntry& entry = *object.mutable_history_entry();
  entry.set_name(application + "-" + std::to_string(number));
  entry.set_namespace_("gantry");
  entry.set_application(application);
  *entry.mutable_revision() = to;
  entry.set_outcome(outcome);
  entry.set_cause(cause);
  entry.mutable_started_at()->set_unix_ms(to.committed_at().unix_ms() + number);
  put(cache, object);
}

void putPlan(client::LiveCache& cache, const std::string& digest, api::PlanState state,
             const schema::Revision& to, const std::function<void(api::Plan&)>& more = {}) {
  api::Object object;
  api::Plan& plan = *object.mutable_plan();
  plan.set_name("prod-9");
  plan.set_namespace_("gantry");
  plan.set_application("prod");
  plan.set_digest(digest);
  plan.set_state(state);
  plan.set_approvals_required(1);
  *plan.mutable_revision() = to;
  plan.mutable_created_at()->set_unix_ms(kNow - 5 * 60'000);
  if (more) more(plan);
  put(cache, object);
}

QStringList rowTexts(const models::Matrix& matrix, std::size_t row) {
  QStringList texts;
  for (const models::MatrixCell& cell : matrix.rows.at(row).cells) texts << cell.text;
  return texts;
}

}  // namespace

class TstDeliveryModels : public QObject {
  Q_OBJECT

 private slots:
  void theMatrixShowsWhatBecameOfARevisionWhere() {
    client::LiveCache cache;
    const auto fresh = revision("c3", 10), middle = revision("c2", 60), old = revision("c1", 180);
    putApplication(cache, "prod", "test", old, "Degraded");
    putApplication(cache, "test", "alpha", middle);
    putApplication(cache, "alpha", "", fresh);
    putEntry(cache, "alpha", 3, fresh, "Progressing");
    putEntry(cache, "alpha", 2, middle, "Superseded");
    putEntry(cache, "test", 2, middle, "Healthy");
    putEntry(cache, "test", 1, old, "Degraded");
    putEntry(cache, "prod", 1, old, "Degraded");
    putPlan(cache, "d1", api::PENDING, middle);
    api::Object hold;
    hold.mutable_hold()->set_name("h");
    hold.mutable_hold()->set_namespace_("gantry");
    hold.mutable_hold()->set_application("test");
    hold.mutable_hold()->set_commit("c1");
    hold.mutable_hold()->set_by("ana");
    put(cache, hold);

    QCOMPARE(models::repositoriesOf(cache), std::vector<std::string>{"https://git/shop"});
    const models::Matrix matrix = models::matrixOf(cache, "https://git/shop", kNow);
    QStringList titles;
    for (const auto& column : matrix.columns) titles << column.title;
    QCOMPARE(titles, (QStringList{"alpha", "test", "prod"}));
    QCOMPARE(matrix.rows.size(), 3U);
    QCOMPARE(rowTexts(matrix, 0), (QStringList{"◐ rolling out 9m", "·", "·"}));
    QCOMPARE(rowTexts(matrix, 1), (QStringList{"○ was 59m", "● live 59m", "◔ waits 5m"}));
    QCOMPARE(rowTexts(matrix, 2), (QStringList{"·", "⚑ ✖ failed 2h", "✖ live, degraded 2h"}));
    QCOMPARE(matrix.rows[1].cells[2].plan, std::string("prod-9"));
    QCOMPARE(matrix.rows[2].cells[1].hold, std::string("h"));
    QCOMPARE(matrix.rows[2].cells[1].entry, std::string("test-1"));
    QVERIFY(models::matrixOf(cache, "https://git/other", kNow).rows.empty());
  }

  void whatWasNeverAppliedSaysWhy() {
    client::LiveCache cache;
    putApplication(cache, "prod", "", revision("c1", 180));
    putPlan(cache, "d1", api::REJECTED, revision("c2", 60), [](api::Plan& plan) {
      plan.set_rejected_by("bo");
      plan.set_rejected_reason("not on Friday");
      plan.mutable_finished_at()->set_unix_ms(kNow - 3 * 60'000);
    });
    putPlan(cache, "d2", api::FAILED, revision("c3", 10), [](api::Plan& plan) {
      plan.set_name("prod-10");
      plan.set_message("Job migrate failed");
    });
    putPlan(cache, "d3", api::SUPERSEDED, revision("c4", 5),
            [](api::Plan& plan) { plan.set_name("prod-11"); });
    const models::Matrix matrix = models::matrixOf(cache, "https://git/shop", kNow);
    QCOMPARE(matrix.rows.size(), 3U);
    QCOMPARE(rowTexts(matrix, 0), QStringList{"✖ sync failed"});
    QVERIFY(matrix.rows[0].cells[0].toolTip.contains("Job migrate failed"));
    QCOMPARE(rowTexts(matrix, 1), QStringList{"✖ rejected by bo"});
    QCOMPARE(matrix.rows[1].cells[0].toolTip, QString("3m ago: not on Friday"));
    QCOMPARE(matrix.rows[1].cells[0].plan, std::string("prod-9"));
  }

  void aCommitThatLeavesAnEnvironmentAloneIsNotWaitedFor() {
    client::LiveCache cache;
    putApplication(cache, "dev", "", revision("c4", 5));
    for (int i = 2; i <= 4; ++i) {
      putEntry(cache, "dev", i, revision("c" + std::to_string(i), 25 - 5 * i), "Superseded");
    }
    // Its plan goes from c1 to c3, and c2 is not among what touches it; it has looked at c4.
    schema::Revision seen = revision("c3", 10);
    seen.set_head("c4");
    putApplication(cache, "prod", "", revision("c1", 180), "Healthy", &seen);
    putPlan(cache, "d1", api::PENDING, revision("c3", 10), [](api::Plan& plan) {
      *plan.mutable_base() = revision("c1", 180);
      *plan.add_commits() = plan.revision();
    });
    const models::Matrix matrix = models::matrixOf(cache, "https://git/shop", kNow);
    QStringList prod;
    for (const models::Matrix::Row& row : matrix.rows) prod << row.cells[1].text;
    QCOMPARE(prod, (QStringList{"–", "◔ waits 5m", "–", "● live"}));
  }

  void aCommitOfAnotherBranchIsNotSaidToChangeNothing() {
    client::LiveCache cache;
    api::Object dev;
    putApplication(cache, "dev", "", revision("c2", 60));
    dev = *cache.find(Kind::kApplication, {"gantry", "dev"});
    dev.mutable_application()->mutable_spec()->mutable_source()->set_target_revision("feature");
    put(cache, dev);
    putEntry(cache, "dev", 1, revision("c2", 60), "Healthy");
    putApplication(cache, "prod", "", revision("c1", 180));
    putPlan(cache, "d1", api::PENDING, revision("c3", 10), [](api::Plan& plan) {
      *plan.mutable_base() = revision("c1", 180);
      *plan.add_commits() = plan.revision();
    });
    const models::Matrix matrix = models::matrixOf(cache, "https://git/shop", kNow);
    QCOMPARE(rowTexts(matrix, 1), (QStringList{"● live 59m", "·"}));
  }

  void aSoakSaysHowMuchOfItIsOver() {
    client::LiveCache cache;
    const auto fresh = revision("c2", 60);
    putApplication(cache, "test", "", fresh);
    putApplication(cache, "prod", "test", revision("c1", 180));
    api::Object prod = *cache.find(Kind::kApplication, {"gantry", "prod"});
    prod.mutable_application()->mutable_spec()->mutable_promotion()->set_soak_seconds(3600);
    put(cache, prod);
    putEntry(cache, "test", 1, fresh, "Healthy");
    api::Object entry = *cache.find(Kind::kHistoryEntry, {"gantry", "test-1"});
    entry.mutable_history_entry()->mutable_healthy_at()->set_unix_ms(kNow - 20 * 60'000);
    put(cache, entry);
    const auto tip = [&] {
      return models::matrixOf(cache, "https://git/shop", kNow).rows[0].cells[0].toolTip;
    };
    QVERIFY2(tip().contains("healthy 20 of 60 min"), qPrintable(tip()));
    entry.mutable_history_entry()->set_healthy_for_ms(61 * 60'000);
    put(cache, entry);
    QVERIFY2(tip().contains("healthy long enough"), qPrintable(tip()));
  }

  void aSuspendedApplicationIsMarkedWithoutAReset() {
    client::LiveCache cache;
    putApplication(cache, "prod", "", revision("c1", 1));
    models::MatrixModel model;
    model.setMatrix(models::matrixOf(cache, "https://git/shop", kNow));
    int resets = 0;
    connect(&model, &QAbstractItemModel::modelReset, this, [&] { ++resets; });
    api::Object prod = *cache.find(Kind::kApplication, {"gantry", "prod"});
    schema::Suspension& suspension =
        *prod.mutable_application()->mutable_status()->mutable_suspension();
    suspension.set_by("cy");
    suspension.set_reason("the database moves");
    put(cache, prod);
    model.setMatrix(models::matrixOf(cache, "https://git/shop", kNow));
    QCOMPARE(resets, 0);
    const auto header = [&](int role) {
      return model.headerData(models::MatrixModel::kFixedColumns, Qt::Horizontal, role).toString();
    };
    QCOMPARE(header(Qt::DisplayRole), QString("‖ prod"));
    QVERIFY(header(Qt::ToolTipRole).contains("suspended by cy"));
    QVERIFY(header(Qt::ToolTipRole).contains("the database moves"));
  }

  void anApplicationBesideTheRootFollowsItsRepository() {
    client::LiveCache cache;
    const auto put = [&](const std::string& name, const std::string& url) {
      api::Object object;
      schema::Application& application = *object.mutable_application();
      application.mutable_metadata()->set_namespace_("gantry-system");
      application.mutable_metadata()->set_name(name);
      application.mutable_spec()->mutable_source()->set_repo_url(url);
      *application.mutable_status()->mutable_applied() = revision("c1", 1);
      ::put(cache, object);
    };
    put("root", "https://git/fleet");
    put("shop", ".");
    put("desk", "");
    put("other", "https://git/other");
    QCOMPARE(models::repositoriesOf(cache),
             (std::vector<std::string>{"https://git/fleet", "https://git/other"}));
    QCOMPARE(models::matrixOf(cache, "https://git/fleet", kNow).columns.size(), 3U);
  }

  void promotionsInACircleAreShownAllTheSame() {
    client::LiveCache cache;
    putApplication(cache, "a", "b", revision("c1", 1));
    putApplication(cache, "b", "a", revision("c1", 1));
    QCOMPARE(models::matrixOf(cache, "https://git/shop", kNow).columns.size(), 2U);
  }

  void theTableKeepsItsRowsWhileOnlyCellsChange() {
    client::LiveCache cache;
    putApplication(cache, "prod", "", revision("c1", 1));
    models::MatrixModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::Fatal);
    int resets = 0;
    connect(&model, &QAbstractItemModel::modelReset, this, [&] { ++resets; });
    model.setMatrix(models::matrixOf(cache, "https://git/shop", kNow));
    QCOMPARE(resets, 1);
    putEntry(cache, "prod", 1, revision("c1", 1), "Degraded");
    model.setMatrix(models::matrixOf(cache, "https://git/shop", kNow));
    QCOMPARE(resets, 1);
    const QModelIndex cell = model.index(0, models::MatrixModel::kFixedColumns);
    QVERIFY(cell.data().toString().startsWith("✖ live"));
    QCOMPARE(cell.data(models::ToneRole).toInt(), int(models::Tone::kBad));
    QVERIFY(!model.flags(model.index(0, 0)).testFlag(Qt::ItemIsSelectable));
    putEntry(cache, "prod", 2, revision("c2", 0), "Healthy");
    model.setMatrix(models::matrixOf(cache, "https://git/shop", kNow));
    QCOMPARE(resets, 2);
  }

  void onlyWhatIsNewIsTold() {
    client::LiveCache cache;
    models::NoticeFinder finder;
    const auto look = [&](bool mayApprove = true) {
      QStringList titles;
      for (const models::Notice& notice :
           finder.look(cache, "ana", mayApprove, base::fromUnixMs(kNow))) {
        titles << notice.title;
      }
      return titles;
    };
    putApplication(cache, "old", "", revision("c1", 1), "Degraded");
    QCOMPARE(look(), QStringList());
    putPlan(cache, "d1", api::PENDING, revision("c2", 1));
    QCOMPARE(look(false), QStringList());
    QCOMPARE(look(), QStringList{"prod waits for your approval"});
    QCOMPARE(look(), QStringList());
    putPlan(cache, "d2", api::PENDING, revision("c2", 1));
    QCOMPARE(look(), QStringList{"prod waits for your approval"});
    putPlan(cache, "d2", api::FAILED, revision("c2", 1));
    QCOMPARE(look(), QStringList{"Sync of prod failed"});
    putApplication(cache, "prod", "", revision("c2", 1), "Degraded");
    QCOMPARE(look(), QStringList{"prod is degraded"});
    putEntry(cache, "prod", 10, revision("c1", 1), "Progressing", "rollback");
    QCOMPARE(look(), QStringList{"prod was rolled back"});
    putApplication(cache, "prod", "", revision("c1", 1));
    QCOMPARE(look(), QStringList());
    putApplication(cache, "prod", "", revision("c1", 1), "Degraded");
    QCOMPARE(look(), QStringList{"prod is degraded"});
  }

  void ownChangesWaitForSomebodyElse() {
    client::LiveCache cache;
    models::NoticeFinder finder;
    finder.look(cache, "ana", true, base::fromUnixMs(kNow));
    api::Object object;
    api::Plan& plan = *object.mutable_plan();
    plan.set_name("prod-9");
    plan.set_state(api::PENDING);
    plan.set_approvals_required(1);
    plan.add_commits()->set_author("ana");
    put(cache, object);
    QVERIFY(finder.look(cache, "ana", true, base::fromUnixMs(kNow)).empty());
  }
};

QTEST_GUILESS_MAIN(TstDeliveryModels)
#include "tst_delivery_models.moc"
