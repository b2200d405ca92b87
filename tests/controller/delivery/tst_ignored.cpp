// SPDX-License-Identifier: Apache-2.0
#include <QTest>

#include "controller/delivery/ignored.h"
#include "manifests/decode/decode.h"
#include "manifests/resource.h"
#include "manifests/validate/ignored_path.h"

using namespace gantry;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

namespace {

/// The element names that stand in for all others.
constexpr char kName[] = "a";
/// Levels that are looked at: enough for the probes of a Deployment's containers.
constexpr int kDeepest = 10;

std::unique_ptr<Message> newOf(const Descriptor& type) {
  return std::unique_ptr<Message>(
      google::protobuf::MessageFactory::generated_factory()->GetPrototype(&type)->New());
}

std::unique_ptr<Message> read(const std::string& yaml) {
  const manifests::Decoded decoded = manifests::decode(yaml, "a.yaml");
  if (decoded.resources.size() != 1) {
    for (const auto& diagnostic : decoded.diagnostics)
      qWarning("%s", diagnostic.toString().c_str());
    qFatal("not one object");
  }
  const Message& message = decoded.resources[0].message();
  std::unique_ptr<Message> copy(message.New());
  copy->CopyFrom(message);
  return copy;
}

/// Every way into objects of the kind, whether it is allowed or not.
void addPaths(const Descriptor& type, const std::string& before, int level,
              std::vector<std::string>& paths) {
  if (level > kDeepest) return;
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& field = *type.field(i);
    const std::string path = before + field.json_name();
    paths.push_back(path);
    if (field.is_repeated()) paths.push_back(path + "[" + kName + "]");
    if (field.message_type() == nullptr || field.is_map()) continue;
    addPaths(*field.message_type(), (field.is_repeated() ? paths.back() : path) + ".", level + 1,
             paths);
  }
}

/// Makes the field something else than unset.
void fill(Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const bool many = field.is_repeated();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return many ? reflection.AddString(&message, &field, kName)
                  : reflection.SetString(&message, &field, kName);
    case FieldDescriptor::CPPTYPE_INT32:
      return many ? reflection.AddInt32(&message, &field, 1)
                  : reflection.SetInt32(&message, &field, 1);
    case FieldDescriptor::CPPTYPE_INT64:
      return many ? reflection.AddInt64(&message, &field, 1)
                  : reflection.SetInt64(&message, &field, 1);
    case FieldDescriptor::CPPTYPE_BOOL:
      return reflection.SetBool(&message, &field, true);
    default:
      break;
  }
  many ? reflection.AddMessage(&message, &field) : reflection.MutableMessage(&message, &field);
}

/// The message that holds the last step, with all that is on the way to it.
Message& holderOf(Message& object, const std::vector<manifests::IgnoredStep>& steps) {
  Message* message = &object;
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    const FieldDescriptor* field = steps[i].field;
    const auto& reflection = *message->GetReflection();
    message = steps[i].key ? reflection.AddMessage(message, field)
                           : reflection.MutableMessage(message, field);
    if (!steps[i].key) continue;
    message->GetReflection()->SetString(message, manifests::nameOfElements(*field), kName);
  }
  return *message;
}

void fillLast(Message& object, const std::vector<manifests::IgnoredStep>& steps) {
  Message& holder = holderOf(object, steps);
  const manifests::IgnoredStep& last = steps.back();
  fill(holder, *last.field);
  if (!last.key) return;
  const auto& reflection = *holder.GetReflection();
  Message& element = *reflection.MutableRepeatedMessage(&holder, last.field, 0);
  element.GetReflection()->SetString(&element, manifests::nameOfElements(*last.field), kName);
}

}  // namespace

/// Fields that Git only sets at first.
class TstIgnored : public QObject {
  Q_OBJECT

 private slots:
  void everyPathThatIsAllowedHasAnEffect_data() {
    QTest::addColumn<QString>("kind");
    for (const manifests::Kind& kind : manifests::allKinds()) {
      if (!kind.info->from_git()) continue;
      const QString name = QString::fromStdString(kind.info->kind());
      QTest::newRow(qPrintable(name)) << name;
    }
  }

  void everyPathThatIsAllowedHasAnEffect() {
    QFETCH(QString, kind);
    const Descriptor& type = *manifests::findKindByWord(kind.toStdString())->descriptor;
    std::vector<std::string> paths;
    addPaths(type, "", 1, paths);
    int allowed = 0;
    for (const std::string& path : paths) {
      const manifests::IgnoredPath way = manifests::resolveIgnored(type, path);
      QVERIFY2(way.steps.empty() != way.problem.empty(), path.c_str());
      const std::unique_ptr<Message> live = newOf(type);
      const std::unique_ptr<Message> wanted = newOf(type);
      QCOMPARE(delivery::copyField(*live, *wanted, path), way.problem.empty());
      if (way.steps.empty()) continue;
      ++allowed;
      // What is on neither side stays away, with all that is around it.
      QVERIFY2(wanted->ByteSizeLong() == 0, path.c_str());
      fillLast(*live, way.steps);
      holderOf(*wanted, way.steps);
      QVERIFY2(!manifests::sameContent(*live, *wanted), path.c_str());
      delivery::copyField(*live, *wanted, path);
      QVERIFY2(manifests::sameContent(*live, *wanted), path.c_str());
      // What somebody has taken out of it stays out.
      const std::unique_ptr<Message> without = newOf(type);
      holderOf(*without, way.steps);
      delivery::copyField(*without, *wanted, path);
      QVERIFY2(manifests::sameContent(*without, *wanted), path.c_str());
    }
    QVERIFY(allowed > 3);
  }

  void keepsWhatIsLive_data() {
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("live");
    QTest::addColumn<QString>("wanted");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* path, const QString& head, const char* live, const char* wanted,
                        const char* expected) {
      QTest::newRow(path) << path << head + live << head + wanted << head + expected;
    };
    const QString config = "apiVersion: v1\nkind: ConfigMap\n";
    const QString secret = "apiVersion: v1\nkind: Secret\n";
    const QString budget = "apiVersion: policy/v1\nkind: PodDisruptionBudget\n";
    const QString web = "apiVersion: apps/v1\nkind: Deployment\n";
    row("data[app.conf]", config, "data: {app.conf: live, b: live}", "data: {app.conf: a, b: git}",
        "data: {app.conf: live, b: git}");
    row("data[gone]", config, "data: {b: live}", "data: {gone: a, b: git}", "data: {b: git}");
    row("data", config, "data: {b: live, c: live}", "data: {a: git}", "data: {b: live, c: live}");
    row("binaryData[a]", config, "binaryData: {a: bGl2ZQ==}", "binaryData: {a: Z2l0}",
        "binaryData: {a: bGl2ZQ==}");
    row("immutable", config, "data: {a: live}", "data: {a: git}\nimmutable: true",
        "data: {a: git}");
    row("data[token]", secret, "stringData: {token: live}", "stringData: {token: git, b: git}",
        "stringData: {token: live, b: git}");
    row("type", secret, "type: Opaque", "type: example.com/x", "type: Opaque");
    row("metadata.annotations[example.com/a.b]", config,
        "metadata: {annotations: {example.com/a.b: live, c: live}}",
        "metadata: {annotations: {c: git}}",
        "metadata: {annotations: {example.com/a.b: live, c: git}}");
    row("metadata.labels[team]", web, "metadata: {labels: {team: live, c: live}}",
        "metadata: {labels: {team: git}}", "metadata: {labels: {team: live}}");
    row("spec.replicas", web, "spec: {replicas: 7}", "spec: {replicas: 2, paused: true}",
        "spec: {replicas: 7, paused: true}");
    row("spec.template.spec.containers[web].image", web,
        "spec: {template: {spec: {containers: [{name: web, image: live}, {name: b, image: "
        "live}]}}}",
        "spec: {template: {spec: {containers: [{name: b, image: git}, {name: web, image: git}]}}}",
        "spec: {template: {spec: {containers: [{name: b, image: git}, {name: web, image: "
        "live}]}}}");
    row("spec.template.spec.containers[web]", web,
        "spec: {template: {spec: {containers: [{name: web, image: live, tty: true}]}}}",
        "spec: {template: {spec: {containers: [{name: web, image: git}]}}}",
        "spec: {template: {spec: {containers: [{name: web, image: live, tty: true}]}}}");
    row("spec.template.spec.containers[gone].image", web,
        "spec: {template: {spec: {containers: [{name: gone, image: live}]}}}",
        "spec: {template: {spec: {containers: [{name: web, image: git}]}}}",
        "spec: {template: {spec: {containers: [{name: web, image: git}]}}}");
    row("spec.minAvailable", budget, "spec: {minAvailable: 50%}", "spec: {minAvailable: 2}",
        "spec: {minAvailable: 50%}");
  }

  void keepsWhatIsLive() {
    QFETCH(QString, path);
    QFETCH(QString, live);
    QFETCH(QString, wanted);
    QFETCH(QString, expected);
    const std::unique_ptr<Message> result = read(wanted.toStdString());
    schema::Application application;
    schema::IgnoredDifference& rule = *application.mutable_spec()->add_ignore_differences();
    rule.set_kind(manifests::keyOf(*result).kind);
    rule.add_fields(path.toStdString());
    // What is wrong with one field keeps no other from being ignored.
    rule.add_fields("spec.nowhere");
    delivery::keepIgnored(application, *read(live.toStdString()), *result);
    const std::unique_ptr<Message> right = read(expected.toStdString());
    QVERIFY2(manifests::sameContent(*result, *right), result->DebugString().c_str());
    const std::unique_ptr<Message> other = read(wanted.toStdString());
    application.mutable_spec()->mutable_ignore_differences(0)->set_name("another");
    delivery::keepIgnored(application, *read(live.toStdString()), *other);
    QVERIFY(manifests::sameContent(*other, *read(wanted.toStdString())));
  }
};

QTEST_GUILESS_MAIN(TstIgnored)
#include "tst_ignored.moc"
