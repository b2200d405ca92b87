// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QScrollArea>

#include "app/desktop/session.h"

class QVBoxLayout;

namespace gantry::desktop {

/// What a plan waits for, beside its diff: the gates and why they are closed, who has approved in
/// which roles and until when and who is still missing, the policies that it would loosen, in which
/// order it is applied and how far that is, where its pods would go, and the commits that are in it
/// with their authors.
class ReviewPanel : public QScrollArea {
  Q_OBJECT

 public:
  explicit ReviewPanel(QWidget* parent = nullptr);

  void setPlan(const api::Plan& plan);

 private:
  void addSection(const QString& title);
  void addLine(const QString& text, models::Tone tone = models::Tone::kNeutral);
  void addNote(const QString& text);
  void addGates(const api::Plan& plan);
  void addApprovals(const api::Plan& plan);
  void addLoosened(const api::Plan& plan);
  void addOrder(const api::Plan& plan);
  void addPods(const api::PlanEffect& effect);
  void addCommits(const api::Plan& plan);

  QVBoxLayout* lines_;
  std::string shown_;
};

}  // namespace gantry::desktop
