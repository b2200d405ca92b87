// SPDX-License-Identifier: Apache-2.0
// Writes the page about the fields of manifests from the schema, and compares it with the one in
// docs. GANTRY_UPDATE_DOCS=1 in the environment replaces that.
#include <QFile>
#include <QTest>

#include <set>

#include "manifests/resource.h"

using namespace gantry::manifests;
namespace schema = gantry::schema;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

namespace {

const char* const kHead = R"(# Fields of manifests

Gantry reads Kubernetes' YAML. Of every field that Kubernetes has for a kind it says one of three
things: it is implemented; it is accepted with a warning and has no effect; or it is refused, with
the reason. Nothing is silently ignored: a field that is not listed here is refused as unknown, with
a suggestion. What the system writes (`status`, `metadata.uid`, …) is accepted and dropped.

How a folder with a `kustomization.yaml` is rendered: [kustomize.md](kustomize.md).
How Secrets are kept in Git: [sops.md](sops.md).
How Jobs are run: [jobs.md](jobs.md).

This page is written from `manifests/schema` by `tests/manifests/schema/tst_schema_page.cpp`.
)";

std::string typeOf(const FieldDescriptor& field) {
  if (field.is_map()) {
    const FieldDescriptor* value = field.message_type()->map_value();
    return "names with " + (value->message_type() ? value->message_type()->name() : "text");
  }
  std::string type;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      type = field.message_type()->name();
      break;
    case FieldDescriptor::CPPTYPE_STRING:
      type = field.type() == FieldDescriptor::TYPE_BYTES ? "base64" : "text";
      break;
    case FieldDescriptor::CPPTYPE_BOOL:
      type = "true or false";
      break;
    default:
      type = "number";
  }
  return field.is_repeated() ? "list of " + type : type;
}

std::string supportOf(const FieldDescriptor& field) {
  const schema::FieldSupport& support = field.options().GetExtension(schema::field);
  if (support.support() == schema::IMPLEMENTED) return "implemented";
  std::string text = support.support() == schema::WARNED ? "**no effect**" : "**refused**";
  text += ": " + support.reason();
  for (int i = 0; i < support.allowed_size(); ++i) {
    text += (i == 0 ? "; accepted: `" : ", `") + support.allowed(i) + "`";
  }
  return text;
}

class Page {
 public:
  std::string write() {
    text_ = kHead;
    for (const Kind& kind : allKinds()) {
      if (!kind.info->from_git()) continue;
      text_ += "\n## " + kind.info->kind() + " (" + kind.info->api_version() + ")\n";
      writeMessage(*kind.descriptor, false);
    }
    return std::move(text_);
  }

 private:
  /// The fields of a message, and then of those below it, each message once.
  void writeMessage(const Descriptor& message, bool titled) {
    if (!seen_.insert(&message).second) return;
    if (titled) text_ += "\n### " + message.name() + "\n";
    text_ += "\n| field | is | |\n|---|---|---|\n";
    std::vector<const Descriptor*> below;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      if (field.options().GetExtension(schema::system)) continue;
      const Descriptor* type = field.is_map() ? nullptr : field.message_type();
      const bool modelled = type != nullptr && !isScalar(*type);
      text_ += "| `" + field.json_name() + "` | " +
               (type == schema::Unmodelled::descriptor() ? "" : typeOf(field)) + " | " +
               supportOf(field) + " |\n";
      if (modelled) below.push_back(type);
    }
    for (const Descriptor* type : below) writeMessage(*type, true);
  }

  static bool isScalar(const Descriptor& type) {
    return &type == schema::Quantity::descriptor() || &type == schema::IntOrString::descriptor() ||
           &type == schema::Time::descriptor() || &type == schema::Unmodelled::descriptor();
  }

  std::set<const Descriptor*> seen_;
  std::string text_;
};

}  // namespace

class TstSchemaPage : public QObject {
  Q_OBJECT

 private slots:
  void thePageInDocsIsUpToDate() {
    const QByteArray page = QByteArray::fromStdString(Page().write());
    QFile file(QStringLiteral(GANTRY_SOURCE_DIR "/docs/manifests.md"));
    if (qEnvironmentVariableIsSet("GANTRY_UPDATE_DOCS")) {
      QVERIFY(file.open(QIODevice::WriteOnly));
      QCOMPARE(file.write(page), page.size());
      return;
    }
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY2(
        file.readAll() == page,
        "the schema changed: run tst_schema_page with GANTRY_UPDATE_DOCS=1 and commit the page");
  }
};

QTEST_GUILESS_MAIN(TstSchemaPage)
#include "tst_schema_page.moc"
