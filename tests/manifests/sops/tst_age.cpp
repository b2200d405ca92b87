// SPDX-License-Identifier: Apache-2.0
//
// Files made by age itself: some are part of this test, others are made while it runs where age is
// installed.
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include "manifests/sops/age.h"
#include "manifests/sops/bech32.h"
#include "tests/manifests/sops/keys.h"

using namespace gantry::manifests::sops;
using namespace gantry::testing;

namespace {

std::string binaryData() {
  return QByteArray::fromBase64(kDataBinary).toStdString();
}

/// What decrypts, or the message of the error.
QString opened(const std::string& file, const std::string& key = kFirstKey) {
  const auto content = decryptAge(file, keys(key));
  return content.ok() ? "content " + QString::fromStdString(std::string(content->view()))
                      : QString::fromStdString(std::string(content.status().message()));
}

std::string replaced(const std::string& text, const std::string& what, const std::string& with) {
  return QByteArray::fromStdString(text)
      .replace(QByteArray::fromStdString(what), QByteArray::fromStdString(with))
      .toStdString();
}

QByteArray run(const QString& program, const QStringList& arguments, const QByteArray& input) {
  QProcess process;
  process.start(program, arguments);
  process.write(input);
  process.closeWriteChannel();
  return process.waitForFinished() && process.exitCode() == 0 ? process.readAllStandardOutput()
                                                              : QByteArray();
}

}  // namespace

class TstAge : public QObject {
  Q_OBJECT

 private:
  /// Every bit flipped and every end cut off is an error.
  void flipAndCut(const std::string& file) {
    const Identities identities = keys(kFirstKey);
    for (std::size_t bit = 0; bit < file.size() * 8; ++bit) {
      std::string damaged = file;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      QVERIFY2(!decryptAge(damaged, identities).ok(), std::to_string(bit).c_str());
    }
    for (std::size_t size = 0; size < file.size(); ++size) {
      QVERIFY2(!decryptAge(file.substr(0, size), identities).ok(), std::to_string(size).c_str());
    }
  }

 private slots:
  void opensWhatAgeMade() {
    QCOMPARE(opened(binaryData()), "content data");
    QCOMPARE(opened(kDataKeyForBoth), QString("content ") + kDataKey);
    QCOMPARE(opened(kDataKeyForBoth, kSecondKey), QString("content ") + kDataKey);
    QCOMPARE(opened(std::string("\r\n \t") + kDataKeyForBoth + "\n\n"),
             QString("content ") + kDataKey);
    QCOMPARE(opened(replaced(kDataKeyForBoth, "\n", "\r\n")), QString("content ") + kDataKey);
  }

  void opensWhatAgeMakesNow_data() {
    QTest::addColumn<int>("size");
    for (const int size : {0, 1, 1000, 65535, 65536, 65537, 131072, 200000}) {
      QTest::addRow("%d bytes", size) << size;
    }
  }

  void opensWhatAgeMakesNow() {
    const QString age = QStandardPaths::findExecutable("age");
    const QString keygen = QStandardPaths::findExecutable("age-keygen");
    if (age.isEmpty() || keygen.isEmpty()) QSKIP("age is not installed");
    QFETCH(int, size);
    QByteArray content(size, '\0');
    for (int i = 0; i < size; ++i) content[i] = static_cast<char>(i * 7 + i / 251);
    const QByteArray key = run(keygen, {}, {});
    const auto identities = Identities::parse(key.toStdString(), "new");
    QVERIFY2(identities.ok(), std::string(identities.status().message()).c_str());
    const QString recipient = QString::fromStdString(identities->all().at(0)->recipient);
    QVERIFY(key.contains(("# public key: " + recipient).toUtf8()));
    for (const QStringList& form : {QStringList{}, QStringList{"-a"}}) {
      const QByteArray file =
          run(age, form + QStringList{"-r", kFirstRecipient, "-r", recipient}, content);
      QVERIFY(!file.isEmpty());
      const auto decrypted = decryptAge(file.toStdString(), *identities);
      QVERIFY2(decrypted.ok(), std::string(decrypted.status().message()).c_str());
      QVERIFY(decrypted->view() == content.toStdString());
      QVERIFY(!decryptAge(file.toStdString(), keys(kSecondKey)).ok());
    }
  }

  void refuses_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("message");
    const auto row = [](const char* name, const std::string& file, const char* message) {
      QTest::newRow(name) << QString::fromStdString(file) << message;
    };
    const std::string good = kDataKeyForBoth;
    const std::string header = "age-encryption.org/v1\n-> X25519 ";
    const std::string share(43, 'A');
    const std::string body = "\n" + share + "\n";
    const std::string mac = "--- " + share + "\n";
    row("nothing", "", "it is not a file of age");
    row("another file", "hello\n", "it is not a file of age");
    row("another version", "age-encryption.org/v2\n", "written by another version of age");
    row("no recipient", "age-encryption.org/v1\n" + mac, "it has no recipient");
    row("no end", header + share + body, "it has no end");
    row("a share of zeros", header + share + body + mac, "a share that is void");
    row("a share that is short", header + "AAAA" + body + mac, "a recipient of age is damaged");
    row("an argument too many", header + share + " x" + body + mac,
        "a recipient of age is damaged");
    row("no share", "age-encryption.org/v1\n-> X25519" + body + mac,
        "a recipient of age is damaged");
    row("two spaces", header + " " + share + body + mac, "an argument of a recipient is empty");
    row("a carriage return", header + share + "\r" + body + mac, "an argument of a recipient");
    row("bits that are not used", header + share + "\n" + share.substr(1) + "B\n" + mac,
        "a recipient is not canonical base64");
    row("padding", header + share + "\n" + share + "=\n" + mac, "not canonical base64");
    row("no MAC", header + share + body + "---\n", "its MAC is missing");
    row("a MAC that is short", header + share + body + "--- AAAA\n", "its MAC is not canonical");
    row("too many recipients",
        "age-encryption.org/v1\n" + QString("-> x\n\n").repeated(300).toStdString() + mac,
        "it has too many recipients");
    row("a passphrase", "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18" + body + mac,
        "it is encrypted with a passphrase (scrypt), which nobody is there to type");
    row("a passphrase beside others",
        "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 18" + body + "-> X25519 " + share +
            body + mac,
        "a passphrase beside other recipients");
    row("a key of SSH", kDataForSsh, "it is encrypted for keys of SSH");
    row("a kind of its own", "age-encryption.org/v1\n-> other" + body + mac,
        "a kind of recipient that is not supported");
    row("no end of the armor", good.substr(0, good.find("-----END")), "it has no end");
    row("something before the armor", "x\n" + good, "it is not a file of age");
    row("something after the armor", good + "x", "something follows its end");
    row("armor of another kind", replaced(good, "AGE ENCRYPTED FILE", "CERTIFICATE"),
        "it begins with another line");
    row("an empty line in the armor", replaced(good, "\nVlNy", "\n\nVlNy"), "a line is empty");
    row("a line of another length", replaced(good, "\nVlNy", "VlNy"),
        "a line is empty or too long");
    row("a short line", replaced(good, "VlNy", "VlNy\n"), "a line before the last is short");
    row("a space in the armor", replaced(good, "VlNy", "VlN "), "a line is not canonical base64");
    row("empty armor", "-----BEGIN AGE ENCRYPTED FILE-----\n-----END AGE ENCRYPTED FILE-----\n",
        "it holds nothing");
  }

  void refuses() {
    QFETCH(QString, file);
    QFETCH(QString, message);
    const QString result = opened(file.toStdString());
    QVERIFY2(result.contains(message), qPrintable(result));
  }

  void saysThatTheKeysAreOthers() {
    const auto content = decryptAge(binaryData(), keys(kSecondKey));
    QVERIFY(absl::IsFailedPrecondition(content.status()));
    QCOMPARE(opened(binaryData(), kSecondKey),
             "it is encrypted for other keys of age than those given");
  }

  void everyDamageIsAnError() {
    const std::string file = binaryData();
    flipAndCut(file);
    const Identities identities = keys(kFirstKey);
    for (const std::size_t more : {1, 16, 17, 65536, 65552, 70000}) {
      QVERIFY(!decryptAge(file + std::string(more, '\0'), identities).ok());
    }
  }

  void everyDamageOfArmorIsAnError() {
    const std::string file = QByteArray(kDataKeyForBoth).trimmed().toStdString();
    flipAndCut(file);
  }

  void readsKeys() {
    const auto identities = Identities::parse(
        "# created: today\r\n\n" + std::string(kFirstKey) + "\r\n# another\n" + kSecondKey,
        "keys.txt");
    QVERIFY(identities.ok());
    QCOMPARE(identities->all().size(), 2u);
    QCOMPARE(identities->all()[0]->recipient, kFirstRecipient);
    QCOMPARE(identities->all()[1]->recipient, kSecondRecipient);
  }

  void refusesKeys_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("message");
    const QString key = kFirstKey;
    const auto row = [](const char* name, const QString& text, const char* message) {
      QTest::newRow(name) << text << message;
    };
    const char* mistyped =
        "keys.txt:1: not a key of age; it was cut off or mistyped if it begins "
        "with AGE-SECRET-KEY-1";
    row("nothing", "# only a comment\n", "keys.txt: no key in it; make one with age-keygen");
    row("a recipient", kFirstRecipient,
        "keys.txt:1: a recipient, which encrypts; put in the key that begins with "
        "AGE-SECRET-KEY-1");
    row("a sign that is wrong", QString(key).replace(20, 1, key[20] == 'Q' ? "P" : "Q"), mistyped);
    row("two that are exchanged", QString(key).replace(18, 2, QString(key[19]) + key[18]),
        mistyped);
    row("cut off", key.chopped(1), mistyped);
    row("in lower case", key.toLower(), mistyped);
    row("in mixed case", key.chopped(1) + key.back().toLower(), mistyped);
    row("a blank before it", " " + key, mistyped);
    row("a short key", QString::fromStdString(encodeBech32("short", "age-secret-key-")).toUpper(),
        mistyped);
    row("in the second line", "\nAGE-SECRET-KEY-1",
        "keys.txt:2: not a key of age; it was cut off "
        "or mistyped if it begins with AGE-SECRET-KEY-1");
    row("a plugin", "AGE-PLUGIN-YUBIKEY-1QQQQ",
        "keys.txt:1: a key of a plugin; no programs are run, use a key of age-keygen");
    row("SSH", "-----BEGIN OPENSSH PRIVATE KEY-----",
        "keys.txt:1: a key of SSH or another program; use one of age-keygen");
    row("a passphrase", "-----BEGIN AGE ENCRYPTED FILE-----",
        "keys.txt:1: a key with a passphrase, which nobody is there to type");
  }

  void refusesKeys() {
    QFETCH(QString, text);
    QFETCH(QString, message);
    const auto identities = Identities::parse(text.toStdString(), "keys.txt");
    QVERIFY(!identities.ok());
    QCOMPARE(QString::fromStdString(std::string(identities.status().message())), message);
  }

  void bech32_follows_its_examples_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("prefix");
    QTest::addColumn<bool>("valid");
    // BIP 173.
    QTest::newRow("empty") << "A12UEL5L" << "a" << true;
    QTest::newRow("zeros") << "11" + QString("q").repeated(82) + "c8247j" << "1" << true;
    QTest::newRow("a wrong sign") << "A12UEL5M" << "a" << false;
    QTest::newRow("another prefix") << "A12UEL5L" << "b" << false;
    QTest::newRow("no data") << "1qzzfhee" << "a" << false;
    QTest::newRow("a sign that is none") << "x1b4n0q5v" << "x" << false;
  }

  void bech32_follows_its_examples() {
    QFETCH(QString, text);
    QFETCH(QString, prefix);
    QFETCH(bool, valid);
    QCOMPARE(decodeBech32(text.toStdString(), prefix.toStdString()).has_value(), valid);
  }
};

QTEST_GUILESS_MAIN(TstAge)
#include "tst_age.moc"
