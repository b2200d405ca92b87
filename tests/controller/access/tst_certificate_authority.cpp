// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

#include "base/file.h"
#include "base/openssl.h"
#include "controller/access/certificate_authority.h"

using namespace gantry;
using namespace gantry::access;

namespace {

const base::Timestamp kNow = base::fromUnixMs(1'767'225'600'000);

std::string makeRequest(EVP_PKEY* subject, EVP_PKEY* signer) {
  const base::RequestPtr request(X509_REQ_new());
  X509_NAME* name = X509_REQ_get_subject_name(request.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("root"), -1, -1, 0);
  X509_REQ_set_pubkey(request.get(), subject);
  X509_REQ_sign(request.get(), signer, EVP_sha256());
  return base::toPem(request.get());
}

bool isSignedBy(const std::string& certificate, const std::string& authority) {
  const auto subject = base::certificateFromPem(certificate);
  const auto issuer = base::certificateFromPem(authority);
  return X509_verify(subject->get(), X509_get0_pubkey(issuer->get())) == 1;
}

bool names(const std::string& certificate, const char* host) {
  const auto subject = base::certificateFromPem(certificate);
  return X509_check_host(subject->get(), host, 0, 0, nullptr) == 1 ||
         X509_check_ip_asc(subject->get(), host, 0) == 1;
}

}  // namespace

class TstCertificateAuthority : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    directory_ = std::make_unique<QTemporaryDir>();
    path_ = directory_->path().toStdString();
    auto opened = CertificateAuthority::open(path_, kNow);
    QVERIFY2(opened.ok(), opened.status().ToString().c_str());
    authority_ = *std::move(opened);
  }

  void isTheSameAfterARestart() {
    const auto again = CertificateAuthority::open(path_, kNow + std::chrono::hours(1));
    QCOMPARE((*again)->certificate(), authority_->certificate());
    QCOMPARE((*again)->certificateHash().size(), std::size_t(64));
  }

  void keepsItsKeyFromOthers() {
    struct stat info{};
    QCOMPARE(::stat((path_ / "ca.pem").c_str(), &info), 0);
    QCOMPARE(info.st_mode & 0777u, 0600u);
  }

  void refusesADamagedFileInsteadOfMakingANewAuthority() {
    QVERIFY(base::writeFileAtomically(path_ / "ca.pem", authority_->certificate()).ok());
    const auto again = CertificateAuthority::open(path_, kNow);
    QCOMPARE(again.status().code(), absl::StatusCode::kDataLoss);
  }

  void namesTheServerAsAsked() {
    const auto server = authority_->issueServer({"localhost", "127.0.0.1", "::1"}, kNow);
    QVERIFY(server.ok());
    QVERIFY(isSignedBy(server->certificate, authority_->certificate()));
    QVERIFY(names(server->certificate, "localhost"));
    QVERIFY(names(server->certificate, "127.0.0.1"));
    QVERIFY(names(server->certificate, "::1"));
    QVERIFY(!names(server->certificate, "example.com"));
    QVERIFY(server->certificate.ends_with(authority_->certificate()));
  }

  void refusesServerNamesThatAreMoreThanNames() {
    const auto server = authority_->issueServer({"a,IP:10.0.0.1"}, kNow);
    QCOMPARE(server.status().code(), absl::StatusCode::kInvalidArgument);
  }

  void writesIdentityAndRoleIntoCertificates_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<int>("role");
    QTest::newRow("a viewer") << "ana" << int(Role::kViewer);
    QTest::newRow("an approver with a dotted name") << "ana.lopez" << int(Role::kApprover);
    QTest::newRow("an admin") << "admin" << int(Role::kAdmin);
    QTest::newRow("an agent") << "worker-1.example.com" << int(Role::kAgent);
  }
  void writesIdentityAndRoleIntoCertificates() {
    QFETCH(QString, name);
    QFETCH(int, role);
    const Identity identity{name.toStdString(), static_cast<Role>(role)};
    const auto credentials = authority_->issueClient(identity, kPersonValidity, kNow);
    QVERIFY2(credentials.ok(), credentials.status().ToString().c_str());
    QVERIFY(isSignedBy(credentials->certificate, authority_->certificate()));
    QCOMPARE(*identityOf(credentials->certificate, kNow), identity);
    const auto certificate = base::certificateFromPem(credentials->certificate);
    const auto key = base::keyFromPem(credentials->key);
    QCOMPARE(X509_check_private_key(certificate->get(), key->get()), 1);
  }

  void refusesNamesThatCouldBeTakenForOthers_data() {
    QTest::addColumn<QString>("name");
    QTest::newRow("empty") << "";
    QTest::newRow("a person called like a node") << "node:n1";
    QTest::newRow("upper case") << "Ana";
    QTest::newRow("a path") << "../ana";
    QTest::newRow("longer than a subject holds") << QString(59, 'a');
  }
  void refusesNamesThatCouldBeTakenForOthers() {
    QFETCH(QString, name);
    const auto issued =
        authority_->issueClient({name.toStdString(), Role::kViewer}, kPersonValidity, kNow);
    QCOMPARE(issued.status().code(), absl::StatusCode::kInvalidArgument);
  }

  void signsTheKeyOfARequestButNotItsSubject() {
    const base::KeyPtr key = base::newKey();
    const auto certificate = authority_->sign(makeRequest(key.get(), key.get()),
                                              {"n1", Role::kAgent}, kNodeValidity, kNow);
    QVERIFY2(certificate.ok(), certificate.status().ToString().c_str());
    QCOMPARE(*identityOf(*certificate, kNow), (Identity{"n1", Role::kAgent}));
    QCOMPARE(X509_check_private_key(base::certificateFromPem(*certificate)->get(), key.get()), 1);
  }

  void refusesARequestForAKeyThatTheAskerDoesNotHold() {
    const base::KeyPtr mine = base::newKey();
    const base::KeyPtr other = base::newKey();
    const auto certificate = authority_->sign(makeRequest(other.get(), mine.get()),
                                              {"n1", Role::kAgent}, kNodeValidity, kNow);
    QCOMPARE(certificate.status().code(), absl::StatusCode::kInvalidArgument);
    QCOMPARE(
        authority_->sign("nonsense", {"n1", Role::kAgent}, kNodeValidity, kNow).status().code(),
        absl::StatusCode::kInvalidArgument);
  }

  void doesNotKnowTheHolderOfAnExpiredCertificate() {
    const auto credentials =
        authority_->issueClient({"ana", Role::kViewer}, std::chrono::hours(1), kNow);
    QVERIFY(identityOf(credentials->certificate, kNow + std::chrono::minutes(59)).ok());
    const auto late = identityOf(credentials->certificate, kNow + std::chrono::minutes(61));
    QCOMPARE(late.status().code(), absl::StatusCode::kUnauthenticated);
  }

  void doesNotTakeTheServerForAPerson() {
    const auto server = authority_->issueServer({"localhost"}, kNow);
    QCOMPARE(identityOf(server->certificate, kNow).status().code(),
             absl::StatusCode::kUnauthenticated);
  }

 private:
  std::unique_ptr<QTemporaryDir> directory_;
  std::filesystem::path path_;
  std::unique_ptr<CertificateAuthority> authority_;
};

QTEST_GUILESS_MAIN(TstCertificateAuthority)
#include "tst_certificate_authority.moc"
