// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLocalServer>
#include <QString>
#include <optional>

#include "app/client/live_cache.h"

namespace gantry::desktop {

/// What a link leads to: a plan or an Application.
struct Link {
  client::Kind kind;
  client::Key key;
  bool operator==(const Link&) const = default;
};

/// What "gantry://plans/NAMESPACE/PLAN" or "gantry://applications/NAMESPACE/NAME" names; nothing
/// for any other text. The names are not looked at: what is not there is not found.
std::optional<Link> parseLink(const QString& text);

/// Where that is looked at: an ended plan in its line of the history, if it was applied; all else
/// by itself. Nothing if there is none.
std::optional<Link> whereToOpen(const client::LiveCache& cache, const Link& link);

/// Takes links from programs of the same user that were started to open one, so that a click in a
/// message opens the window that is there. GUI thread.
class LinkListener : public QObject {
  Q_OBJECT

 public:
  /// The socket of this user, in a folder that is theirs alone.
  static QString defaultName();

  /// Listens under `name`; does nothing if another program does so already.
  explicit LinkListener(const QString& name = defaultName(), QObject* parent = nullptr);

  bool isListening() const { return server_.isListening(); }

  /// Hands the text of a link to the program that listens; false if there is none.
  static bool handOn(const QString& text, const QString& name = defaultName());

 signals:
  void opened(const gantry::desktop::Link& link);

 private:
  void take();

  QLocalServer server_;
};

}  // namespace gantry::desktop
