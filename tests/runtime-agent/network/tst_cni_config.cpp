// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/network/cni_config.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace gantry::agent;

class TstCniConfig : public QObject {
  Q_OBJECT

 private slots:
  void namesPluginsRangeAndFolder() {
    const auto text = cniConfig({.podCidr = "10.244.3.0/24", .dataFolder = "/data/\"ipam"});
    QVERIFY(text.ok());
    const QJsonObject config = QJsonDocument::fromJson(QByteArray::fromStdString(*text)).object();
    QCOMPARE(config["cniVersion"].toString(), QString("0.4.0"));
    const QJsonArray plugins = config["plugins"].toArray();
    QCOMPARE(plugins.size(), 2);
    QCOMPARE(plugins[0]["type"].toString(), QString("ptp"));
    QCOMPARE(plugins[0]["mtu"].toInt(), 1500);
    const QJsonObject ipam = plugins[0]["ipam"].toObject();
    QCOMPARE(ipam["dataDir"].toString(), QString("/data/\"ipam"));
    QCOMPARE(ipam["ranges"][0][0]["subnet"].toString(), QString("10.244.3.0/24"));
    QCOMPARE(ipam["routes"][0]["dst"].toString(), QString("0.0.0.0/0"));
    QCOMPARE(plugins[1]["type"].toString(), QString("portmap"));
    QVERIFY(plugins[1]["capabilities"]["portMappings"].toBool());
  }

  void aRangeThatIsNoneIsRefused() {
    for (const char* bad : {"", "10.244.3.0", "fd00::/64", "10.244.3.0/x"}) {
      QVERIFY2(absl::IsInvalidArgument(cniConfig({.podCidr = bad, .dataFolder = "/d"}).status()),
               bad);
    }
  }
};

QTEST_GUILESS_MAIN(TstCniConfig)
#include "tst_cni_config.moc"
