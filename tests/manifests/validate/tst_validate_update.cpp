// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "manifests/decode/decode.h"
#include "manifests/validate/validate.h"

using namespace gantry::manifests;

namespace {

Resource only(const std::string& text) {
  return decode(text, "f").resources.at(0);
}

}  // namespace

class TstValidateUpdate : public QObject {
  Q_OBJECT

 private slots:
  void keepsWhatMayNotChange_data() {
    QTest::addColumn<std::string>("before");
    QTest::addColumn<std::string>("after");
    QTest::addColumn<std::string>("expected");
    const std::string deployment =
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n";
    QTest::newRow("AT-DEP-02 the selector")
        << deployment + "  selector: {matchLabels: {app: a}}\n"
        << deployment + "  selector: {matchLabels: {app: b}}\n"
        << std::string(
               "f:5:3: error: spec.selector: it may not change once the object exists; put it "
               "back, or give the object a new name");
    QTest::newRow("replicas may change") << deployment + "  replicas: 1\n"
                                         << deployment + "  replicas: 2\n"
                                         << std::string();
    const std::string job =
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec:\n  parallelism: ";
    QTest::newRow("AT-JOB the template")
        << job + "1\n  template: {metadata: {labels: {app: a}}}\n"
        << job + "1\n  template: {metadata: {labels: {app: b}}}\n"
        << std::string(
               "f:6:3: error: spec.template: it may not change once the object exists; put it "
               "back, or give the object a new name");
    QTest::newRow("AT-JOB parallelism may change") << job + "1\n" << job + "2\n" << std::string();
    const std::string config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    QTest::newRow("an immutable ConfigMap")
        << config + "immutable: true\ndata: {a: b}\n"
        << config + "immutable: true\ndata: {a: c}\n"
        << std::string(
               "f:5:1: error: data: the object is immutable; put it back, or give the object a new "
               "name");
    QTest::newRow("immutable taken back") << config + "immutable: true\n"
                                          << config
                                          << std::string(
                                                 "f:1:1: error: immutable: it cannot be taken "
                                                 "back; put it back, or give the object a "
                                                 "new name");
    QTest::newRow("a ConfigMap becomes immutable") << config + "data: {a: b}\n"
                                                   << config + "immutable: true\ndata: {a: c}\n"
                                                   << std::string();
  }

  void keepsWhatMayNotChange() {
    QFETCH(std::string, before);
    QFETCH(std::string, after);
    QFETCH(std::string, expected);
    std::string all;
    for (const Diagnostic& diagnostic : validateUpdate(only(before), only(after))) {
      all += diagnostic.toString();
    }
    QCOMPARE(all, expected);
  }
};

QTEST_GUILESS_MAIN(TstValidateUpdate)
#include "tst_validate_update.moc"
