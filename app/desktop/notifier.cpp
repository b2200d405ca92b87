// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/notifier.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QPushButton>
#include <QSettings>
#include <QSystemTrayIcon>
#include <QVBoxLayout>
#include <chrono>
#include <utility>

#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {
namespace {

using namespace std::chrono_literals;

constexpr char kSetting[] = "notifications";
constexpr int kMostToasts = 4;
constexpr int kToastWidth = 340;
constexpr int kBelowHeader = 46;
constexpr auto kToastStays = 20s;

}  // namespace

Notifier::Notifier(Session& session, Navigator& navigator, QWidget& window)
    : QObject(&window),
      session_(session),
      navigator_(navigator),
      window_(window),
      toasts_(new QWidget(&window)),
      rows_(new QVBoxLayout(toasts_)),
      on_(QSettings().value(kSetting, true).toBool()) {
  rows_->setContentsMargins(0, 0, 0, 0);
  rows_->setSpacing(6);
  toasts_->setFixedWidth(kToastWidth);
  toasts_->hide();
  toasts_->installEventFilter(this);
  window.installEventFilter(this);
  if (QSystemTrayIcon::isSystemTrayAvailable() && QSystemTrayIcon::supportsMessages()) {
    tray_ = new QSystemTrayIcon(window.windowIcon(), this);
    tray_->setToolTip(window.windowTitle());
    tray_->show();
    connect(tray_, &QSystemTrayIcon::messageClicked, this, &Notifier::openClicked);
    connect(tray_, &QSystemTrayIcon::activated, this, [this] {
      window_.show();
      window_.activateWindow();
    });
  }
  timer_.setSingleShot(true);
  timer_.setInterval(500ms);
  connect(&timer_, &QTimer::timeout, this, &Notifier::look);
  connect(&session, &Session::updated, this, [this] {
    if (!timer_.isActive()) timer_.start();
  });
}

void Notifier::setOn(bool on) {
  on_ = on;
  QSettings().setValue(kSetting, on);
  if (!on) toasts_->hide();
}

void Notifier::look() {
  // Before it is known who looks, and all is here, everything would be new.
  const std::string& identity = session_.serverInfo().identity();
  if (identity.empty() || !session_.cache().hasSnapshot()) return;
  const auto& roles = session_.serverInfo().roles();
  const bool mayApprove = std::ranges::any_of(
      roles, [](const std::string& role) { return role == "approver" || role == "admin"; });
  const std::vector<models::Notice> notices =
      finder_.look(session_.cache(), identity, mayApprove,
                   std::chrono::floor<base::Duration>(std::chrono::system_clock::now()));
  for (const models::Notice& notice : notices) add(notice);
}

void Notifier::add(const models::Notice& notice) {
  session_.notices().add(notice);
  if (on_) tell(notice);
}

void Notifier::tell(const models::Notice& notice) {
  if (tray_ == nullptr) return addToast(notice);
  told_.push_back(notice);
  const bool bad = notice.tone == models::Tone::kBad;
  tray_->showMessage(QStringLiteral("%1: %2").arg(session_.clusterName(), notice.title),
                     notice.text, bad ? QSystemTrayIcon::Critical : QSystemTrayIcon::Information);
}

void Notifier::addToast(const models::Notice& notice) {
  auto* toast = new QFrame;
  toast->setObjectName(QStringLiteral("toast"));
  toast->setStyleSheet(
      QStringLiteral("#toast { background: %1; border: 1px solid %2; border-left: 4px solid %2; "
                     "border-radius: 4px; }")
          .arg(toasts_->palette().color(QPalette::Base).name(), theme::tone(notice.tone).name()));
  auto* layout = new QVBoxLayout(toast);
  layout->setContentsMargins(10, 8, 8, 8);
  QLabel* title = plainLabel(models::toneMark(notice.tone) + ' ' + notice.title, true);
  QFont strong = title->font();
  strong.setWeight(QFont::DemiBold);
  title->setFont(strong);
  title->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Maximum);
  layout->addWidget(title);
  const auto button = [toast](const QString& text) {
    auto* made = new QPushButton(text);
    made->setAutoDefault(false);
    made->setFocusPolicy(Qt::TabFocus);
    connect(made, &QPushButton::clicked, toast, [toast] { toast->deleteLater(); });
    return made;
  };
  if (!notice.text.isEmpty()) layout->addWidget(plainLabel(notice.text, true));
  auto* buttons = new QHBoxLayout;
  buttons->addStretch();
  if (notice.kind != client::Kind::OBJECT_NOT_SET) {
    QPushButton* show = button(QStringLiteral("Open"));
    connect(show, &QPushButton::clicked, this, [this, notice] { open(notice); });
    buttons->addWidget(show);
  }
  buttons->addWidget(button(QStringLiteral("Dismiss")));
  layout->addLayout(buttons);
  rows_->addWidget(toast);
  if (rows_->count() > kMostToasts) rows_->itemAt(0)->widget()->deleteLater();
  QTimer::singleShot(kToastStays, toast, [toast] { toast->deleteLater(); });
  toasts_->show();
}

void Notifier::placeToasts() {
  toasts_->setVisible(rows_->count() > 0);
  // Not adjustSize(): that asks for the height of another width than they have.
  toasts_->resize(kToastWidth, rows_->hasHeightForWidth() ? rows_->totalHeightForWidth(kToastWidth)
                                                          : rows_->totalSizeHint().height());
  // Below the header: the buttons that decide are at the bottom.
  toasts_->move(window_.width() - toasts_->width() - 16, kBelowHeader);
  toasts_->raise();
}

bool Notifier::eventFilter(QObject* watched, QEvent* event) {
  // One comes or goes, and only now is it known how high it is.
  const bool isChanged = watched == toasts_ && event->type() == QEvent::LayoutRequest;
  const bool isMoved = watched == &window_ && event->type() == QEvent::Resize;
  if (isChanged || (isMoved && toasts_->isVisible())) placeToasts();
  if (watched == &window_ && event->type() == QEvent::WindowActivate) told_.clear();
  return QObject::eventFilter(watched, event);
}

void Notifier::openClicked() {
  const std::vector<models::Notice> told = std::exchange(told_, {});
  if (told.size() == 1) return open(told.front());
  open({});
  emit logWanted();
}

void Notifier::open(const models::Notice& notice) {
  window_.show();
  window_.raise();
  window_.activateWindow();
  if (notice.kind != client::Kind::OBJECT_NOT_SET) {
    navigator_.openObject(notice.kind, notice.key);
  }
}

}  // namespace gantry::desktop
