// SPDX-License-Identifier: Apache-2.0
// Holds the house together: which folder may include which, what the pure folders may not touch,
// and where third-party headers belong. docs/architecture.md draws the same arrows.
#include <QDirIterator>
#include <QFile>
#include <QRegularExpression>
#include <QTest>
#include <map>

namespace {

const QString kRoot = QStringLiteral(GANTRY_SOURCE_DIR);

/// For each part of the house, the parts that it may include besides itself. A part is the longest
/// of these names that a file's path begins with.
const std::map<QString, QStringList>& arrows() {
  static const QString api = "controller/api", model = "controller/model",
                       store = "controller/store", audit = "controller/audit";
  static const std::map<QString, QStringList> all = {
      {"base", {}},
      {"manifests", {"base"}},
      {"gitsync", {"base"}},
      {"controller/api", {"base", "manifests"}},
      {"controller/audit", {"base", "manifests", api}},
      {"controller/store", {"base"}},
      {"controller/model", {"base", "manifests", api, store}},
      {"controller/workloads", {"base", "manifests", api, model}},
      {"controller/scheduler", {"base", "manifests", api, model}},
      {"controller/network", {"base", "manifests", api, model, "controller/workloads"}},
      {"controller/nodes",
       {"base", "manifests", api, model, "controller/scheduler", "controller/workloads",
        "controller/network"}},
      {"controller/delivery",
       {"base", "manifests", "gitsync", api, audit, model, "controller/scheduler",
        "controller/workloads"}},
      {"controller/access", {"base", "manifests", api, store}},
      {"controller/webhooks", {"base", "gitsync"}},
      {"controller/notify", {"base", "manifests", api, model}},
      {"controller/sender", {"base", "controller/notify"}},
      {"controller/loops",
       {"base", "manifests", "gitsync", api, audit, model, store, "controller/workloads",
        "controller/scheduler", "controller/network", "controller/nodes", "controller/delivery",
        "controller/webhooks", "controller/notify"}},
      {"controller/server", {"base", "manifests", "gitsync", "controller", "app/client/context.h"}},
      {"controller/main.cpp",
       {"base", "manifests", "gitsync", "controller", "app/client/context.h"}},
      {"runtime-agent", {"base", "manifests", api}},
      {"app/client", {"base", "manifests", api}},
      {"app/models", {"base", "manifests", api, "app/client"}},
      {"app/cli", {"base", "manifests", "gitsync", api, audit, "app/client"}},
      {"app/desktop", {"base", "manifests", api, audit, "app/client", "app/models"}},
  };
  return all;
}

/// Folders, and parts of folders, that are functions: no clock, thread, chance, log or file of
/// their own. Of the agent's pods, what decides; pods/agent carries it out.
const QStringList kPure = {
    "manifests/",
    "controller/audit/",
    "controller/workloads/",
    "controller/scheduler/",
    "controller/network/",
    "controller/delivery/",
    "controller/nodes/",
    "controller/webhooks/",
    "controller/notify/",
    "runtime-agent/pods/planner",
    "runtime-agent/pods/observe",
    "runtime-agent/pods/pod_status",
    "runtime-agent/pods/container_spec",
    "runtime-agent/pods/environment",
    "runtime-agent/pods/service_environment",
    "runtime-agent/pods/restart_backoff",
};

struct Source {
  QString path;  // relative to the root
  QStringList lines;
};

QList<Source> readSources(const QStringList& folders, const QStringList& patterns) {
  QList<Source> sources;
  for (const QString& folder : folders) {
    QDirIterator it(kRoot + "/" + folder, patterns, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
      QFile file(it.next());
      if (!file.open(QIODevice::ReadOnly)) qFatal("cannot read %s", qPrintable(file.fileName()));
      sources.append({QDir(kRoot).relativeFilePath(file.fileName()),
                      QString::fromUtf8(file.readAll()).split('\n')});
    }
  }
  return sources;
}

const QStringList kHouse = {"base", "manifests", "gitsync", "controller", "runtime-agent", "app"};

QList<Source> house() {
  return readSources(kHouse, {"*.h", "*.cpp"});
}

QString partOf(const QString& path) {
  QString best;
  for (const auto& [part, allowed] : arrows()) {
    if ((path == part || path.startsWith(part + "/")) && part.size() > best.size()) best = part;
  }
  return best;
}

bool mayInclude(const QString& part, const QString& header) {
  if (header.startsWith(part + "/")) return true;
  const QStringList allowed = arrows().at(part);
  return std::any_of(allowed.begin(), allowed.end(), [&](const QString& other) {
    return header == other || header.startsWith(other + "/");
  });
}

}  // namespace

class TstLayering : public QObject {
  Q_OBJECT

 private slots:
  void arrowsPointDown() {
    static const QRegularExpression include("^#include \"([^\"]+)\"");
    QStringList wrong;
    for (const Source& source : house()) {
      const QString part = partOf(source.path);
      if (part.isEmpty()) wrong << source.path + " is in no part of the house";
      for (const QString& line : source.lines) {
        const auto match = include.match(line);
        if (part.isEmpty() || !match.hasMatch()) continue;
        const QString header = match.captured(1);
        const bool ours = kHouse.contains(header.section('/', 0, 0));
        if (ours && !mayInclude(part, header)) wrong << source.path + " includes " + header;
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
  }

  void pureFoldersTouchNothing() {
    static const QRegularExpression impure(
        "_clock::now\\(|\\bsleep(_for|_until)?\\(|std::j?thread|std::mutex|random_device|"
        "\\brand\\(|mt19937|base/log\\.h|base/file\\.h|base/loop_executor\\.h|<iostream>|<fstream>|"
        "\\btime\\(nullptr\\)");
    QStringList wrong;
    for (const Source& source : house()) {
      const bool pure = std::any_of(kPure.begin(), kPure.end(), [&](const QString& folder) {
        return source.path.startsWith(folder);
      });
      if (!pure) continue;
      for (const QString& line : source.lines) {
        if (impure.match(line).hasMatch()) wrong << source.path + ": " + line.trimmed();
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
  }

  void thirdPartyHeadersStayWhereTheyBelong_data() {
    QTest::addColumn<QString>("pattern");
    QTest::addColumn<QStringList>("places");
    QTest::newRow("libgit2") << R"(<git2)" << QStringList{"gitsync/libgit2.h"};
    QTest::newRow("gRPC") << "<grpc|\\.grpc\\.pb\\.h"
                          << QStringList{"controller/server/", "controller/main.cpp",
                                         "runtime-agent/cri/", "runtime-agent/session/",
                                         "app/client/"};
    QTest::newRow("Qt") << R"(#include <Q[A-Z])" << QStringList{"app/models/", "app/desktop/"};
    QTest::newRow("SQLite") << R"(<sqlite3)" << QStringList{"controller/store/"};
    QTest::newRow("nftables") << R"(<nftables)" << QStringList{"runtime-agent/network/"};
    QTest::newRow("YAML") << R"(<yaml-cpp)"
                          << QStringList{"manifests/decode/", "app/client/",
                                         "gitsync/credentials.cpp"};
    QTest::newRow("HTTP") << R"(<httplib)"
                          << QStringList{"controller/server/", "runtime-agent/probes/"};
    QTest::newRow("libcurl") << R"(<curl/)"
                             << QStringList{"base/curl_loop", "controller/sender/",
                                            "runtime-agent/probes/"};
    QTest::newRow("command line") << R"(<CLI/)" << QStringList{"app/cli/",
                                                               "app/desktop/",
                                                               "controller/main.cpp",
                                                               "controller/server/",
                                                               "runtime-agent/main.cpp",
                                                               "runtime-agent/node/"};
  }
  void thirdPartyHeadersStayWhereTheyBelong() {
    QFETCH(QString, pattern);
    QFETCH(QStringList, places);
    const QRegularExpression expression(pattern);
    QStringList wrong;
    for (const Source& source : house()) {
      const bool allowed = std::any_of(places.begin(), places.end(), [&](const QString& place) {
        return source.path.startsWith(place);
      });
      for (const QString& line : source.lines) {
        if (!allowed && line.startsWith("#include") && expression.match(line).hasMatch()) {
          wrong << source.path + ": " + line;
        }
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
  }

  void publicHeadersAreFreeOfTransport() {
    QStringList wrong;
    for (const Source& source : readSources({"app/client", "gitsync", "runtime-agent"}, {"*.h"})) {
      const bool insides = source.path.startsWith("runtime-agent/cri/") ||
                           source.path.startsWith("runtime-agent/session/");
      for (const QString& line : source.lines) {
        if (!insides && line.contains(QRegularExpression("\\.grpc\\.pb\\.h|<grpcpp"))) {
          wrong << source.path + ": " + line;
        }
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
  }

  void everyFileSaysItsLicence() {
    QStringList wrong;
    for (const Source& source :
         readSources(kHouse + QStringList{"tests", "qml", "installers", "resources"},
                     {"*.h", "*.cpp", "*.proto", "*.qml", "*.sh", "CMakeLists.txt", "*.cmake"})) {
      const QString top = source.lines.mid(0, 3).join('\n');
      if (!top.contains("SPDX-License-Identifier: Apache-2.0")) wrong << source.path;
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
  }

  void nothingIsPromisedInAComment() {
    static const QRegularExpression promise(R"(\b(TODO|FIXME|XXX|HACK)\b)");
    QStringList wrong;
    for (const Source& source : house()) {
      for (const QString& line : source.lines) {
        if (promise.match(line).hasMatch()) wrong << source.path + ": " + line.trimmed();
      }
    }
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
  }
};

QTEST_GUILESS_MAIN(TstLayering)
#include "tst_layering.moc"
