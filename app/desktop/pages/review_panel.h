// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QScrollArea>

#include "app/desktop/session.h"

class QVBoxLayout;

namespace gantry::desktop {

/// What a plan waits for, beside its diff: the gates and why they are closed, who has approved in
/// which roles and until when and who is still missing, the commits that are in it with their
/// authors, and the waves while it is applied.
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
  void addCommits(const api::Plan& plan);
  void addWaves(const api::Plan& plan);

  QVBoxLayout* lines_;
  std::string shown_;
};

}  // namespace gantry::desktop
