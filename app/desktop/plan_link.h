// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLocalServer>
#include <QString>
#include <optional>

#include "app/client/live_cache.h"

namespace gantry::desktop {

/// The plan that "gantry://plans/NAMESPACE/PLAN" names; nothing for any other text. The names are
/// not looked at: a plan that is not there is not found.
std::optional<client::Key> parsePlanLink(const QString& link);

/// Where an ended plan is looked at: its line of the history, if it was applied; else itself.
std::pair<client::Kind, client::Key> whereToOpen(const client::LiveCache& cache,
                                                 const client::Key& plan);

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

  /// Hands `link` to the program that listens; false if there is none.
  static bool handOn(const QString& link, const QString& name = defaultName());

 signals:
  void opened(const gantry::client::Key& plan);

 private:
  void take();

  QLocalServer server_;
};

}  // namespace gantry::desktop
