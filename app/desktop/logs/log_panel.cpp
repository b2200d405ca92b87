// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/logs/log_panel.h"

#include <QApplication>
#include <QClipboard>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QPainter>
#include <QSaveFile>
#include <QScrollBar>
#include <QShortcut>
#include <QStyledItemDelegate>
#include <QVBoxLayout>
#include <QWheelEvent>
#include <algorithm>
#include <array>
#include <mutex>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr int kTailLines = 2000;
constexpr int kPodWidth = 16;

QColor podColor(int number) {
  static constexpr std::array<QRgb, 6> kLight = {0x0b62c4, 0x1a7f37, 0x8f5e00,
                                                 0x8250df, 0xa0307a, 0x0f6e78};
  static constexpr std::array<QRgb, 6> kDark = {0x6cb0ff, 0x4cc466, 0xe0ab3a,
                                                0xc297ff, 0xf08ac0, 0x56c8d4};
  return QColor((theme::isDark() ? kDark : kLight)[std::size_t(number) % 6]);
}

/// Enough of a pod's name to tell it from its siblings: the ends that were made for it.
QString shortPod(const QString& pod) {
  return pod.section('-', -2).right(kPodWidth);
}

QString lineText(const QModelIndex& index) {
  return index.data(LogModel::TimeRole).toString() + ' ' +
         index.data(LogModel::PodRole).toString() + ' ' + index.data().toString();
}

class LogDelegate final : public QStyledItemDelegate {
 public:
  using QStyledItemDelegate::QStyledItemDelegate;

  void paint(QPainter* painter, const QStyleOptionViewItem& option,
             const QModelIndex& index) const override {
    const QPalette& palette = option.palette;
    const bool selected = option.state.testFlag(QStyle::State_Selected);
    if (selected) painter->fillRect(option.rect, palette.color(QPalette::Highlight));
    const auto ink = [&](const QColor& color) {
      painter->setPen(selected ? palette.color(QPalette::HighlightedText) : color);
    };
    painter->setFont(option.font);
    QRect area = option.rect.adjusted(8, 0, -4, 0);
    if (index.data(LogModel::NoticeRole).toBool()) {
      ink(theme::tone(models::Tone::kWarning));
      painter->drawText(area, Qt::AlignVCenter,
                        QStringLiteral("── ") + index.data().toString() + QStringLiteral(" ──"));
      return;
    }
    const auto column = [&](const QString& text, int characters, const QColor& color) {
      ink(color);
      painter->drawText(area, Qt::AlignVCenter, text);
      area.setLeft(area.left() + option.fontMetrics.horizontalAdvance('0') * (characters + 1));
    };
    column(index.data(LogModel::TimeRole).toString(), 12, theme::muted());
    column(shortPod(index.data(LogModel::PodRole).toString()), kPodWidth,
           podColor(index.data(LogModel::PodNumberRole).toInt()));
    ink(palette.color(QPalette::Text));
    if (index.data(LogModel::StderrRole).toBool()) {
      painter->fillRect(QRect(area.left() - 5, area.top(), 2, area.height()),
                        theme::tone(models::Tone::kBad));
    }
    painter->drawText(area, Qt::AlignVCenter | Qt::TextSingleLine, index.data().toString());
  }

  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override {
    const int characters = 14 + kPodWidth + int(index.data().toString().size());
    return {characters * option.fontMetrics.horizontalAdvance('0'),
            option.fontMetrics.height() + 2};
  }
};

}  // namespace

/// Where the transport's thread leaves lines; taken once a frame.
struct LogPanel::Inbox {
  std::mutex mutex;
  std::vector<api::LogLines> lines;
  bool posted = false;
  quint64 generation = 0;
  /// GUI thread only.
  LogPanel* panel = nullptr;
};

LogPanel::LogPanel(Session& session)
    : session_(session),
      title_(plainLabel(QStringLiteral("Press L on a workload to see its logs"))),
      since_(new QComboBox),
      previous_(new QCheckBox(QStringLiteral("before last restart"))),
      filter_(new QLineEdit),
      pause_(new QPushButton),
      state_(mutedLabel({})),
      view_(new QListView),
      inbox_(std::make_shared<Inbox>()) {
  inbox_->panel = this;
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 4, 0, 0);
  layout->setSpacing(4);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(10, 0, 10, 0);
  for (const auto& [text, minutes] : {std::pair("all kept", 0), std::pair("since 5 min", 5),
                                      std::pair("since 1 h", 60), std::pair("since 1 day", 1440)}) {
    since_->addItem(QString::fromLatin1(text), minutes);
  }
  filter_->setPlaceholderText(QStringLiteral("contains"));
  filter_->setClearButtonEnabled(true);
  filter_->setAccessibleName(QStringLiteral("Filter of log lines"));
  title_->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* save = new QPushButton(QStringLiteral("Save…"));
  top->addWidget(title_, 1);
  top->addWidget(state_);
  for (QWidget* widget :
       std::initializer_list<QWidget*>{since_, previous_, filter_, pause_, save}) {
    top->addWidget(widget);
  }
  layout->addLayout(top);

  filtered_.setSourceModel(&model_);
  filtered_.setFilterCaseSensitivity(Qt::CaseInsensitive);
  view_->setModel(&filtered_);
  view_->setItemDelegate(new LogDelegate(view_));
  view_->setUniformItemSizes(true);
  view_->setSelectionMode(QAbstractItemView::ExtendedSelection);
  view_->setFont(theme::codeFont());
  view_->setFrameShape(QFrame::NoFrame);
  view_->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  view_->setAccessibleName(QStringLiteral("Log lines"));
  view_->viewport()->installEventFilter(this);
  layout->addWidget(view_, 1);

  connect(since_, &QComboBox::activated, this, &LogPanel::restart);
  connect(previous_, &QCheckBox::clicked, this, &LogPanel::restart);
  connect(filter_, &QLineEdit::textChanged, &filtered_,
          &QSortFilterProxyModel::setFilterFixedString);
  connect(pause_, &QPushButton::clicked, this, [this] {
    if (following_) {
      following_ = false;
      refreshState();
    } else {
      follow();
    }
  });
  connect(view_->verticalScrollBar(), &QScrollBar::actionTriggered, this, [this](int action) {
    if (action == QScrollBar::SliderMove || action == QScrollBar::SliderSingleStepSub ||
        action == QScrollBar::SliderPageStepSub) {
      following_ = false;
      refreshState();
    }
  });
  auto* end = new QShortcut(Qt::Key_End, view_);
  end->setContext(Qt::WidgetShortcut);
  connect(end, &QShortcut::activated, this, &LogPanel::follow);
  auto* copy = new QShortcut(QKeySequence::Copy, view_);
  copy->setContext(Qt::WidgetShortcut);
  connect(copy, &QShortcut::activated, this, [this] {
    QStringList lines;
    QModelIndexList rows = view_->selectionModel()->selectedRows();
    std::sort(rows.begin(), rows.end());
    for (const QModelIndex& row : rows) lines << lineText(row);
    QApplication::clipboard()->setText(lines.join('\n'));
  });
  connect(save, &QPushButton::clicked, this, [this] {
    const QString name = QFileDialog::getSaveFileName(this, QStringLiteral("Save the log"));
    QSaveFile file(name);
    if (name.isEmpty() || !file.open(QIODevice::WriteOnly | QIODevice::Text)) return;
    for (int row = 0; row < filtered_.rowCount(); ++row) {
      file.write(lineText(filtered_.index(row, 0)).toUtf8() + '\n');
    }
    file.commit();
  });
  retry_.setSingleShot(true);
  retry_.setInterval(2000);
  connect(&retry_, &QTimer::timeout, this, [this] { open(lastTimeNs_ / 1'000'000 + 1); });
  refreshState();
}

LogPanel::~LogPanel() {
  stream_.reset();
  inbox_->panel = nullptr;
}

void LogPanel::showPods(const QString& ns, const QStringList& pods, bool previous) {
  ns_ = ns;
  pods_ = pods;
  previous_->setChecked(previous);
  restart();
  view_->setFocus();
}

void LogPanel::restart() {
  if (pods_.isEmpty()) return;
  model_.clear();
  lastTimeNs_ = 0;
  title_->setText(
      pods_.size() == 1
          ? QStringLiteral("%1/%2").arg(ns_, pods_.front())
          : QStringLiteral("%1 pods of %2: %3").arg(pods_.size()).arg(ns_, pods_.join(", ")));
  title_->setToolTip(pods_.join('\n'));
  const int minutes = since_->currentData().toInt();
  open(minutes == 0 ? 0 : models::nowMs() - minutes * 60'000LL);
  follow();
}

void LogPanel::open(qint64 sinceMs) {
  stream_.reset();
  const quint64 generation = ++generation_;
  {
    const std::lock_guard lock(inbox_->mutex);
    inbox_->lines.clear();
    inbox_->generation = generation;
  }
  api::LogsRequest request;
  request.set_namespace_(ns_.toStdString());
  for (const QString& pod : pods_) request.add_pods(pod.toStdString());
  request.set_follow(!previous_->isChecked());
  request.set_previous(previous_->isChecked());
  request.set_since_ms(sinceMs);
  request.set_tail_lines(sinceMs == 0 ? kTailLines : -1);
  client::StreamHandlers<api::LogLines> handlers;
  QtExecutor& executor = session_.executor();
  handlers.onMessage = [inbox = inbox_, generation, &executor](api::LogLines&& lines) {
    const std::lock_guard lock(inbox->mutex);
    if (inbox->generation != generation) return;
    inbox->lines.push_back(std::move(lines));
    if (std::exchange(inbox->posted, true)) return;
    executor.postAfter(base::Duration(16), [inbox] {
      if (inbox->panel != nullptr) inbox->panel->takeLines();
    });
  };
  handlers.onEnd = [inbox = inbox_, generation, &executor](const absl::Status& status) {
    executor.post([inbox, generation, status] {
      if (inbox->panel != nullptr) inbox->panel->onEnd(generation, status);
    });
  };
  stream_ = session_.connection().logs(request, std::move(handlers));
}

void LogPanel::takeLines() {
  std::vector<api::LogLines> lines;
  {
    const std::lock_guard lock(inbox_->mutex);
    lines.swap(inbox_->lines);
    inbox_->posted = false;
  }
  for (const api::LogLines& batch : lines) {
    model_.append(batch);
    newLines_ += batch.lines_size();
    for (const api::LogLine& line : batch.lines()) {
      lastTimeNs_ = std::max<qint64>(lastTimeNs_, line.time_ns());
    }
  }
  if (following_) follow();
  refreshState();
}

void LogPanel::onEnd(quint64 generation, const absl::Status& status) {
  if (generation != generation_) return;
  takeLines();
  stream_.reset();
  if (status.ok()) {
    model_.appendNotice(QStringLiteral("end of the log"));
  } else {
    model_.appendNotice(models::qs(std::string(status.message())));
    // The link may come back; a request that is wrong stays wrong.
    if (status.code() == absl::StatusCode::kUnavailable) retry_.start();
  }
  if (following_) follow();
}

void LogPanel::follow() {
  following_ = true;
  newLines_ = 0;
  view_->scrollToBottom();
  refreshState();
}

void LogPanel::refreshState() {
  pause_->setText(following_ ? QStringLiteral("Pause")
                             : QStringLiteral("▼ %1 new, follow (End)").arg(newLines_));
  QString text = models::counted(model_.rowCount(), QStringLiteral("line"));
  if (model_.dropped() > 0) text += QStringLiteral(" · %1 left out ▲").arg(model_.dropped());
  state_->setText(text);
}

bool LogPanel::eventFilter(QObject* watched, QEvent* event) {
  if (event->type() == QEvent::Wheel && static_cast<QWheelEvent*>(event)->angleDelta().y() > 0) {
    following_ = false;
    refreshState();
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace gantry::desktop
