// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery/delivery_world.h"
#include "tests/manifests/sops/encryptor.h"

using namespace gantry;
using namespace gantry::tests;

/// Secrets that SOPS encrypted in the repository.
class TstDeliverySops : public QObject {
  Q_OBJECT

 private:
  static void push(DeliveryWorld& world, const std::string& password) {
    gantry::testing::SopsEncryptor encryptor;
    encryptor.extra = "encrypted_regex: ^stringData$";
    world.git.commit(
        kUrl, "main",
        {{"shop/secret.yaml", encryptor.encrypt("apiVersion: {{=v1}}\nkind: {{=Secret}}\n"
                                                "metadata: {name: {{=db}}}\nstringData:\n"
                                                "  password: {{str|stringData:password:|" +
                                                password + "}}\n{{sops}}")}},
        "Change the password");
  }
  static void giveKey(DeliveryWorld& world) {
    world.sopsKeys = std::make_shared<const manifests::sops::Identities>(
        gantry::testing::keys(gantry::testing::kFirstKey));
  }
  static std::string password(const DeliveryWorld& world) {
    const auto secret = world.state().secrets.find({"shop", "db"});
    return secret == nullptr ? "" : secret->data().at("password");
  }

 private slots:
  void areDecryptedAndMasked() {
    DeliveryWorld world;
    giveKey(world);
    push(world, "open sesame");
    world.putApplication("shop", "shop", automatic());
    world.start();
    QCOMPARE(world.condition("Render"), std::string());
    QCOMPARE(password(world), "open sesame");
    world.putApplication("shop", "shop", automatic(false, false, 1));
    push(world, "close sesame");
    world.poll();
    const auto plan = world.open();
    QVERIFY(plan != nullptr);
    QVERIFY(plan->DebugString().find("password") != std::string::npos);
    QVERIFY(plan->DebugString().find("sesame") == std::string::npos);
    QVERIFY(!world.wasTold("sesame"));
    QVERIFY(world.approve(*plan, "ana").ok());
    world.poll();
    QCOMPARE(password(world), "close sesame");
  }

  void openOnlyWithTheKeysOfTheProject() {
    DeliveryWorld world;
    giveKey(world);
    push(world, "open sesame");
    const auto limitTo = [&](const std::vector<std::string>& recipients) {
      schema::Project project;
      project.mutable_metadata()->set_namespace_("gantry-system");
      project.mutable_metadata()->set_name("default");
      *project.mutable_spec()->mutable_age_recipients() = {recipients.begin(), recipients.end()};
      world.put(project);
      world.pass(std::chrono::seconds(2));
    };
    limitTo({gantry::testing::kSecondRecipient});
    world.putApplication("shop", "shop", automatic());
    world.start();
    const std::string refused = world.condition("Render");
    QVERIFY2(
        refused.starts_with("shop/secret.yaml:9:16: error: sops.age: none of the keys that the "
                            "Project allows opens the file; encrypt it for one of "
                            "spec.ageRecipients of the Project, or add its recipient there"),
        refused.c_str());
    QVERIFY(world.state().secrets.find({"shop", "db"}) == nullptr);
    // Without waiting for Git: the Project is what has changed.
    limitTo({gantry::testing::kSecondRecipient, gantry::testing::kFirstRecipient});
    QCOMPARE(world.condition("Render"), std::string());
    QCOMPARE(password(world), "open sesame");
    limitTo({gantry::testing::kSecondRecipient});
    QVERIFY(!world.condition("Render").empty());
    // What runs stays.
    QCOMPARE(password(world), "open sesame");
    limitTo({});
    QCOMPARE(world.condition("Render"), std::string());
  }

  void areMaskedInWhatIsPreviewed() {
    DeliveryWorld world;
    giveKey(world);
    push(world, "open sesame");
    world.putApplication("shop", "shop", automatic());
    world.start();
    world.git.forcePush(kUrl, "try-it", world.git.head(kUrl, "main"));
    gantry::testing::SopsEncryptor encryptor;
    encryptor.extra = "encrypted_regex: ^stringData$";
    const std::string next = encryptor.encrypt(
        "apiVersion: {{=v1}}\nkind: {{=Secret}}\nmetadata: {name: {{=db}}}\n"
        "stringData:\n  password: {{str|stringData:password:|close sesame}}\n"
        "{{sops}}");
    const auto preview = [&](const std::string& kustomization) {
      world.git.commit(kUrl, "try-it",
                       {{"shop/kustomization.yaml", kustomization}, {"shop/secret.yaml", next}},
                       "Try it");
      std::string said;
      api::PreviewRevisionRequest request;
      request.set_namespace_("gantry-system");
      request.set_application("shop");
      request.set_revision("try-it");
      world.loop->previewRevision(request, [&](absl::StatusOr<api::Plan> got) {
        said = got.ok() ? got->DebugString() : std::string(got.status().message());
      });
      world.pass(std::chrono::seconds(1));
      return said;
    };
    const std::string plan = preview("resources: [secret.yaml]\n");
    QVERIFY2(plan.find("data[password]") != std::string::npos, plan.c_str());
    QVERIFY2(plan.find("sesame") == std::string::npos, plan.c_str());
    const std::string refused = preview(
        "resources: [secret.yaml]\npatches:\n- target: {kind: Secret}\n  patch: '[{op: copy, "
        "from: /stringData/password, path: /metadata/name}]'\n");
    QVERIFY2(refused.find("it would show an encrypted value") != std::string::npos,
             refused.c_str());
    QVERIFY2(refused.find("sesame") == std::string::npos, refused.c_str());
  }

  void waitForTheKey() {
    DeliveryWorld world;
    push(world, "open sesame");
    world.putApplication("shop", "shop", automatic());
    world.start();
    const std::string missing = world.condition("Render");
    QVERIFY2(
        missing.starts_with("shop/secret.yaml:7:5: error: the file is encrypted with SOPS, and no "
                            "key is given; give its key with --sops-age-key-file"),
        missing.c_str());
    QVERIFY(world.state().secrets.find({"shop", "db"}) == nullptr);
    world.crash();
    giveKey(world);
    world.start();
    world.poll();
    QCOMPARE(world.condition("Render"), std::string());
    QCOMPARE(password(world), "open sesame");
  }
};

QTEST_GUILESS_MAIN(TstDeliverySops)
#include "tst_delivery_sops.moc"
