// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QTimer>
#include <QVariantMap>
#include <string>

#include "app/client/live_cache.h"

namespace gantry::desktop {

/// Comments that somebody has begun and not sent: each kept under the plan and the digest that it
/// is about, past the end of the program. Of many the newest ones. GUI thread.
class CommentDrafts {
 public:
  /// `context`: names the cluster.
  explicit CommentDrafts(const std::string& context);
  /// Writes what is not written yet.
  ~CommentDrafts();

  static QString idOf(const client::Key& plan, const std::string& digest);

  /// Empty: there is none.
  QString find(const QString& id) const;
  /// An empty text is none. Written to disk a moment later.
  void put(const QString& id, const QString& text);
  void drop(const QString& id) { put(id, {}); }

 private:
  void write();

  const QString group_;
  /// Id → the text and when it was typed, in ms since 1970.
  QVariantMap drafts_;
  QTimer timer_;
};

}  // namespace gantry::desktop
