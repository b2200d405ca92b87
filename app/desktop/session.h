// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QObject>
#include <QPointer>
#include <QTimer>
#include <memory>

#include "app/client/connection.h"
#include "app/client/live_feed.h"
#include "app/desktop/activity.h"
#include "app/desktop/notice_log.h"
#include "app/desktop/qt_executor.h"
#include "app/models/node_load.h"
#include "app/models/object_table.h"

namespace gantry::desktop {

/// Who may do something; see the roles of control.proto. Admins may do everything.
enum class Role { kViewer, kOperator, kApprover, kAdmin };

/// One control plane that is looked at: the link to it, what is known of it, and what may be done
/// to it now. GUI thread.
class Session : public QObject {
  Q_OBJECT

 public:
  /// Dials `context`; tests bring a connection of their own.
  explicit Session(client::Context context,
                   std::unique_ptr<client::Connection> connection = nullptr);
  ~Session() override;

  void start();

  const client::Context& context() const { return context_; }
  client::LiveCache& cache() { return feed_->cache(); }
  ActivityModel& activity() { return activity_; }
  NoticeLog& notices() { return notices_; }
  models::NodeLoad& nodeLoad();
  client::Connection& connection() { return *connection_; }
  QtExecutor& executor() { return executor_; }

  /// The table of a kind, made when first asked for and shared by all views.
  models::ObjectTable& table(client::Kind kind);

  client::FreshnessReport freshness() const { return feed_->freshness(); }
  /// "● LIVE 0.4 s".
  QString freshnessText() const;

  /// Who the server takes us for; empty until it has said so.
  const api::ServerInfo& serverInfo() const { return serverInfo_; }
  QString clusterName() const;
  QString identityText() const;

  /// Why an action that needs `role` cannot be offered now; empty if it can.
  QString blockedReason(Role role) const;

  bool isReadOnly() const { return readOnly_; }
  /// Unlocks, in a context that opens locked for 15 minutes; or locks again.
  void setReadOnly(bool readOnly);
  /// How long it stays unlocked; -1: until somebody locks it.
  int locksAgainInMs() const { return relockTimer_.isActive() ? relockTimer_.remainingTime() : -1; }
  /// What is marked as read-only, or as production, opens so that nothing can be changed.
  bool opensLocked() const { return context_.readOnly || context_.production; }

  void resync() { feed_->resync(); }

  /// Sends a request, notes it and its answer under Activity, and hands the answer on, on this
  /// thread, unless `receiver` is gone by then. `message` makes the text for Activity.
  template <class Request, class Response>
  void call(const QString& what,
            void (client::Connection::*method)(Request, client::Callback<Response>),
            Request request, QObject* receiver,
            std::function<void(const absl::StatusOr<Response>&)> done) {
    const int number = activity_.begin(what);
    query<Request, Response>(method, std::move(request), this,
                             [this, number, guard = QPointer<QObject>(receiver),
                              done = std::move(done)](const absl::StatusOr<Response>& response) {
                               activity_.finish(number, response.status(), answerText(response));
                               if (guard) done(response);
                             });
  }

  /// The same for questions that change nothing, and are not noted.
  template <class Request, class Response>
  void query(void (client::Connection::*method)(Request, client::Callback<Response>),
             Request request, QObject* receiver,
             std::function<void(const absl::StatusOr<Response>&)> done) {
    (*connection_.*method)(std::move(request), [this, guard = QPointer<QObject>(receiver),
                                                done](absl::StatusOr<Response> response) {
      executor_.post([guard, done, response = std::move(response)] {
        if (guard) done(response);
      });
    });
  }

 signals:
  /// The chip's text may differ: several times a second at most.
  void freshnessChanged();
  /// What blockedReason says may differ.
  void gateChanged();
  /// The server told who we are.
  void serverInfoChanged();
  /// Something of the cache was applied; at most once a frame.
  void updated();

 private:
  template <class Response>
  static QString answerText(const absl::StatusOr<Response>& response) {
    if constexpr (requires { response->message(); }) {
      return response.ok() ? QString::fromStdString(response->message()) : QString();
    } else {
      return {};
    }
  }
  void askServerInfo();
  void checkFreshness();

  client::Context context_;
  QtExecutor executor_;
  std::unique_ptr<client::Connection> connection_;
  std::unique_ptr<client::LiveFeed> feed_;
  std::unique_ptr<models::NodeLoad> nodeLoad_;
  std::map<client::Kind, std::unique_ptr<models::ObjectTable>> tables_;
  ActivityModel activity_;
  NoticeLog notices_;
  api::ServerInfo serverInfo_;
  bool askingServerInfo_ = false;
  bool readOnly_ = false;
  QTimer freshnessTimer_;
  QTimer relockTimer_;
  QString shownFreshness_;
  client::Freshness lastState_ = client::Freshness::kConnecting;
};

}  // namespace gantry::desktop
