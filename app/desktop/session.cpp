// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/session.h"

#include <QTime>
#include <algorithm>

#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using client::Freshness;
using models::qs;
using namespace std::chrono_literals;

models::Columns columnsOf(client::Kind kind, Session& session) {
  using enum api::Object::ObjectCase;
  switch (kind) {
    case kPod:
      return models::podColumns();
    case kDeployment:
      return models::deploymentColumns();
    case kJob:
      return models::jobColumns();
    case kService:
      return models::serviceColumns(session.cache());
    case kNode:
      return models::nodeColumns(session.nodeLoad());
    case kEvent:
      return models::eventColumns();
    case kPlan:
      return models::planColumns();
    case kHistoryEntry:
      return models::historyColumns();
    case kAuditRecord:
      return models::auditColumns();
    case kPodDisruptionBudget:
      return models::disruptionBudgetColumns();
    default:
      return models::applicationColumns();
  }
}

QString seconds(base::Duration age) {
  if (age < 10s) return QStringLiteral("%1 s").arg(double(age.count()) / 1000, 0, 'f', 1);
  const qint64 total = age.count() / 1000;
  return QStringLiteral("%1:%2")
      .arg(total / 60, 2, 10, QLatin1Char('0'))
      .arg(total % 60, 2, 10, QLatin1Char('0'));
}

QString roleWord(Role role) {
  switch (role) {
    case Role::kOperator:
      return QStringLiteral("operator");
    case Role::kApprover:
      return QStringLiteral("approver");
    case Role::kAdmin:
      return QStringLiteral("admin");
    default:
      return QStringLiteral("viewer");
  }
}

}  // namespace

Session::Session(client::Context context, std::unique_ptr<client::Connection> connection)
    : context_(std::move(context)),
      connection_(connection ? std::move(connection) : client::connect(context_)),
      feed_(std::make_unique<client::LiveFeed>(executor_, *connection_)),
      readOnly_(opensLocked()) {
  feed_->setOnUpdate([this] {
    emit updated();
    checkFreshness();
  });
  connect(&freshnessTimer_, &QTimer::timeout, this, &Session::checkFreshness);
  relockTimer_.setSingleShot(true);
  connect(&relockTimer_, &QTimer::timeout, this, [this] { setReadOnly(true); });
}

Session::~Session() {
  feed_->setOnUpdate(nullptr);
  tables_.clear();
  nodeLoad_.reset();
  feed_.reset();
  connection_.reset();
}

void Session::start() {
  feed_->start();
  freshnessTimer_.start(250);
}

models::NodeLoad& Session::nodeLoad() {
  if (!nodeLoad_) nodeLoad_ = std::make_unique<models::NodeLoad>(cache());
  return *nodeLoad_;
}

models::ObjectTable& Session::table(client::Kind kind) {
  std::unique_ptr<models::ObjectTable>& table = tables_[kind];
  if (!table) {
    table = std::make_unique<models::ObjectTable>(cache(), kind, columnsOf(kind, *this));
  }
  return *table;
}

QString Session::freshnessText() const {
  const client::FreshnessReport report = freshness();
  const QString last =
      QTime::currentTime().addMSecs(-int(report.age.count())).toString(QStringLiteral("HH:mm:ss"));
  switch (report.state) {
    case Freshness::kLive:
      return QStringLiteral("● LIVE %1").arg(seconds(report.age));
    case Freshness::kLagging:
      return QStringLiteral("◐ LAGGING %1").arg(seconds(report.age));
    case Freshness::kStale:
      return QStringLiteral("▲ STALE %1 – reconnecting (%2)")
          .arg(seconds(report.age))
          .arg(std::max(1, report.attempts));
    case Freshness::kOffline:
      return QStringLiteral("■ OFFLINE – snapshot of %1").arg(last);
    case Freshness::kResync:
      return QStringLiteral("↻ RESYNC %1 %").arg(report.progress);
    case Freshness::kConnecting:
      break;
  }
  return report.attempts > 1 ? QStringLiteral("◌ CONNECTING (%1)").arg(report.attempts)
                             : QStringLiteral("◌ CONNECTING");
}

QString Session::clusterName() const {
  return serverInfo_.cluster().empty() ? qs(context_.name) : qs(serverInfo_.cluster());
}

QString Session::identityText() const {
  if (serverInfo_.identity().empty()) return QStringLiteral("you: not known yet");
  // Each role may what those before it may.
  const QString role =
      serverInfo_.roles().empty() ? QStringLiteral("none") : qs(*serverInfo_.roles().rbegin());
  return QStringLiteral("you: %1, role %2").arg(qs(serverInfo_.identity()), role);
}

QString Session::blockedReason(Role role) const {
  const client::FreshnessReport report = freshness();
  if (!report.isLive()) {
    return QStringLiteral("Not possible now: %1. What is shown may have changed meanwhile")
        .arg(freshnessText());
  }
  if (role == Role::kViewer) return {};
  if (readOnly_) {
    return QStringLiteral("%1 is read-only here. Unlock it with Ctrl+Shift+R").arg(clusterName());
  }
  const auto has = [this](const char* wanted) {
    return std::ranges::find(serverInfo_.roles(), wanted) != serverInfo_.roles().end();
  };
  if (has("admin") || has(roleWord(role).toUtf8())) return {};
  return QStringLiteral("Needs the role %1; %2").arg(roleWord(role), identityText());
}

void Session::setReadOnly(bool readOnly) {
  readOnly_ = readOnly;
  if (!readOnly && opensLocked()) {
    relockTimer_.start(15min);
  } else {
    relockTimer_.stop();
  }
  emit gateChanged();
}

void Session::askServerInfo() {
  if (askingServerInfo_) return;
  askingServerInfo_ = true;
  query<api::GetServerInfoRequest, api::ServerInfo>(
      &client::Connection::getServerInfo, {}, this,
      [this](const absl::StatusOr<api::ServerInfo>& info) {
        askingServerInfo_ = false;
        if (!info.ok()) return;
        serverInfo_ = *info;
        emit serverInfoChanged();
        emit gateChanged();
      });
}

void Session::checkFreshness() {
  const Freshness state = freshness().state;
  if (state != lastState_) {
    lastState_ = state;
    emit gateChanged();
  }
  if (state == Freshness::kLive && serverInfo_.identity().empty()) askServerInfo();
  if (QString text = freshnessText(); text != shownFreshness_) {
    shownFreshness_ = std::move(text);
    emit freshnessChanged();
  }
}

}  // namespace gantry::desktop
