// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>
#include <QLineEdit>
#include <set>

#include "app/desktop/pages/comment_drafts.h"
#include "app/desktop/widgets/gated_button.h"

namespace gantry::desktop {

/// What may be decided about the plan above: a comment, and the buttons to approve, reject,
/// override and sync. A request is for the plan that was on screen when it was asked for, its
/// commit and digest; if that has moved on while a dialog was open, nothing is sent. An answer is
/// shown with the plan that it is for, or not at all; Activity has them all. What was typed is kept
/// as a draft until it was sent.
class DecisionBar : public QWidget {
  Q_OBJECT

 public:
  explicit DecisionBar(Session& session);

  /// `objection`: why nothing may be decided about it now, in a few words, which stand on the
  /// button; empty: nothing is against it.
  void setPlan(const client::ObjectPtr& plan, const QString& objection);

  /// Takes the comment along to the plan that took the place of the one on screen.
  void setSuccessor(const client::ObjectPtr& plan);

 private:
  void showPlan(const client::ObjectPtr& plan, const QString& draft);
  void refresh();
  void refreshApprove();
  void refreshReject();
  void refreshOverride();
  void refreshSync();
  void approve();
  void reject();
  void override();
  void sync();

  const api::Plan& plan() const { return plan_->plan(); }
  bool mayBeSynced() const;
  bool isCommented() const { return !comment_->text().trimmed().isEmpty(); }
  QString whyNotApprove() const;
  /// What speaks against every decision now.
  QString objection() const;
  /// The plan is as it was when somebody was asked; else says that it is not.
  bool isUnchanged(const client::ObjectPtr& asked);
  void showAnswer(const QString& id, const absl::Status& status, const QString& done);
  void forgetComment(const QString& id);
  /// `withComment`: the comment goes along, and is done with once it has arrived.
  template <class Request, class Response>
  void send(const QString& what, const client::ObjectPtr& asked,
            void (client::Connection::*method)(Request, client::Callback<Response>),
            Request request, std::function<QString(const Response&)> done,
            bool withComment = false);

  Session& session_;
  CommentDrafts drafts_;
  client::ObjectPtr plan_;
  /// Of the plan and its digest: drafts, requests and answers go by it.
  QString id_;
  QString outer_;
  /// What an answer is waited for.
  std::set<QString> sent_;
  QLabel* note_;
  QLabel* answer_;
  QLineEdit* comment_;
  GatedButton* sync_;
  GatedButton* override_;
  GatedButton* reject_;
  GatedButton* approve_;
};

}  // namespace gantry::desktop
