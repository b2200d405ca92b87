// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/volumes/volume_files.h"

#include <QTest>

using namespace gantry;
using namespace gantry::agent;

namespace {

ConfigSources sources() {
  ConfigSources all;
  schema::ConfigMap& configMap = all.configMaps["shop/front"];
  (*configMap.mutable_data())["title"] = "Hello";
  (*configMap.mutable_data())["colour"] = "blue";
  (*configMap.mutable_binary_data())["logo.png"] = std::string("\x89PNG\0", 5);
  (*all.secrets["shop/login"].mutable_data())["password"] = "x";
  return all;
}

schema::Volume configVolume(const std::string& name = "front") {
  schema::Volume volume;
  volume.mutable_config_map()->set_name(name);
  return volume;
}

void addItem(schema::Volume& volume, const char* key, const char* path) {
  schema::KeyToPath* item = volume.mutable_config_map()->add_items();
  item->set_key(key);
  item->set_path(path);
}

bool mentions(const absl::Status& status, const std::string& text) {
  return status.message().find(text) != std::string::npos;
}

}  // namespace

class TstVolumeFiles : public QObject {
  Q_OBJECT

 private slots:
  void staysInside_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<bool>("inside");
    const auto row = [](const char* path, bool inside) { QTest::newRow(path) << path << inside; };
    row("a", true);
    row("a/b.c", true);
    row(".hidden", true);
    row("a..b/c", true);
    row("", false);
    row("/etc/passwd", false);
    row("..", false);
    row("../x", false);
    row("a/../../x", false);
    row("a/..", false);
    row("a//b", false);
    row("./a", false);
    row("..data", false);
    row("..version-1/x", false);
  }
  void staysInside() {
    QFETCH(QString, path);
    QFETCH(bool, inside);
    QCOMPARE(isInside(path.toStdString()), inside);
  }

  void withoutItemsEveryKeyIsAFile() {
    const auto files = volumeFiles(configVolume(), "shop", sources());
    QVERIFY(files.ok());
    const VolumeFiles expected = {{"title", {"Hello", 0644}},
                                  {"colour", {"blue", 0644}},
                                  {"logo.png", {std::string("\x89PNG\0", 5), 0644}}};
    QVERIFY(*files == expected);
  }

  void itemsChooseNamesAndModes() {
    schema::Volume volume = configVolume();
    volume.mutable_config_map()->set_default_mode(0400);
    addItem(volume, "title", "conf/title.txt");
    addItem(volume, "colour", "colour");
    volume.mutable_config_map()->mutable_items(1)->set_mode(0755);
    const auto files = volumeFiles(volume, "shop", sources());
    const VolumeFiles expected = {{"conf/title.txt", {"Hello", 0400}}, {"colour", {"blue", 0755}}};
    QVERIFY(files.ok() && *files == expected);
  }

  void secretsByTheirOwnName() {
    schema::Volume volume;
    volume.mutable_secret()->set_secret_name("login");
    const auto files = volumeFiles(volume, "shop", sources());
    QVERIFY(files.ok() && files->contains("password"));
  }

  void whatIsMissingIsNamed() {
    const auto object = volumeFiles(configVolume("other"), "shop", sources());
    QVERIFY(absl::IsFailedPrecondition(object.status()));
    QVERIFY(mentions(object.status(), "ConfigMap shop/other does not exist"));

    schema::Volume volume = configVolume();
    addItem(volume, "nope", "x");
    const auto key = volumeFiles(volume, "shop", sources());
    QVERIFY(absl::IsFailedPrecondition(key.status()));
    QVERIFY(mentions(key.status(), "ConfigMap shop/front has no key \"nope\""));

    QVERIFY2(!volumeFiles(configVolume(), "elsewhere", sources()).ok(), "namespaces are apart");
  }

  void whatIsOptionalMayBeMissing() {
    schema::Volume volume = configVolume("other");
    volume.mutable_config_map()->set_optional(true);
    QVERIFY(volumeFiles(volume, "shop", sources())->empty());

    volume = configVolume();
    volume.mutable_config_map()->set_optional(true);
    addItem(volume, "nope", "x");
    addItem(volume, "title", "y");
    QCOMPARE(volumeFiles(volume, "shop", sources())->size(), 1u);
  }

  void pathsAndKeysThatLeadOutAreRefused() {
    schema::Volume volume = configVolume();
    addItem(volume, "title", "../../etc/cron.d/x");
    const auto path = volumeFiles(volume, "shop", sources());
    QVERIFY(absl::IsInvalidArgument(path.status()));
    QVERIFY(mentions(path.status(), "leads out"));

    for (const char* key : {"../x", "a/b", "..", "..data"}) {
      ConfigSources bad;
      (*bad.configMaps["shop/front"].mutable_data())[key] = "x";
      QVERIFY2(absl::IsInvalidArgument(volumeFiles(configVolume(), "shop", bad).status()), key);
    }
  }
};

QTEST_GUILESS_MAIN(TstVolumeFiles)
#include "tst_volume_files.moc"
