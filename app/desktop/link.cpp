// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/link.h"

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

client::Kind kindAt(const QString& place) {
  if (place == QLatin1String("plans")) return client::Kind::kPlan;
  if (place == QLatin1String("applications")) return client::Kind::kApplication;
  return client::Kind::OBJECT_NOT_SET;
}

}  // namespace

std::optional<Link> parseLink(const QString& text) {
  if (text.size() > kLongestLink) return std::nullopt;
  const QUrl url(text, QUrl::StrictMode);
  if (!url.isValid() || url.scheme() != QLatin1String("gantry") || url.hasQuery() ||
      url.hasFragment()) {
    return std::nullopt;
  }
  const client::Kind kind = kindAt(url.host());
  if (kind == client::Kind::OBJECT_NOT_SET) return std::nullopt;
  const QStringList parts = url.path().split('/');
  if (parts.size() != 3 || !parts[0].isEmpty() || parts[1].isEmpty() || parts[2].isEmpty()) {
    return std::nullopt;
  }
  return Link{kind, {parts[1].toStdString(), parts[2].toStdString()}};
}

std::optional<Link> whereToOpen(const client::LiveCache& cache, const Link& link) {
  const client::ObjectPtr found = cache.find(link.kind, link.key);
  const bool isPlan = link.kind == client::Kind::kPlan;
  if (isPlan && (found == nullptr || !client::isOpen(found->plan()))) {
    for (const auto& [key, entry] : cache.table(client::Kind::kHistoryEntry)) {
      if (key.ns == link.key.ns && entry->history_entry().plan() == link.key.name) {
        return Link{client::Kind::kHistoryEntry, key};
      }
    }
  }
  return found == nullptr ? std::nullopt : std::optional(link);
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

bool LinkListener::handOn(const QString& text, const QString& name) {
  QLocalSocket socket;
  socket.connectToServer(name);
  if (!socket.waitForConnected(kPatienceMs)) return false;
  socket.write(text.toUtf8());
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
      const auto link = parseLink(QString::fromUtf8(socket->readAll()));
      socket->deleteLater();
      if (link) emit opened(*link);
    });
  }
}

}  // namespace gantry::desktop
