// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/command_palette.h"

#include <QKeyEvent>
#include <QPainter>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <algorithm>
#include <array>

#include "app/desktop/theme.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr std::size_t kShown = 50;
constexpr int kNoteRole = Qt::UserRole + 1;
constexpr int kToneRole = Qt::UserRole + 2;

constexpr std::array kSearched = {client::Kind::kApplication, client::Kind::kDeployment,
                                  client::Kind::kJob,         client::Kind::kPod,
                                  client::Kind::kService,     client::Kind::kNode,
                                  client::Kind::kPlan,        client::Kind::kPodDisruptionBudget};

/// Exact before beginning before inside; -1: not found.
int rankOf(const QString& name, const QString& text) {
  if (text.isEmpty()) return 3;
  if (name.compare(text, Qt::CaseInsensitive) == 0) return 0;
  const auto at = name.indexOf(text, 0, Qt::CaseInsensitive);
  return at < 0 ? -1 : at == 0 ? 1 : 2;
}

models::Tone toneOf(const api::Object& object) {
  switch (object.object_case()) {
    case client::Kind::kPod:
      return models::podHealth(object.pod()).tone;
    case client::Kind::kDeployment:
      return models::deploymentHealth(object.deployment()).tone;
    case client::Kind::kJob:
      return models::jobHealth(object.job()).tone;
    case client::Kind::kNode:
      return models::nodeHealth(object.node()).tone;
    case client::Kind::kApplication:
      return models::applicationTone(object.application());
    default:
      return models::Tone::kNeutral;
  }
}

class HitDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected) painter->fillRect(option.rect, option.palette.color(QPalette::Highlight));
    const QRect area = option.rect.adjusted(12, 0, -12, 0);
    const auto tone = static_cast<models::Tone>(index.data(kToneRole).toInt());
    const QColor strong =
        option.palette.color(selected ? QPalette::HighlightedText : QPalette::Text);
    painter->setPen(selected ? strong : theme::tone(tone));
    painter->drawText(area, Qt::AlignVCenter, models::toneMark(tone));
    painter->setPen(strong);
    const QString note = index.data(kNoteRole).toString();
    const int noteWidth = option.fontMetrics.horizontalAdvance(note) + 16;
    const QRect title = area.adjusted(22, 0, -noteWidth, 0);
    painter->drawText(
        title, Qt::AlignVCenter,
        option.fontMetrics.elidedText(index.data().toString(), Qt::ElideMiddle, title.width()));
    painter->setPen(selected ? strong : theme::muted());
    painter->drawText(area, Qt::AlignVCenter | Qt::AlignRight, note);
  }
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const override {
    return {200, option.fontMetrics.height() + 12};
  }
};

}  // namespace

CommandPalette::CommandPalette(Session& session, Navigator& navigator, QWidget* parent)
    : QDialog(parent, Qt::Popup | Qt::FramelessWindowHint),
      session_(session),
      navigator_(navigator),
      input_(new QLineEdit),
      list_(new QListWidget) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(8, 8, 8, 8);
  input_->setPlaceholderText(QStringLiteral("Objects    > commands    # commits    :kind name"));
  input_->setAccessibleName(QStringLiteral("Search"));
  QFont font = input_->font();
  font.setPointSizeF(font.pointSizeF() * 1.2);
  input_->setFont(font);
  input_->installEventFilter(this);
  layout->addWidget(input_);
  list_->setItemDelegate(new HitDelegate(list_));
  list_->setFrameShape(QFrame::NoFrame);
  list_->setFocusPolicy(Qt::NoFocus);
  list_->setUniformItemSizes(true);
  layout->addWidget(list_);
  resize(640, 440);
  connect(input_, &QLineEdit::textChanged, this, &CommandPalette::search);
  connect(list_, &QListWidget::itemClicked, this, &QDialog::accept);
  constexpr std::array kPlaces = {"Overview", "Changes",   "Rollouts",
                                  "History",  "Workloads", "Nodes"};
  for (int i = 0; i < int(kPlaces.size()); ++i) {
    addCommand(QStringLiteral("Go to %1").arg(QString::fromLatin1(kPlaces[std::size_t(i)])),
               QStringLiteral("Ctrl+%1").arg(i + 1), [this, i] { navigator_.open(Place(i)); });
  }
}

void CommandPalette::addCommand(const QString& title, const QString& keys,
                                std::function<void()> run) {
  commands_.push_back({.title = title, .note = keys, .run = std::move(run)});
}

void CommandPalette::run() {
  search({});
  const QWidget* window = parentWidget();
  move(window->mapToGlobal(QPoint((window->width() - width()) / 2, 48)));
  input_->setFocus();
  if (exec() != QDialog::Accepted) return;
  const int row = list_->currentRow();
  if (row >= 0 && row < int(hits_.size())) hits_[std::size_t(row)].run();
}

void CommandPalette::findCommands(const QString& text, std::vector<Hit>& hits) const {
  for (Hit hit : commands_) {
    hit.rank = rankOf(hit.title, text);
    if (hit.rank >= 0) hits.push_back(std::move(hit));
  }
}

void CommandPalette::findObjects(const QString& kindWord, const QString& text,
                                 std::vector<Hit>& hits) const {
  for (const client::Kind kind : kSearched) {
    const QString kindText = models::qs(client::kindName(kind));
    if (!kindText.startsWith(kindWord, Qt::CaseInsensitive)) continue;
    for (const auto& [key, object] : session_.cache().table(kind)) {
      const int rank = rankOf(models::qs(key.name), text);
      if (rank < 0) continue;
      const models::Tone tone = toneOf(*object);
      const bool unwell = tone == models::Tone::kBad || tone == models::Tone::kWarning;
      hits.push_back(
          {.title = key.ns.empty() ? models::qs(key.name) : models::qs(key.ns + "/" + key.name),
           .note = kindText,
           .tone = tone,
           .run = [this, kind, key = key] { navigator_.openObject(kind, key); },
           .rank = rank * 2 + (unwell ? 0 : 1)});
    }
  }
}

void CommandPalette::findCommits(const QString& text, std::vector<Hit>& hits) const {
  for (const auto& [key, object] : session_.cache().table(client::Kind::kHistoryEntry)) {
    const api::HistoryEntry& entry = object->history_entry();
    const QString title = models::describeRevision(entry.revision());
    if (!title.contains(text, Qt::CaseInsensitive)) continue;
    hits.push_back(
        {.title = title, .note = models::qs(entry.application()), .run = [this, key = key] {
           navigator_.open(Place::kHistory, client::Kind::kHistoryEntry, key);
         }});
  }
}

void CommandPalette::search(const QString& typed) {
  hits_.clear();
  const QString text = typed.mid(1).trimmed();
  if (typed.startsWith('>')) {
    findCommands(text, hits_);
  } else if (typed.startsWith('#')) {
    findCommits(text, hits_);
  } else if (typed.startsWith(':')) {
    findObjects(text.section(' ', 0, 0), text.section(' ', 1), hits_);
  } else {
    if (!typed.isEmpty()) findObjects({}, typed.trimmed(), hits_);
    findCommands(typed.trimmed(), hits_);
  }
  const auto better = [](const Hit& a, const Hit& b) {
    return std::tie(a.rank, a.title) < std::tie(b.rank, b.title);
  };
  const std::size_t shown = std::min(kShown, hits_.size());
  if (!typed.isEmpty()) {
    std::partial_sort(hits_.begin(), hits_.begin() + std::ptrdiff_t(shown), hits_.end(), better);
  }
  list_->clear();
  for (std::size_t i = 0; i < shown; ++i) {
    auto* item = new QListWidgetItem(hits_[i].title, list_);
    item->setData(kNoteRole, hits_[i].note);
    item->setData(kToneRole, int(hits_[i].tone));
  }
  list_->setCurrentRow(0);
}

bool CommandPalette::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::KeyPress) {
    const int key = static_cast<QKeyEvent*>(event)->key();
    if (key == Qt::Key_Down || key == Qt::Key_Up) {
      const int step = key == Qt::Key_Down ? 1 : -1;
      list_->setCurrentRow(
          std::clamp(list_->currentRow() + step, 0, std::max(0, list_->count() - 1)));
      return true;
    }
    if (key == Qt::Key_Return || key == Qt::Key_Enter) {
      accept();
      return true;
    }
  }
  return QDialog::eventFilter(watched, event);
}

}  // namespace gantry::desktop
