// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/comment_drafts.h"

#include <QSettings>
#include <algorithm>

#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr int kMostDrafts = 50;
constexpr int kWriteAfterMs = 500;

qint64 typedAt(const QVariant& draft) {
  return draft.toList().value(1).toLongLong();
}

}  // namespace

CommentDrafts::CommentDrafts(const std::string& context)
    : group_(QStringLiteral("drafts/") + models::qs(context)),
      drafts_(QSettings().value(group_).toMap()) {
  timer_.setSingleShot(true);
  timer_.setInterval(kWriteAfterMs);
  QObject::connect(&timer_, &QTimer::timeout, &timer_, [this] { write(); });
}

CommentDrafts::~CommentDrafts() {
  if (timer_.isActive()) write();
}

QString CommentDrafts::idOf(const client::Key& plan, const std::string& digest) {
  return models::qs(plan.ns + "/" + plan.name + "@" + digest);
}

QString CommentDrafts::find(const QString& id) const {
  return drafts_.value(id).toList().value(0).toString();
}

void CommentDrafts::put(const QString& id, const QString& text) {
  if (text == find(id)) return;
  if (text.isEmpty()) {
    drafts_.remove(id);
  } else {
    drafts_[id] = QVariantList{text, models::nowMs()};
  }
  if (drafts_.size() > kMostDrafts) {
    const auto oldest = std::min_element(
        drafts_.begin(), drafts_.end(),
        [](const QVariant& a, const QVariant& b) { return typedAt(a) < typedAt(b); });
    drafts_.erase(oldest);
  }
  timer_.start();
}

void CommentDrafts::write() {
  timer_.stop();
  QSettings().setValue(group_, drafts_);
}

}  // namespace gantry::desktop
