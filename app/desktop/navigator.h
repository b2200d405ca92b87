// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QStringList>

#include "app/client/live_cache.h"

namespace gantry::desktop {

/// The six places of the left bar, in order.
enum class Place { kOverview, kChanges, kRollouts, kHistory, kWorkloads, kNodes };

/// How parts of the window ask for each other without knowing each other.
class Navigator : public QObject {
  Q_OBJECT

 public:
  using QObject::QObject;

  /// Opens a place; with a key, shows that object there.
  void open(Place place, client::Kind kind = client::Kind::OBJECT_NOT_SET,
            const client::Key& key = {}) {
    emit opened(place, kind, key);
  }

  /// Opens the place where objects of a kind live.
  void openObject(client::Kind kind, const client::Key& key);

  /// Shows an object in the inspector.
  void inspect(client::Kind kind, const client::Key& key) { emit inspected(kind, key); }

  /// Shows the merged logs of pods of one namespace.
  void showLogs(const QString& ns, const QStringList& pods, bool previous = false) {
    emit logsWanted(ns, pods, previous);
  }

 signals:
  void opened(gantry::desktop::Place place, gantry::client::Kind kind,
              const gantry::client::Key& key);
  void inspected(gantry::client::Kind kind, const gantry::client::Key& key);
  void logsWanted(const QString& ns, const QStringList& pods, bool previous);
};

}  // namespace gantry::desktop
