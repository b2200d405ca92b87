// SPDX-License-Identifier: Apache-2.0
//
// Files of SOPS on their way into what is rendered.
#include <QTest>

#include "manifests/diff/diff.h"
#include "manifests/render/folder.h"
#include "manifests/schema/core.pb.h"
#include "tests/manifests/sops/encryptor.h"

using namespace gantry::manifests;
using namespace gantry::testing;

namespace {

const std::string kSecret =
    "apiVersion: {{=v1}}\nkind: {{=Secret}}\nmetadata: {name: {{=db}}}\nstringData:\n"
    "  password: {{str|stringData:password:|open sesame}}\n{{sops}}";

std::string encrypted(const std::string& file) {
  SopsEncryptor encryptor;
  encryptor.extra = "encrypted_regex: ^(data|stringData)$";
  return encryptor.encrypt(file);
}

RenderOptions withKey(const char* key) {
  return {.keys = std::make_shared<const sops::Identities>(keys(key))};
}

QString texts(const RenderedSet& set) {
  QStringList lines;
  for (const Diagnostic& diagnostic : set.diagnostics) {
    lines += QString::fromStdString(diagnostic.toString());
  }
  return lines.join('\n');
}

/// The password of the one Secret that is rendered.
QString passwordOf(const RenderedSet& set) {
  for (const Resource& resource : set.resources) {
    if (const auto* secret = dynamic_cast<const gantry::schema::Secret*>(&resource.message())) {
      return QString::fromStdString(secret->data().at("password"));
    }
  }
  return {};
}

}  // namespace

class TstEncrypted : public QObject {
  Q_OBJECT

 private slots:
  void renders_data() {
    QTest::addColumn<QString>("kustomization");
    QTest::addColumn<bool>("variables");
    QTest::newRow("a plain folder") << QString() << false;
    QTest::newRow("a plain folder with variables") << QString() << true;
    QTest::newRow("a resource of a kustomization") << "resources: [secret.yaml]\n" << false;
    QTest::newRow("a patch") << "resources: [plain.yml]\npatches: [{path: secret.yaml}]\n" << false;
    QTest::newRow("a generator")
        << "secretGenerator: [{name: db, files: [password=password.json]}]\n"
        << false;
  }

  void renders() {
    QFETCH(QString, kustomization);
    QFETCH(bool, variables);
    std::vector<SourceFile> files = {{"secret.yaml", encrypted(kSecret)}};
    if (!kustomization.isEmpty()) {
      files.push_back({"kustomization.yaml", kustomization.toStdString()});
      files.push_back(
          {"plain.yml", "apiVersion: v1\nkind: Secret\nmetadata: {name: db}\ntype: Opaque\n"});
      files.push_back({"password.json", encrypted("data: {{str|data:|open sesame}}\n{{sops}}")});
    }
    RenderOptions options = withKey(kSecondKey);
    if (variables) options.variables = {{"ENV", "production"}};
    const RenderedSet set = render(files, options);
    QCOMPARE(texts(set), QString());
    QVERIFY2(passwordOf(set).contains("open sesame"), qPrintable(passwordOf(set)));
    const auto changes = gantry::manifests::diff(nullptr, &set.resources.at(0).message());
    QVERIFY(!changes.empty());
    for (const FieldChange& change : changes) {
      QVERIFY(change.after.value_or("").find("sesame") == std::string::npos);
    }
    for (const char* key : {kFirstKey, kSecondKey}) {
      RenderOptions other = withKey(key);
      other.variables = options.variables;
      QCOMPARE(render(files, other).hash, set.hash);
    }
  }

  void says_what_is_missing() {
    const std::vector<SourceFile> plain = {{"secret.yaml", encrypted(kSecret)}};
    const QString noKey =
        "secret.yaml:7:5: error: the file is encrypted with SOPS, and no key is given; give its "
        "key with --sops-age-key-file";
    QCOMPARE(texts(render(plain, {})), noKey);
    std::vector<SourceFile> kustomized = plain;
    kustomized.push_back({"kustomization.yaml", "resources: [secret.yaml]\n"});
    const RenderedSet set = render(kustomized, {});
    QVERIFY(!set.ok());
    QCOMPARE(texts(set), noKey);
    const RenderedSet others = render(plain, withKey(kThirdKey));
    QVERIFY(!others.ok());
    QVERIFY(texts(others).contains("it is encrypted for other keys of age than those given"));
  }

  void shows_nothing_that_is_not_masked_data() {
    QTest::addColumn<QString>("kustomization");
    QTest::addColumn<QString>("content");
    QTest::addColumn<QString>("message");
    const QString data = "data: {{str|data:|open sesame}}\n{{sops}}";
    QTest::newRow("a ConfigMap") << QString() << "kind: {{=ConfigMap}}\n" + data
                                 << "a.yaml:1:7: error: kind: only a Secret may be encrypted";
    QTest::newRow("what is no data")
        << QString()
        << "kind: {{=Secret}}\nmetadata:\n  data: {{str|metadata:data:|open sesame}}\n{{sops}}"
        << "a.yaml:3:9: error: metadata.data: it is encrypted, and plans show what stands here; "
           "encrypt only what is secret, in a Secret: with encrypted_regex ^(data|stringData)$";
    QTest::newRow("no kind") << QString() << data
                             << "a.yaml:1:1: error: kind: it is missing, and the file is encrypted";
    QTest::newRow("a resource of another kind")
        << "resources: [a.yaml]\n"
        << "kind: {{=ConfigMap}}\n" + data
        << "a.yaml:1:7: error: kind: only a Secret may be encrypted";
    QTest::newRow("a patch that does not say its kind")
        << "resources: [plain.yml]\npatches: [{path: a.yaml, target: {kind: ConfigMap}}]\n"
        << data << "a.yaml:1:1: error: kind: it is missing, and the file is encrypted";
    QTest::newRow("a configMapGenerator with files")
        << "configMapGenerator: [{name: a, files: [a.yaml]}]\n"
        << data << "the file is encrypted, and a ConfigMap would show it; use a secretGenerator";
    QTest::newRow("a configMapGenerator with envs")
        << "configMapGenerator: [{name: a, envs: [a.yaml]}]\n"
        << data << "the file is encrypted, and a ConfigMap would show it; use a secretGenerator";
  }

  void shows_nothing_that_is_not_masked() {
    QFETCH(QString, kustomization);
    QFETCH(QString, content);
    QFETCH(QString, message);
    std::vector<SourceFile> files = {{"a.yaml", encrypted(content.toStdString())}};
    if (!kustomization.isEmpty()) {
      files.push_back({"kustomization.yaml", kustomization.toStdString()});
      files.push_back(
          {"plain.yml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {}\n"});
    }
    const RenderedSet set = render(files, withKey(kFirstKey));
    QVERIFY(!set.ok());
    QVERIFY2(texts(set).contains(message), qPrintable(texts(set)));
    QVERIFY2(!texts(set).contains("sesame"), qPrintable(texts(set)));
  }

  void does_not_open_what_is_not_used() {
    const RenderedSet set =
        render({{"secret.yaml", encrypted(kSecret)},
                {"kustomization.yaml", "resources: [plain.yaml]\n"},
                {"plain.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n"}},
               {});
    QCOMPARE(texts(set), QString());
    QCOMPARE(set.resources.size(), 1u);
  }

  void shows_errors_where_they_are_in_the_file() {
    const RenderedSet set = render(
        {{"a.yaml", encrypted("apiVersion: {{=v1}}\nkind: {{=Secret}}\n"
                              "metadata: {name: {{=db}}}\nstringData:\n"
                              "  a: {{str|stringData:a:|x\ny}}\n"
                              "  b: {{int|stringData:b:|7}}\nstringDatum: {{=x}}\n{{sops}}")}},
        withKey(kFirstKey));
    QVERIFY2(texts(set).contains("a.yaml:7:1: error: unknown field"), qPrintable(texts(set)));
    QVERIFY(!texts(set).contains("number 7"));
  }
};

QTEST_GUILESS_MAIN(TstEncrypted)
#include "tst_encrypted.moc"
