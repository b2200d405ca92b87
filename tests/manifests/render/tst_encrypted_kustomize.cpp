// SPDX-License-Identifier: Apache-2.0
//
// What a kustomization may do with values that SOPS encrypted, and what it must not get out of
// them: whoever may push a branch may have a plan of it.
#include <QTest>

#include <map>

#include "manifests/kustomize/render.h"
#include "manifests/render/folder.h"
#include "manifests/sops/decrypt.h"
#include "tests/manifests/sops/encryptor.h"

using namespace gantry::manifests;
using namespace gantry::testing;

namespace {

std::string encrypted(const std::string& file) {
  SopsEncryptor encryptor;
  encryptor.extra = "encrypted_regex: ^(data|stringData)$";
  return encryptor.encrypt(file);
}

/// In the fifth line, "open sesame".
std::string secret(const std::string& name) {
  return encrypted("apiVersion: {{=v1}}\nkind: {{=Secret}}\nmetadata: {name: {{=" + name +
                   "}}}\nstringData:\n  password: {{str|stringData:password:|open sesame}}\n"
                   "{{sops}}");
}

const char* const kPlain =
    "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n---\n"
    "apiVersion: v1\nkind: Secret\nmetadata: {name: other}\nstringData: {a: b}\n";

/// A ConfigMap that a patch has made a Secret, with encrypted data.
const char* const kFormerConfigMap =
    "resources: [settings.yaml]\npatches:\n"
    "- target: {kind: ConfigMap}\n"
    "  patch: '[{op: replace, path: /kind, value: Secret}, {op: remove, path: /data}]'\n"
    "- path: data.yaml\n";

std::vector<SourceFile> repository(const std::string& kustomization) {
  return {
      {"kustomization.yaml", kustomization},
      {"secret.yaml", secret("db")},
      {"patch.yaml", secret("other")},
      {"plain.yml", kPlain},
      {"password.bin", SopsEncryptor().encryptBinary("open sesame")},
      {"config.yaml", encrypted("kind: {{=Config}}\ndata: {{str|data:|open sesame}}\n{{sops}}")},
      {"component/kustomization.yaml", "kind: Component\npatches: [{path: secret.yaml}]\n"},
      {"component/secret.yaml", secret("other")},
      {"base/kustomization.yaml", kFormerConfigMap},
      {"base/settings.yaml",
       "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: b}\n"},
      {"base/data.yaml",
       encrypted("apiVersion: {{=v1}}\nkind: {{=Secret}}\nmetadata: {name: {{=settings}}}\ndata:\n"
                 "  password: {{str|data:password:|b3BlbiBzZXNhbWU=}}\n{{sops}}")},
      {"encrypted/kustomization.yaml", secret("db")},
  };
}

RenderedSet rendered(const std::vector<SourceFile>& files) {
  return render(files, {.keys = std::make_shared<const sops::Identities>(keys(kFirstKey))});
}

/// The same repository without encryption.
std::vector<SourceFile> inTheClear(std::vector<SourceFile> files) {
  const sops::Identities identities = keys(kFirstKey);
  for (SourceFile& file : files) {
    sops::Decrypted opened = sops::decryptFile(file.content, file.path, &identities);
    if (opened.encrypted) file.content = opened.text;
  }
  return files;
}

QString texts(const RenderedSet& set) {
  QStringList lines;
  for (const Diagnostic& diagnostic : set.diagnostics) {
    lines += QString::fromStdString(diagnostic.toString());
  }
  return lines.join('\n');
}

const QString kPatches = "resources: [secret.yaml]\npatches:\n- target: {kind: Secret}\n";

/// Of the Secret db.
QString operations(const QString& list) {
  return kPatches + "  patch: |\n    - " + QString(list).replace("; ", "\n    - ") + "\n";
}

QString replacement(const QString& source, const QString& target) {
  return "resources: [secret.yaml, plain.yml]\nreplacements:\n- source: {kind: Secret, name: db, " +
         source + "}\n  targets:\n  - " + target + "\n";
}

QString shown(const QString& at, const QString& of = "secret.yaml:5:13") {
  return at + ": it would show an encrypted value, that of " + of +
         "; such values may be in data and stringData of a Secret only";
}

}  // namespace

class TstEncryptedKustomize : public QObject {
  Q_OBJECT

 private slots:
  void showsNoSecret_data() {
    QTest::addColumn<QString>("kustomization");
    QTest::addColumn<QString>("message");
    addPatches();
    addOperations();
    addReplacements();
    addGenerators();
    addFiles();
  }

  void showsNoSecret() {
    QFETCH(QString, kustomization);
    QFETCH(QString, message);
    const RenderedSet set = rendered(repository(kustomization.toStdString()));
    QVERIFY(!set.ok());
    QVERIFY(set.resources.empty());
    QVERIFY2(texts(set).contains(message), qPrintable(texts(set)));
    // Who guesses right sees what he has written himself.
    const bool isGuess = kustomization.contains("\\x73");
    QVERIFY2(isGuess || !texts(set).contains("sesame"), qPrintable(texts(set)));
  }

  void usesSecretsAsSecrets_data() {
    QTest::addColumn<QString>("kustomization");
    const auto row = [](const char* name, const QString& kustomization) {
      QTest::newRow(name) << kustomization;
    };
    row("a resource", "resources: [secret.yaml]\nnamePrefix: a-\nnamespace: b\n");
    row("a patch of a Secret", "resources: [plain.yml]\npatches: [{path: patch.yaml}]\n");
    row("a patch of all Secrets",
        "resources: [plain.yml]\npatches: [{path: secret.yaml, target: {kind: Secret}}]\n");
    row("a patch in a component", "resources: [plain.yml]\ncomponents: [component]\n");
    row("a patch of an encrypted Secret", kPatches + "  patch: 'stringData: {user: ana}'\n");
    row("a patch with another version, which changes nothing",
        kPatches + "  options: {allowKindChange: true}\n  patch: 'apiVersion: example.com/v1'\n");
    row("a new name within the Secret",
        operations("{op: move, from: /stringData/password, path: /stringData/pw}"));
    row("a copy that is gone at the end",
        operations("{op: copy, from: /stringData/password, path: /metadata/labels}; "
                   "{op: remove, path: /metadata/labels}"));
    row("a value of another Secret",
        replacement("fieldPath: stringData.password",
                    "{select: {kind: Secret, name: other}, fieldPaths: [stringData.a]}"));
    row("all values of another Secret",
        replacement("fieldPath: stringData",
                    "{select: {kind: Secret, name: other}, fieldPaths: [stringData]}"));
    row("what is not encrypted of it",
        replacement("fieldPath: metadata.name",
                    "{select: {kind: ConfigMap}, fieldPaths: [data.a]}"));
    row("a value that is replaced",
        "resources: [secret.yaml, plain.yml]\nreplacements:\n"
        "- source: {kind: ConfigMap, fieldPath: data.a}\n"
        "  targets: [{select: {name: db}, fieldPaths: [stringData.password]}]\n");
    row("a generator",
        "secretGenerator: [{name: a, files: [password.bin, config.yaml]}]\n"
        "generatorOptions: {disableNameSuffixHash: true}\n");
    row("a generator that is merged",
        "resources: [plain.yml]\n"
        "secretGenerator: [{name: other, behavior: merge, files: [x=password.bin]}]\n");
    row("a former ConfigMap", "resources: [base]\n");
  }

  /// As it is without encryption.
  void usesSecretsAsSecrets() {
    QFETCH(QString, kustomization);
    const std::vector<SourceFile> files = repository(kustomization.toStdString());
    const RenderedSet set = rendered(files);
    QCOMPARE(texts(set), QString());
    QVERIFY(!set.resources.empty());
    const RenderedSet plain = render(inTheClear(files), {});
    QCOMPARE(texts(plain), QString());
    QCOMPARE(set.hash, plain.hash);
  }

  /// Names are shown: a guess must not be comparable with the hash in one.
  void hashesInNamesHaveAKey() {
    const std::vector<SourceFile> files =
        repository("secretGenerator: [{name: a, files: [password.bin]}]\n");
    const auto nameOf = [](const RenderedSet& set) {
      return set.resources.at(0).metadata().name();
    };
    const std::string name = nameOf(rendered(files));
    QVERIFY(name.starts_with("a-") && name.size() == 12);
    QVERIFY(nameOf(render(inTheClear(files), {})) != name);
    const auto second = std::make_shared<const sops::Identities>(keys(kSecondKey));
    QCOMPARE(nameOf(render(files, {.keys = second})), name);
  }

  void hashesInNamesHaveTheKeysOfWhatIsInIt() {
    const kustomize::Files files = {{"kustomization.yaml",
                                     "secretGenerator:\n- {name: a, files: [one]}\n"
                                     "- {name: b, files: [two]}\n- {name: c, files: [one, two]}\n"
                                     "- {name: d, files: [plain]}\n"},
                                    {"one", "x"},
                                    {"two", "x"},
                                    {"plain", "x"}};
    using Names = std::map<std::string, std::string>;
    const auto namesWith = [&](const Names& keysOfFiles) {
      const kustomize::Open open = [&](const std::string& path, std::string_view content) {
        const auto key = keysOfFiles.find(path);
        return key == keysOfFiles.end()
                   ? std::nullopt
                   : std::optional(kustomize::Opened{std::string(content), {}, {}, key->second});
      };
      Names names;
      for (const auto& object : kustomize::render(files, "", {}, {}, open).objects) {
        const std::string name(object.find("metadata")->textOf("name"));
        names[name.substr(0, 1)] = name.substr(2);
      }
      return names;
    };
    const Names plain = namesWith({});
    const Names first = namesWith({{"one", "k1"}, {"two", "k2"}});
    const Names other = namesWith({{"one", "k1"}, {"two", "k3"}});
    QCOMPARE(first.size(), 4u);
    for (const char* name : {"a", "b", "c"}) QVERIFY(first.at(name) != plain.at(name));
    QCOMPARE(first.at("d"), plain.at("d"));
    QCOMPARE(other.at("a"), first.at("a"));
    QVERIFY(other.at("b") != first.at("b"));
    QVERIFY(other.at("c") != first.at("c"));
  }

  void doesNotQuoteWhatVariablesStandIn() {
    std::vector<SourceFile> files = {
        {"a.yaml", encrypted("apiVersion: {{=v1}}\nkind: {{=Secret}}\nmetadata: {name: {{=a}}}\n"
                             "stringData:\n  a: {{str|stringData:a:|x${sesame} y}}\n{{sops}}")}};
    const QString message =
        "a.yaml:5:6: error: an encrypted value with a ${ that cannot be replaced; define the "
        "variable, or write $${ for a literal ${";
    RenderOptions options{.variables = {{"sesam", "x"}},
                          .keys = std::make_shared<const sops::Identities>(keys(kFirstKey))};
    QCOMPARE(texts(render(files, options)), message);
    files.push_back({"kustomization.yaml", "resources: [a.yaml]\n"});
    QCOMPARE(texts(render(files, options)), message);
    options.variables = {{"sesame", "y"}};
    QCOMPARE(texts(render(files, options)), QString());
  }

 private:
  static void row(const char* name, const QString& kustomization, const QString& message) {
    QTest::newRow(name) << kustomization << message;
  }

  static void addPatches() {
    row("a patch that says Secret, of a ConfigMap",
        "resources: [plain.yml]\npatches: [{path: secret.yaml, target: {kind: ConfigMap}}]\n",
        shown("secret.yaml:1:1: error: stringData.password"));
    row("a patch that changes the kind",
        kPatches + "  options: {allowKindChange: true}\n  patch: 'kind: ConfigMap'\n",
        shown("kustomization.yaml:5:10: error: stringData.password"));
    row("a name that the next patch takes away",
        "resources: [secret.yaml]\npatches:\n"
        "- target: {kind: Secret}\n"
        "  patch: '[{op: copy, from: /stringData/password, path: /metadata/name}]'\n"
        "- target: {name: o.*}\n"
        "  patch: '[{op: replace, path: /metadata/name, value: db}]'\n",
        shown("kustomization.yaml:4:10: error: metadata.name"));
    row("the name of an image",
        operations("{op: add, path: /stringData/containers, value: [{image: x}]}; {op: move, from: "
                   "/stringData/password, path: /stringData/containers/0/image}") +
            "images: [{name: open ses, newName: x}, {name: \"open \\x73esame\", newName: x}]\n",
        "images[1].name: no container runs the image");
  }

  static void addOperations() {
    const QString patch = "kustomization.yaml:4:10: error: ";
    row("an operation that changes the kind",
        operations("{op: replace, path: /kind, value: ConfigMap}"),
        shown(patch + "stringData.password"));
    row("an operation that changes the version",
        operations("{op: replace, path: /apiVersion, value: v2}"),
        shown(patch + "stringData.password"));
    row("a copy to an annotation",
        operations("{op: add, path: /metadata/annotations, value: {}}; "
                   "{op: copy, from: /stringData/password, path: /metadata/annotations/x}"),
        shown(patch + "metadata.annotations.x"));
    row("a move of all of it", operations("{op: move, from: /stringData, path: /metadata/labels}"),
        shown(patch + "metadata.labels.password"));
    row("a move to a list",
        operations("{op: add, path: /spec, value: [1]}; "
                   "{op: move, from: /stringData/password, path: /spec/0}"),
        shown(patch + "spec[0]"));
    row("a test", operations("{op: test, path: /stringData/password, value: x}"),
        "kustomization.yaml:5:7: error: /stringData/password: a test of an encrypted value would "
        "tell what it is; remove it");
    row("a test of what is around it", operations("{op: test, path: /stringData, value: {}}"),
        "kustomization.yaml:5:7: error: /stringData: a test of an encrypted value would tell");
  }

  static void addReplacements() {
    row("a replacement in a ConfigMap",
        replacement("fieldPath: stringData.password",
                    "{select: {kind: ConfigMap}, fieldPaths: [data.a]}"),
        shown("kustomization.yaml:5:46: error: data.a"));
    row("a replacement by all of it",
        replacement("fieldPath: stringData", "{select: {kind: ConfigMap}, fieldPaths: [data]}"),
        shown("kustomization.yaml:5:46: error: data.password"));
    row("a replacement in an annotation",
        replacement("fieldPath: stringData.password",
                    "{select: {kind: Secret, name: other}, fieldPaths: [metadata.annotations.x], "
                    "options: {create: true}}"),
        shown("kustomization.yaml:5:56: error: metadata.annotations.x"));
    const QString whole =
        ": an encrypted value is not taken apart; remove delimiter, and encrypt the parts as "
        "values of their own";
    row("a part of a value",
        replacement("fieldPath: stringData.password, options: {delimiter: x, index: 9}",
                    "{select: {name: other}, fieldPaths: [stringData.a]}"),
        "error: replacements[0].source.fieldPath" + whole);
    row("a part that is put into a value",
        replacement("fieldPath: metadata.name",
                    "{select: {name: db}, fieldPaths: [stringData.password], "
                    "options: {delimiter: x, index: 1}}"),
        "error: replacements[0].targets[0].options.delimiter" + whole);
    row("a guess in a path",
        "resources: [secret.yaml, plain.yml]\n"
        "patches:\n- target: {name: db}\n  patch: |\n"
        "    - {op: add, path: /stringData/list, value: [{b: c}]}\n"
        "    - {op: copy, from: /stringData/password, path: /stringData/list/0/a}\n"
        "replacements:\n- source: {name: db, fieldPath: \"stringData.list.[a=open "
        "\\x73esame].b\"}\n"
        "  targets: [{select: {kind: ConfigMap}, fieldPaths: [data.a]}]\n",
        "error: replacements[0].source.fieldPath: Secret db has no field");
  }

  static void addGenerators() {
    row("a file for envs", "secretGenerator: [{name: a, envs: [password.bin]}]\n",
        "kustomization.yaml:1:36: error: secretGenerator[0].envs: the file is encrypted, and plans "
        "would show the names in it; use files, or encrypt a Secret with the values in its "
        "stringData");
    row("a ConfigMap of a file", "configMapGenerator: [{name: a, files: [password.bin]}]\n",
        "the file is encrypted, and a ConfigMap would show it; use a secretGenerator");
    row("a generator that takes over what was a ConfigMap",
        "resources: [base]\n"
        "configMapGenerator: [{name: settings, behavior: merge, literals: [x=y]}]\n",
        shown("kustomization.yaml:2:22: error: data.password", "base/data.yaml:5:13"));
    row("a generated value in an annotation",
        "secretGenerator: [{name: a, files: [password.bin]}]\n"
        "patches:\n- target: {kind: Secret}\n"
        "  patch: '[{op: move, from: /data, path: /metadata/annotations}]'\n",
        shown("kustomization.yaml:4:10: error: metadata.annotations.password.bin",
              "kustomization.yaml:1:37"));
  }

  static void addFiles() {
    const QString binary = "password.bin:1:1: error: SOPS' binary format holds no manifests";
    row("one value in the place of manifests", "resources: [password.bin]\n", binary);
    row("one value in the place of a patch",
        "resources: [plain.yml]\npatches: [{path: password.bin, target: {kind: ConfigMap}}]\n",
        binary);
    row("another kind in the place of manifests", "resources: [config.yaml]\n",
        "config.yaml:1:7: error: kind: only a Secret may be encrypted");
    row("a Secret in the place of a kustomization", "resources: [encrypted]\n",
        "encrypted/kustomization.yaml:2:7: error: kind: a kustomization is not of kind");
    row("a Secret in the place of replacements",
        "resources: [plain.yml]\nreplacements: [{path: secret.yaml}]\n",
        "secret.yaml:1:1: error: apiVersion: unknown field");
  }
};

QTEST_GUILESS_MAIN(TstEncryptedKustomize)
#include "tst_encrypted_kustomize.moc"
