// SPDX-License-Identifier: Apache-2.0
#include <QTest>
#include <filesystem>
#include <random>

#include "base/file.h"
#include "controller/workloads/job.h"
#include "tests/controller/delivery/sample.h"
#include "tests/support/shop_manifests.h"

using namespace gantry;
using namespace gantry::tests;

/// What a plan says, and above all what it does not say.
class TstPlanChanges : public QObject {
  Q_OBJECT

  static std::string shop(const std::string& image = "front:v1") {
    return deploymentYaml("front", image) + "---\n" + serviceYaml("front") + "---\n" +
           configYaml("greeting", "hello") +
           "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n";
  }
  static delivery::ChangeSet plan(const Sample& sample, const std::string& yaml) {
    return delivery::planChanges(sample.application, rendered(yaml), sample.state());
  }

 private slots:
  void orderIsNamespaceFirstAndDeletionsLast() {
    Sample sample;
    std::vector<std::string> kinds;
    for (const auto& change : plan(sample, shop()).changes) kinds.push_back(change.kind());
    QCOMPARE(kinds, (std::vector<std::string>{"Namespace", "ConfigMap", "Service", "Deployment"}));
    sample.apply(rendered(shop()));
    const auto next = plan(sample,
                           "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: other\n"
                           "  namespace: elsewhere\ndata: {greeting: x}\n");
    kinds.clear();
    for (const auto& change : next.changes) kinds.push_back(change.kind());
    QCOMPARE(kinds, (std::vector<std::string>{"ConfigMap", "Deployment", "Service", "ConfigMap",
                                              "Namespace"}));
    QCOMPARE(next.changes.front().action(), api::CREATE);
    QCOMPARE(next.changes.back().action(), api::DELETE);
  }

  void whatIsAppliedPlansToNothing() {
    // The examples, what they say written in another way, and what a system has added to it.
    std::vector<std::vector<manifests::SourceFile>> folders;
    const std::filesystem::path examples = GANTRY_SOURCE_DIR "/manifests/examples";
    for (const auto& folder : std::filesystem::recursive_directory_iterator(examples)) {
      if (!folder.is_directory()) continue;
      std::vector<manifests::SourceFile> files;
      for (const auto& file : std::filesystem::directory_iterator(folder)) {
        if (file.path().extension() != ".yaml") continue;
        files.push_back({file.path().filename().string(), *base::readFile(file.path())});
      }
      if (!files.empty()) folders.push_back(std::move(files));
    }
    QVERIFY(folders.size() >= 3);
    for (const auto& files : folders) {
      const manifests::RenderedSet set = manifests::renderFolder(files, "shop");
      if (!set.ok()) continue;
      Sample sample;
      sample.apply(set);
      allocate(sample);
      const auto again = delivery::planChanges(sample.application, set, sample.state());
      QVERIFY(again.errors.empty());
      QCOMPARE(again.changes.size(), 0);
    }
  }

  void randomSetsPlanToNothingOnceApplied() {
    for (unsigned seed = 1; seed <= 50; ++seed) {
      std::mt19937 random(seed);
      const auto draw = [&random](int below) { return static_cast<int>(random() % below); };
      const auto randomSet = [&] {
        std::string yaml = configYaml("always", "v" + std::to_string(draw(3)));
        for (const char* name : {"a", "b", "c"}) {
          if (draw(3) > 0) {
            yaml += "---\n" + deploymentYaml(name, "i:" + std::to_string(draw(3)), 1 + draw(3));
          }
          if (draw(2) > 0) yaml += "---\n" + serviceYaml(name);
        }
        return rendered(yaml);
      };
      Sample sample;
      for (int step = 0; step < 4; ++step) {
        const manifests::RenderedSet set = randomSet();
        const auto planned = delivery::planChanges(sample.application, set, sample.state());
        for (const api::PlannedChange& change : planned.changes) {
          if (change.action() != api::DELETE) continue;
          const manifests::ObjectKey key{change.kind(), change.namespace_(), change.name()};
          for (const manifests::Resource& wanted : set.resources) QVERIFY(wanted.key() != key);
          model::Transaction transaction(sample.state());
          delivery::eraseObject(transaction, sample.state(), key, "", {});
          QVERIFY(sample.ledger->commit(std::move(transaction)).ok());
        }
        sample.apply(set);
        allocate(sample);
        const auto again = delivery::planChanges(sample.application, set, sample.state());
        QVERIFY2(again.changes.empty(), ("seed " + std::to_string(seed)).c_str());
      }
    }
  }

  void changeSaysWhatDiffersAndMasksSecrets() {
    Sample sample;
    const std::string secret =
        "apiVersion: v1\nkind: Secret\nmetadata:\n  name: token\nstringData:\n  key: ";
    sample.apply(rendered(shop() + "---\n" + secret + "hunter22\n"));
    const auto planned = plan(sample, shop("front:v2") + "---\n" + secret + "correct-horse\n");
    QCOMPARE(planned.changes.size(), 2);
    const api::PlannedChange& token = planned.changes[0];
    QCOMPARE(token.kind(), "Secret");
    QVERIFY(token.before_hash() != token.after_hash());
    for (const std::string& text : {token.DebugString(), planned.changes[1].DebugString()}) {
      QVERIFY(text.find("hunter22") == std::string::npos);
      QVERIFY(text.find("correct-horse") == std::string::npos);
      QVERIFY(text.find("Y29ycmVjdC1ob3JzZQ") == std::string::npos);
    }
    const api::PlannedChange& front = planned.changes[1];
    QCOMPARE(front.fields_size(), 1);
    QCOMPARE(front.fields(0).path(), "spec.template.spec.containers[web].image");
    QVERIFY(front.fields(0).after().find("front:v2") != std::string::npos);
    QVERIFY(front.fields(0).risk());
  }

  void configMapAloneSaysThatNothingRestarts() {
    Sample sample;
    sample.apply(rendered(configYaml("greeting", "hello")));
    const auto planned = plan(sample, configYaml("greeting", "bye"));
    QVERIFY(planned.changes.at(0).reason().starts_with("restarts no pod"));
  }

  void driftIsToldFromAChangeInGit() {
    Sample sample;
    sample.apply(rendered(shop()));
    schema::Deployment drifted = *sample.state().deployments.find({"shop", "front"});
    drifted.mutable_spec()->set_replicas(5);
    sample.put(drifted);
    QCOMPARE(plan(sample, shop()).changes.at(0).reason(), "changed by other means than Git");
    QCOMPARE(plan(sample, shop("front:v2")).changes.at(0).reason(), "");
  }

  void immutableFieldIsAnError() {
    Sample sample;
    sample.apply(rendered(deploymentYaml("front", "front:v1")));
    std::string other = deploymentYaml("front", "front:v1");
    for (std::size_t at; (at = other.find("app: front")) != std::string::npos;) {
      other.replace(at, 10, "app: other");
    }
    const auto planned = plan(sample, other);
    QVERIFY(!planned.errors.empty());
    QVERIFY2(planned.errors.front().starts_with("all.yaml:"), planned.errors.front().c_str());
  }

  void objectOfAnotherApplicationIsAnErrorUnlessThatIsGone() {
    Sample sample;
    sample.apply(rendered(shop()));
    Sample other;
    schema::Application thief = sample.application;
    thief.mutable_metadata()->set_name("thief");
    thief.clear_status();
    QVERIFY(delivery::planChanges(thief, rendered(shop()), sample.state()).errors.empty());
    sample.put(sample.application);
    const auto planned = delivery::planChanges(thief, rendered(shop()), sample.state());
    QCOMPARE(planned.errors.size(), 4);
  }

  void onlyTheInventoryIsDeleted() {
    Sample sample;
    sample.apply(rendered(shop()));
    auto& inventory = *sample.application.mutable_status()->mutable_inventory();
    for (int i = inventory.size() - 1; i >= 0; --i) {
      if (inventory[i].kind() == "Service") inventory.DeleteSubrange(i, 1);
    }
    const std::string less = configYaml("greeting", "hello") +
                             "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n";
    const auto planned = plan(sample, less);
    QCOMPARE(planned.changes.size(), 1u);
    QCOMPARE(planned.changes[0].kind(), "Deployment");
  }

 private:
  /// What the controllers add to objects that were applied.
  static void allocate(Sample& sample) {
    std::vector<schema::Service> services;
    for (const auto& [name, entry] : sample.state().services.entries()) {
      services.push_back(*entry.object);
    }
    int last = 0;
    for (schema::Service& service : services) {
      if (service.spec().cluster_ip().empty()) {
        service.mutable_spec()->set_cluster_ip("10.96.0." + std::to_string(++last));
      }
      for (schema::ServicePort& port : *service.mutable_spec()->mutable_ports()) {
        if (service.spec().type() == "NodePort" && port.node_port() == 0) {
          port.set_node_port(30'000 + ++last);
        }
      }
      sample.put(std::move(service));
    }
    std::vector<schema::Deployment> deployments;
    for (const auto& [name, entry] : sample.state().deployments.entries()) {
      deployments.push_back(*entry.object);
    }
    for (schema::Deployment& deployment : deployments) {
      deployment.mutable_status()->set_observed_generation(7);
      deployment.mutable_status()->add_conditions()->set_type("Available");
      sample.put(std::move(deployment));
    }
    std::vector<schema::Job> jobs;
    for (const auto& [name, entry] : sample.state().jobs.entries()) jobs.push_back(*entry.object);
    for (schema::Job& job : jobs) {
      *job.mutable_spec()->mutable_selector() = workloads::selectorOf(job);
      job.mutable_status()->set_succeeded(1);
      job.mutable_status()->add_conditions()->set_type("Complete");
      sample.put(std::move(job));
    }
  }
};

QTEST_GUILESS_MAIN(TstPlanChanges)
#include "tst_plan_changes.moc"
