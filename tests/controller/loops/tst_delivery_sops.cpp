// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "tests/controller/loops/delivery_world.h"
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
