// SPDX-License-Identifier: Apache-2.0
#include <QApplication>
#include <QCommandLineParser>
#include <QMessageBox>
#include <QQuickWindow>
#include <QSettings>
#include <cstdio>

#include "app/client/context.h"
#include "app/desktop/link.h"
#include "app/desktop/main_window.h"
#include "app/desktop/session.h"
#include "app/desktop/theme.h"

using namespace gantry;

namespace {

/// Where there is a terminal the error is read there; where there is none, in a box.
int fail(const QString& message) {
  std::fprintf(stderr, "gantry-desktop: %s\n", qPrintable(message));
  QMessageBox box(QMessageBox::Critical, QStringLiteral("Gantry"), {}, QMessageBox::Close);
  box.setTextFormat(Qt::PlainText);
  box.setText(message);
  box.exec();
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  QCoreApplication::setOrganizationName(QStringLiteral("gantry"));
  QCoreApplication::setApplicationName(QStringLiteral("gantry-desktop"));
  QCoreApplication::setApplicationVersion(QStringLiteral(GANTRY_VERSION));
  // The two pages in QML are lists and blocks: drawn in software they cost no GL context, which is
  // more memory than all the rest, and they look the same over a remote desktop.
  QQuickWindow::setGraphicsApi(QSGRendererInterface::Software);
  QApplication application(argc, argv);
  desktop::theme::apply(static_cast<desktop::theme::Scheme>(QSettings().value("theme", 0).toInt()));

  QCommandLineParser parser;
  parser.setApplicationDescription(QStringLiteral("The control plane of Gantry on your desk"));
  parser.addHelpOption();
  parser.addVersionOption();
  const QCommandLineOption context(
      QStringLiteral("context"),
      QStringLiteral("The context to use (default: the file's current one)"),
      QStringLiteral("name"));
  const QCommandLineOption file(
      QStringLiteral("context-file"),
      QStringLiteral("The context file (default: $GANTRY_CONFIG or ~/.config/gantry/config.yaml)"),
      QStringLiteral("file"));
  // For tests/bench: how long a start takes is measured from outside.
  QCommandLineOption firstFrame(QStringLiteral("quit-after-first-frame"));
  firstFrame.setFlags(QCommandLineOption::HiddenFromHelp);
  parser.addOptions({context, file, firstFrame});
  parser.addPositionalArgument(
      QStringLiteral("link"),
      QStringLiteral("gantry://plans/NAMESPACE/PLAN or gantry://applications/NAMESPACE/NAME: opens "
                     "it, in the window that is there unless a context is named"),
      QStringLiteral("[link]"));
  parser.process(application);
  std::optional<desktop::Link> link;
  if (const QStringList links = parser.positionalArguments(); !links.isEmpty()) {
    link = desktop::parseLink(links.first());
    if (!link || links.size() > 1) {
      return fail(QStringLiteral("\"%1\" leads nowhere; write gantry://plans/NAMESPACE/PLAN or "
                                 "gantry://applications/NAMESPACE/NAME")
                      .arg(links.join(' ')));
    }
    const bool anyWindow = !parser.isSet(context) && !parser.isSet(file);
    if (anyWindow && desktop::LinkListener::handOn(links.first())) return 0;
  }

  const absl::StatusOr<client::Context> resolved =
      client::resolveContext(parser.value(context).toStdString(), parser.value(file).toStdString());
  if (!resolved.ok()) return fail(QString::fromStdString(std::string(resolved.status().message())));

  desktop::Session session(*resolved);
  desktop::MainWindow window(session);
  if (parser.isSet(firstFrame)) {
    QObject::connect(&window, &desktop::MainWindow::firstFrame, &application,
                     &QCoreApplication::quit, Qt::QueuedConnection);
  }
  desktop::LinkListener listener;
  QObject::connect(&listener, &desktop::LinkListener::opened, &window,
                   &desktop::MainWindow::openLink);
  if (link) window.openLink(*link);
  window.show();
  session.start();
  return QApplication::exec();
}
