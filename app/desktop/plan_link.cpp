// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/plan_link.h"

#include <QDir>
#include <QLocalSocket>
#include <QStandardPaths>
#include <QUrl>

#include "app/client/review.h"

namespace gantry::desktop {
namespace {

/// Two names of at most 253 and what is around them.
constexpr qint64 kLongestLink = 600;
constexpr int kPatienceMs = 1000;

}  // namespace

std::optional<client::Key> parsePlanLink(const QString& link) {
  if (link.size() > kLongestLink) return std::nullopt;
  const QUrl url(link, QUrl::StrictMode);
  if (!url.isValid() || url.scheme() != QLatin1String("gantry") ||
      url.host() != QLatin1String("plans") || url.hasQuery() || url.hasFragment()) {
    return std::nullopt;
  }
  const QStringList parts = url.path().split('/');
  if (parts.size() != 3 || !parts[0].isEmpty() || parts[1].isEmpty() || parts[2].isEmpty()) {
    return std::nullopt;
  }
  return client::Key{parts[1].toStdString(), parts[2].toStdString()};
}

std::pair<client::Kind, client::Key> whereToOpen(const client::LiveCache& cache,
                                                 const client::Key& plan) {
  const client::ObjectPtr found = cache.find(client::Kind::kPlan, plan);
  const bool ended = found == nullptr || !client::isOpen(found->plan());
  for (const auto& [key, entry] : cache.table(client::Kind::kHistoryEntry)) {
    if (ended && key.ns == plan.ns && entry->history_entry().plan() == plan.name) {
      return {client::Kind::kHistoryEntry, key};
    }
  }
  return {found == nullptr ? client::Kind::OBJECT_NOT_SET : client::Kind::kPlan, plan};
}

QString LinkListener::defaultName() {
  return QDir(QStandardPaths::writableLocation(QStandardPaths::RuntimeLocation))
      .filePath(QStringLiteral("gantry-desktop"));
}

LinkListener::LinkListener(const QString& name, QObject* parent) : QObject(parent) {
  server_.setSocketOptions(QLocalServer::UserAccessOption);
  connect(&server_, &QLocalServer::newConnection, this, &LinkListener::take);
  // Asked first: to listen would take the name from the other.
  QLocalSocket other;
  other.connectToServer(name);
  if (other.waitForConnected(kPatienceMs)) return;
  // One that was killed leaves its socket behind.
  QLocalServer::removeServer(name);
  server_.listen(name);
}

bool LinkListener::handOn(const QString& link, const QString& name) {
  QLocalSocket socket;
  socket.connectToServer(name);
  if (!socket.waitForConnected(kPatienceMs)) return false;
  socket.write(link.toUtf8());
  const bool written = socket.waitForBytesWritten(kPatienceMs);
  socket.disconnectFromServer();
  return written;
}

void LinkListener::take() {
  while (QLocalSocket* socket = server_.nextPendingConnection()) {
    connect(socket, &QLocalSocket::readyRead, this, [socket] {
      if (socket->bytesAvailable() <= kLongestLink) return;
      socket->disconnect();
      socket->abort();
      socket->deleteLater();
    });
    connect(socket, &QLocalSocket::disconnected, this, [this, socket] {
      const auto plan = parsePlanLink(QString::fromUtf8(socket->readAll()));
      socket->deleteLater();
      if (plan) emit opened(*plan);
    });
  }
}

}  // namespace gantry::desktop
