// SPDX-License-Identifier: Apache-2.0
#include <QRegularExpression>
#include <QTest>

#include "manifests/decode/scalars.h"
#include "manifests/sops/decrypt.h"
#include "manifests/sops/plain_value.h"
#include "tests/manifests/sops/encryptor.h"

using namespace gantry::manifests;
using namespace gantry::testing;

namespace {

const std::string kSecret =
    "apiVersion: {{=v1}}\n"
    "kind: {{=Secret}}\n"
    "metadata:\n"
    "    name: {{=db}}\n"
    "    creationTimestamp: null\n"
    "stringData:\n"
    "    user: {{str|stringData:user:|admin}}\n"
    "    password: {{str|stringData:password:|p: \"q\" #1}}\n"
    "{{sops}}";

std::string encryptedSecret() {
  SopsEncryptor encryptor;
  encryptor.extra = "encrypted_regex: ^(data|stringData)$";
  return encryptor.encrypt(kSecret);
}

QString textOf(const std::vector<Diagnostic>& diagnostics) {
  QStringList lines;
  for (const Diagnostic& diagnostic : diagnostics) {
    lines += QString::fromStdString(diagnostic.toString());
  }
  return lines.join('\n');
}

sops::Decrypted decrypt(const std::string& file, const std::string& name = "a.yaml",
                        const char* key = kFirstKey) {
  const sops::Identities identities = keys(key);
  return sops::decryptFile(file, name, &identities);
}

QString visible(const std::string& text) {
  QStringList lines = QString::fromStdString(text).split('\n');
  for (QString& line : lines) line = QString(line).remove(QRegularExpression(" +$"));
  return lines.join('\n').trimmed();
}

QString replaced(const std::string& text, const QString& what, const QString& with) {
  return QString::fromStdString(text).replace(what, with);
}

}  // namespace

class TstSops : public QObject {
  Q_OBJECT

 private slots:
  void decrypts_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("extra");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* extra, const QString& file,
                        const QString& expected) {
      QTest::newRow(name) << file << extra << expected;
    };
    const char* suffix = "unencrypted_suffix: _unencrypted";
    row("texts", suffix, "a: {{str|a:|x}}\nb:\n  c: {{str|b:c:|y: z}}\n{{sops}}",
        "a: \"x\"\nb:\n  c: \"y: z\"");
    row("types", suffix,
        "a: {{int|a:|-12}}\nb: {{float|b:|0.25}}\nc: {{bool|c:|True}}\nd: {{bytes|d:|xyz}}\n"
        "e: {{str|e:|12}}\nf: {{bool|f:|False}}\n{{sops}}",
        "a: -12\nb: 0.25\nc: true\nd: \"xyz\"\ne: \"12\"\nf: false");
    row("elements of a list have the path of the list", suffix,
        "a:\n  - {{str|a:|x}}\n  - b: {{str|a:b:|y}}\n  - - {{int|a:|3}}\n{{sops}}",
        "a:\n  - \"x\"\n  - b: \"y\"\n  - - 3");
    row("what is empty or null", suffix,
        "a: \"\"\nb: null\nc: []\nd: {}\ne: {{str|e:|x}}\n{{sops}}",
        "a: \"\"\nb: null\nc: []\nd: {}\ne: \"x\"");
    row("text of several lines", suffix, "a: {{str|a:|x\ny\n\tz\n}}\n{{sops}}",
        R"(a: "x\ny\n\tz\n")");
    row("text that is not ASCII", suffix, "a: {{str|a:|schön}}\n{{sops}}", "a: \"schön\"");
    row("the suffix for what is not encrypted", suffix,
        "a_unencrypted:\n  b: {{=x}}\nc: {{str|c:|y}}\n{{sops}}",
        "a_unencrypted:\n  b: x\nc: \"y\"");
    row("no rule at all", "", "a_unencrypted: {{=x}}\nc: {{str|c:|y}}\n{{sops}}",
        "a_unencrypted: x\nc: \"y\"");
    row("a suffix of its own", "unencrypted_suffix: _plain",
        "a_plain: {{=x}}\nc_unencrypted: {{str|c_unencrypted:|y}}\n{{sops}}",
        "a_plain: x\nc_unencrypted: \"y\"");
    row("the suffix for what is encrypted", "encrypted_suffix: _secret",
        "a: {{=x}}\nb_secret:\n  c: {{str|b_secret:c:|y}}\n{{sops}}",
        "a: x\nb_secret:\n  c: \"y\"");
    row("an expression for what is not encrypted", "unencrypted_regex: ^meta",
        "metadata: {name: {{=x}}}\nc: {{str|c:|y}}\n{{sops}}", "metadata: {name: x}\nc: \"y\"");
    row("an expression for what is encrypted", "encrypted_regex: ^data$",
        "data:\n  a: {{str|data:a:|x}}\ndata2: {{=y}}\n{{sops}}", "data:\n  a: \"x\"\ndata2: y");
    row("numbers that are not encrypted", "encrypted_regex: ^data$",
        "a: {{=8080}}\nb: {{=1.5}}\nc: \"{{=010}}\"\ndata: {{str|data:|x}}\n{{sops}}",
        "a: 8080\nb: 1.5\nc: \"010\"\ndata: \"x\"");
    row("the metadata before other fields", suffix, "a: {{str|a:|x}}\n{{sops}}b: {{str|b:|y}}\n",
        QString("a: \"x\"") + QString("\n").repeated(18) + "b: \"y\"");
    row("several documents", suffix, "a: {{str|a:|x}}\n{{sops}}---\nb: {{str|b:|y}}\n{{sops}}",
        QString("a: \"x\"") + QString("\n").repeated(18) + "---\nb: \"y\"");
    row("comments", suffix,
        "# plain\na: {{str|a:|x}} # "
        "more\n#ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:comment]\n"
        "{{sops}}",
        "# plain\na: \"x\" # more\n#ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:comment]");
    row("quotes around it", suffix, "a: \"{{str|a:|x}}\"\nb: '{{str|b:|y}}'\n{{sops}}",
        "a: \"x\"\nb: \"y\"");
  }

  void decrypts() {
    QFETCH(QString, file);
    QFETCH(QString, extra);
    QFETCH(QString, expected);
    SopsEncryptor encryptor;
    encryptor.extra = extra.toStdString();
    const std::string encrypted = encryptor.encrypt(file.toStdString());
    for (const char* key : {kFirstKey, kSecondKey}) {
      const sops::Decrypted result = decrypt(encrypted, "a.yaml", key);
      QCOMPARE(textOf(result.diagnostics), QString());
      QVERIFY(result.encrypted);
      QCOMPARE(visible(result.text), expected);
    }
  }

  void decryptsJson() {
    SopsEncryptor encryptor;
    const std::string values =
        "{\n\t\"a\": \"{{str|a:|x}}\",\n\t\"b\": [\"{{int|b:|3}}\", \"{{bool|b:|True}}\"]";
    const std::string yaml =
        encryptor.encrypt("{{str|a:|x}}\n{{int|b:|3}}\n{{bool|b:|True}}\n{{sops}}");
    QStringList lines = QString::fromStdString(yaml).split('\n');
    const QString mac = lines.filter("    mac: ").first().mid(9);
    const QString metadata = "\"sops\": {\"age\": [{\"recipient\": \"{[}\", \"enc\": \"" +
                             QString(kDataKeyForBoth).replace("\n", "\\n") +
                             "\"}], \"lastmodified\": \"2024-11-12T13:33:42Z\", \"mac\": \"" + mac +
                             "\"}";
    const QString a = lines[0], b = lines[1], c = lines[2];
    const QString fields = "\"a\": \"" + a + "\",\n \"b\": [\"" + b + "\", \"" + c + "\"]";
    const QString expected = "\"a\": \"x\",\n \"b\": [3, true]";
    for (const bool first : {false, true}) {
      const QString file =
          first ? "{" + metadata + ",\n " + fields + "}" : "{" + fields + ",\n " + metadata + "\n}";
      const sops::Decrypted result = decrypt(file.toStdString(), "a.json");
      QCOMPARE(textOf(result.diagnostics), QString());
      const QString text =
          QString::fromStdString(result.text).remove(QRegularExpression(" +(?=[\n}])"));
      QCOMPARE(text.simplified(), ("{" + QString(first ? "\n " : "") + expected + "\n}")
                                      .simplified()
                                      .replace(first ? "] }" : "", first ? "]}" : ""));
    }
  }

  void keepsPlaces() {
    const std::string file = encryptedSecret();
    const sops::Decrypted result = decrypt(file);
    QCOMPARE(textOf(result.diagnostics), QString());
    const QStringList before = QString::fromStdString(file).split('\n');
    const QStringList after = QString::fromStdString(result.text).split('\n');
    QCOMPARE(after.size(), before.size());
    QCOMPARE(after[6], "    user: \"admin\"");
    QCOMPARE(after[7], "    password: \"p: \\\"q\\\" #1\"");
    for (qsizetype i = 0; i < 6; ++i) QCOMPARE(after[i], before[i]);
    for (qsizetype i = 8; i < after.size(); ++i) QCOMPARE(after[i].trimmed(), "");
  }

  void checksEncryptedValuesOnlyIfTheFileSaysSo() {
    SopsEncryptor encryptor;
    encryptor.macOnlyEncrypted = true;
    encryptor.extra = "encrypted_regex: ^data$";
    const std::string file = encryptor.encrypt("a: {{=x}}\ndata: {{str|data:|y}}\n{{sops}}");
    const sops::Decrypted result = decrypt(replaced(file, "a: x", "a: z").toStdString());
    QCOMPARE(textOf(result.diagnostics), QString());
    QCOMPARE(visible(result.text), "a: z\ndata: \"y\"");
    QVERIFY(
        !decrypt(replaced(file, "mac_only_encrypted: true", "").toStdString()).diagnostics.empty());
  }

  void leavesOtherFilesAlone_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("a manifest") << "kind: ConfigMap\n";
    QTest::newRow("one that speaks of it") << "data: {sops: {mac: x}, text: sops}\n";
    QTest::newRow("a text of that name") << "sops: x\n";
    QTest::newRow("a list") << "- sops: {mac: x}\n";
    QTest::newRow("YAML that is damaged") << "sops: [\n";
    QTest::newRow("SOPS' own settings") << "creation_rules:\n  - age: age1\n    path_regex: sops\n";
  }

  void leavesOtherFilesAlone() {
    QFETCH(QString, file);
    const sops::Decrypted result = sops::decryptFile(file.toStdString(), "a.yaml", nullptr);
    QVERIFY(!result.encrypted);
    QCOMPARE(textOf(result.diagnostics), QString());
  }

  void leavesFilesOfOtherFormatsAlone() {
    for (const char* file : {"sops\n", "[sops]\na=b\n", "{\"a\": \"sops\"}", "sops_mac=x\n"}) {
      QVERIFY(!sops::decryptFile(file, "a.txt", nullptr).encrypted);
    }
  }

  void refuses_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("message");
    const std::string file = encryptedSecret();
    const auto row = [&](const char* name, const QString& what, const QString& with,
                         const char* message) {
      QVERIFY2(QString::fromStdString(file).contains(what), name);
      QTest::newRow(name) << replaced(file, what, with) << message;
    };
    const auto line = [&](const QString& beginning) {
      return QString::fromStdString(file).split('\n').filter(
          QRegularExpression("^" + beginning))[0];
    };
    const QString user = line("    user");
    const QString password = line("    password");
    const QString mac = line("    mac");
    row("a value that was changed", "name: db", "name: dx",
        "sops.mac: the file was changed after it was encrypted: its MAC is wrong");
    row("a value that was added", "stringData:\n", "x: y\nstringData:\n", "its MAC is wrong");
    row("a value that was removed", "    name: db\n", "", "its MAC is wrong");
    row("values that changed places", user + "\n" + password, password + "\n" + user,
        "its MAC is wrong");
    row("a field that was renamed", "    user:", "    usex:",
        "a.yaml:7:11: error: stringData.usex: cannot be decrypted: it was changed, moved or "
        "renamed");
    row("a value that is not encrypted", user, "    user: admin",
        "a.yaml:7:11: error: stringData.user: is not encrypted in the way of SOPS, or is damaged");
    row("a value that is damaged", ",iv:", ",IV:", "stringData.user: is not encrypted in the way");
    row("a type that is unknown", "type:str]\n    password", "type:time]\n    password",
        "stringData.user: has a type that is unknown or does not fit its content");
    row("a type that does not fit", "type:str]\n    password", "type:int]\n    password",
        "has a type that is unknown or does not fit its content");
    row("a MAC of another time", "2024-11-12T13", "2024-11-12T14", "sops.mac: cannot be decrypted");
    row("no MAC", mac, "    mac: \"\"", "sops.mac: it is missing");
    row("no time", "lastmodified", "lastmod", "sops.lastmodified: it is missing");
    row("another way than age", "    age:\n        - recipient", "    pgp:\n        - recipient",
        "sops.age: the file is not encrypted for age, but in another way");
    row("no key for the recipient", "enc: |", "end: |", "sops.age: a recipient without enc");
    row("a key that is damaged", "RUhWVmY4", "RUhWVmY5",
        "sops.age: the header of age was changed: its MAC is wrong");
    row("two rules", "    version:", "    encrypted_suffix: x\n    version:",
        "given beside encrypted_suffix; SOPS takes one of them");
    row("an expression that is none", "^(data|stringData)$", "\"(\"", "not a regular expression");
    row("rules of comments", "    version:", "    encrypted_comment_regex: x\n    version:",
        "sops.encrypted_comment_regex: not supported");
    row("groups of keys",
        "    version:", "    key_groups: [x]\n    version:", "sops.key_groups: not supported");
    row("damage before the metadata", "sops:\n", "x: [\nsops:\n", "a.yaml:");
    row("damage of the metadata", "    mac:", "   mac:", "a.yaml:");
    row("a field twice", "kind: Secret", "kind: Secret\nkind: Secret", "\"kind\" is set twice");
    row("a value in several lines", "user: ", "user: |-\n        ",
        "a.yaml:7:11: error: an encrypted value that is not written in one line");
  }

  void refuses() {
    QFETCH(QString, file);
    QFETCH(QString, message);
    const sops::Decrypted result = decrypt(file.toStdString());
    QVERIFY(result.encrypted);
    QVERIFY(result.text.empty());
    const QString text = textOf(result.diagnostics);
    QVERIFY2(text.contains(message), qPrintable(text));
    QVERIFY2(!text.contains("admin") && !text.contains("#1"), qPrintable(text));
  }

  void letsOnlyMaskedValuesOfManifestsBeEncrypted_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("scope");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const QString& file, const char* scope,
                        const QString& message) {
      QTest::newRow(name) << file << scope << message;
    };
    const QString data = "data:\n  a: {{str|data:a:|x}}\n";
    const QString wrongKind = "a.yaml:1:7: error: kind: only a Secret may be encrypted";
    const QString shown = ": it is encrypted, and plans show what stands here; encrypt only what";
    row("a Secret", "kind: {{=Secret}}\n" + data, "^data$", "");
    row("a Secret before a document without secrets",
        "kind: {{=Secret}}\n" + data + "{{sops}}---\nname: {{=b}}\n", "^data$", "");
    row("text in the clear that is merged over data",
        "kind: {{=Secret}}\nstringData:\n  a: {{str|stringData:a:|x}}\n", "^stringData$", "");
    row("a ConfigMap", "kind: {{=ConfigMap}}\n" + data, "^data$", wrongKind);
    row("a List", "kind: {{=List}}\n" + data, "^data$", wrongKind);
    row("a ConfigMap after a Secret",
        "kind: {{=Secret}}\n" + data + "{{sops}}---\nkind: {{=ConfigMap}}\n" + data, "^data$",
        "error: kind: only a Secret may be encrypted");
    row("no kind", data, "^data$", "a.yaml:1:1: error: kind: it is missing");
    row("a kind that is encrypted, too", "kind: {{str|kind:|Secret}}\n" + data, "^(data|kind)$",
        "a.yaml:1:7: error: kind" + shown);
    row("an encrypted name",
        "kind: {{=Secret}}\nmetadata:\n  name: {{str|metadata:name:|x}}\n" + data, "^(data|name)$",
        "a.yaml:3:9: error: metadata.name" + shown);
    row("an encrypted label of a list",
        "kind: {{=Secret}}\na:\n- b: {{=c}}\n- data: {{str|a:data:|x}}\n", "^data$",
        "error: a[1].data" + shown);
  }

  void letsOnlyMaskedValuesOfManifestsBeEncrypted() {
    QFETCH(QString, file);
    QFETCH(QString, scope);
    QFETCH(QString, message);
    SopsEncryptor encryptor;
    encryptor.extra = "encrypted_regex: " + scope.toStdString();
    const sops::Decrypted result = decrypt(encryptor.encrypt((file + "{{sops}}").toStdString()));
    QCOMPARE(textOf(result.diagnostics), QString());
    QVERIFY(!result.text.empty());
    const QString reason =
        result.notForManifests ? QString::fromStdString(result.notForManifests->toString()) : "";
    QCOMPARE(reason.isEmpty(), message.isEmpty());
    QVERIFY2(reason.contains(message), qPrintable(reason));
  }

  void refusesAliasesThatBringSecretsElsewhere() {
    SopsEncryptor encryptor;
    encryptor.macOnlyEncrypted = true;
    encryptor.extra = "encrypted_regex: ^data$";
    const std::string file = encryptor.encrypt(
        "kind: {{=Secret}}\ndata:\n  a: {{str|data:a:|admin}}\nmetadata: {name: b}\n{{sops}}");
    QCOMPARE(textOf(decrypt(file).diagnostics), QString());
    for (const auto& [data, name] : {std::pair("data: &x\n  a: ", "{name: b, labels: *x}"),
                                     std::pair("data:\n  a: &x ", "{name: *x}")}) {
      const std::string aliased = replaced(file, "data:\n  a: ", data).toStdString();
      const std::string changed = replaced(aliased, "{name: b}", name).toStdString();
      const sops::Decrypted result = decrypt(changed);
      QVERIFY(result.text.empty());
      QVERIFY2(textOf(result.diagnostics)
                   .contains("error: an alias repeats the encrypted value where nothing is "
                             "encrypted; write no aliases in encrypted files"),
               qPrintable(textOf(result.diagnostics)));
    }
  }

  void opensOnlyWithTheKeysThatAreAllowed() {
    const sops::Identities all = keys(std::string(kThirdKey) + "\n" + kFirstKey);
    const auto problems = [](const sops::Identities& identities) {
      return textOf(sops::decryptFile(encryptedSecret(), "a.yaml", &identities).diagnostics);
    };
    QCOMPARE(problems(all), QString());
    QCOMPARE(problems(all.only({kFirstRecipient})), QString());
    for (const auto& others : {std::vector<std::string>{}, {kSecondRecipient}, {"age1"}}) {
      QCOMPARE(problems(all.only(others)),
               QString("a.yaml:12:16: error: sops.age: none of the keys that the Project allows "
                       "opens the file; encrypt it for one of spec.ageRecipients of the Project, "
                       "or add its recipient there; the file is for ") +
                   kFirstRecipient);
    }
  }

  void knowsRecipients() {
    QVERIFY(sops::isRecipient(kFirstRecipient));
    std::string mistyped = kFirstRecipient;
    mistyped[10] = mistyped[10] == 'q' ? 'p' : 'q';
    for (const std::string& text :
         {mistyped, std::string(), std::string("age1"), std::string(kFirstRecipient).substr(0, 40),
          std::string(kFirstRecipient) + " ", std::string(kFirstKey),
          std::string("ssh-ed25519 AAAA"), QString(kFirstRecipient).toUpper().toStdString()}) {
      QVERIFY2(!sops::isRecipient(text), text.c_str());
    }
  }

  void saysWhatToDoWithoutAKey() {
    const sops::Decrypted none = sops::decryptFile(encryptedSecret(), "a.yaml", nullptr);
    QCOMPARE(textOf(none.diagnostics),
             "a.yaml:10:5: error: the file is encrypted with SOPS, and no key is given; give its "
             "key with --sops-age-key-file");
    SopsEncryptor encryptor;
    encryptor.encryptedKey = kDataForSsh;
    const sops::Decrypted ssh = decrypt(encryptor.encrypt("a: {{str|a:|x}}\n{{sops}}"));
    QVERIFY2(textOf(ssh.diagnostics).contains("it is encrypted for keys of SSH"),
             qPrintable(textOf(ssh.diagnostics)));
    const sops::Decrypted wrong = decrypt(encryptedSecret(), "a.yaml", kThirdKey);
    QCOMPARE(textOf(wrong.diagnostics),
             QString("a.yaml:12:16: error: sops.age: it is encrypted for other keys of age than "
                     "those given; give its key with --sops-age-key-file; the file is for ") +
                 kFirstRecipient);
  }

  void readsTheBinaryFormat() {
    const std::string file = SopsEncryptor().encryptBinary("line\nline\n");
    const sops::Decrypted result = decrypt(file, "key.pem");
    QCOMPARE(textOf(result.diagnostics), QString());
    QCOMPARE(QString::fromStdString(result.text), "line\nline\n");
    QVERIFY(result.notForManifests);
    QCOMPARE(QString::fromStdString(result.notForManifests->toString()),
             "key.pem:1:1: error: SOPS' binary format holds no manifests; name it among the files "
             "of a secretGenerator");
  }

  void refusesOtherFormats() {
    for (const char* file : {"A=x\nsops_mac=ENC[AES256_GCM,data:x]\n",
                             "[a]\nb=x\n[sops]\nmac=ENC[AES256_GCM,data:x]\n"}) {
      const sops::Decrypted result = decrypt(file, "a.env");
      QVERIFY(result.encrypted);
      QVERIFY(textOf(result.diagnostics).contains("SOPS' formats .env and .ini are not supported"));
    }
  }

  void damageIsAnErrorOrChangesNothing() {
    const std::string file = encryptedSecret();
    const QString whole = visible(decrypt(file).text);
    const sops::Identities identities = keys(kFirstKey);
    const std::size_t values = file.find("stringData:\n") + 12;
    const std::size_t macBegin = file.find("    mac: ") + 9;
    const std::size_t macEnd = file.find('\n', macBegin);
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
      const std::size_t at = bit / 8;
      std::string damaged = file;
      damaged[at] = static_cast<char>(damaged[at] ^ (1 << bit % 8));
      const sops::Decrypted result = sops::decryptFile(damaged, "a.yaml", &identities);
      QVERIFY(result.diagnostics.empty() || result.text.empty());
      const bool protectedByMac =
          (at >= values && at < file.find("sops:\n")) || (at >= macBegin && at < macEnd);
      const QString text = textOf(result.diagnostics);
      QVERIFY2(!text.contains("admin") && !text.contains("#1"), qPrintable(text));
      if (protectedByMac && result.diagnostics.empty()) {
        QVERIFY2(!result.encrypted || visible(result.text) == whole, std::to_string(at).c_str());
      }
    }
    for (std::size_t size = 0; size < file.size(); ++size) {
      const sops::Decrypted result = sops::decryptFile(file.substr(0, size), "a.yaml", &identities);
      QVERIFY(!result.encrypted || visible(result.text) == whole || !result.diagnostics.empty());
    }
  }

  void hashesScalarsAsSopsDoes_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* text, const char* expected) {
      QTest::newRow(text) << text << expected;
    };
    row("text", "text");
    row("true", "True");
    row("FALSE", "False");
    row("yes", "yes");
    row("12", "12");
    row("+12", "12");
    row("-0", "0");
    row("0644", "420");
    row("0o17", "15");
    row("0x1F", "31");
    row("0b101", "5");
    row("08", "8");
    row("1_000", "1000");
    row("1e3", "1000");
    row("1.50", "1.5");
    row(".5", "0.5");
    row("1e-7", "0.0000001");
    row(".inf", "+Inf");
    row(".nan", "NaN");
    row("1.2.3", "1.2.3");
    row("10.0.0.1", "10.0.0.1");
    row("2024-01-02", "2024-01-02");
    row("1Gi", "1Gi");
    row("0xzz", "0xzz");
    row("-", "-");
  }

  void hashesScalarsAsSopsDoes() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    YamlNode scalar;
    scalar.kind = YamlNode::Kind::kScalar;
    scalar.plain = true;
    scalar.text = text.toStdString();
    QCOMPARE(QString::fromStdString(sops::macText(scalar)), expected);
    scalar.plain = false;
    QCOMPARE(QString::fromStdString(sops::macText(scalar)), text);
  }
};

QTEST_GUILESS_MAIN(TstSops)
#include "tst_sops.moc"
