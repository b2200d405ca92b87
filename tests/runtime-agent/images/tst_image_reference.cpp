// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/images/image_reference.h"

#include <QTest>

using namespace gantry::agent;

namespace {
const std::string kDigest = "sha256:" + std::string(64, 'a');
}

class TstImageReference : public QObject {
  Q_OBJECT

 private slots:
  void normalises_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("normal");
    const auto row = [](const char* name, std::string text, std::string normal) {
      QTest::newRow(name) << std::move(text) << std::move(normal);
    };
    row("a bare name is an official image, latest", "nginx", "docker.io/library/nginx:latest");
    row("a tag is kept", "nginx:1.25", "docker.io/library/nginx:1.25");
    row("a user's repository is on docker.io", "acme/web:1", "docker.io/acme/web:1");
    row("a dot in the first part makes it a registry", "ghcr.io/acme/web",
        "ghcr.io/acme/web:latest");
    row("a port in the first part makes it a registry", "reg:5000/web:2", "reg:5000/web:2");
    row("localhost is a registry", "localhost/web", "localhost/web:latest");
    row("a digest needs no tag", "nginx@" + kDigest, "docker.io/library/nginx@" + kDigest);
    row("tag and digest are both kept", "nginx:1@" + kDigest,
        "docker.io/library/nginx:1@" + kDigest);
    row("the old name of docker.io", "index.docker.io/nginx:1", "docker.io/library/nginx:1");
    row("a deep path", "reg.example/a/b/c_d:e", "reg.example/a/b/c_d:e");
  }
  void normalises() {
    QFETCH(std::string, text);
    QFETCH(std::string, normal);
    const auto image = parseImage(text);
    QVERIFY2(image.ok(), std::string(image.status().message()).c_str());
    QCOMPARE(formatImage(*image), normal);
    // What is normal already stays as it is.
    QCOMPARE(*parseImage(normal), *image);
  }

  void refuses_data() {
    QTest::addColumn<std::string>("text");
    QTest::addColumn<std::string>("reason");
    const auto row = [](const char* name, std::string text, std::string reason) {
      QTest::newRow(name) << std::move(text) << std::move(reason);
    };
    row("nothing", "", "empty");
    row("capitals in the repository", "acme/Web", "lower-case");
    row("a scheme", "https://reg/web", "registry");
    row("a short digest", "nginx@sha256:abc", "digest");
    row("an empty tag", "nginx:", "tag");
    row("a tag with a space", "nginx:a b", "tag");
    row("a path that climbs", "reg.example/../web", "repository");
    row("an option", "--all", "repository");
    row("a line break", "nginx\n", "repository");
    row("far too long", std::string(600, 'a'), "too long");
  }
  void refuses() {
    QFETCH(std::string, text);
    QFETCH(std::string, reason);
    const auto image = parseImage(text);
    QVERIFY(absl::IsInvalidArgument(image.status()));
    QVERIFY2(image.status().message().find(reason) != std::string::npos,
             std::string(image.status().message()).c_str());
  }
};

QTEST_GUILESS_MAIN(TstImageReference)
#include "tst_image_reference.moc"
