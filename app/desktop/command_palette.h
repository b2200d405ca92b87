// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QDialog>
#include <QLineEdit>
#include <QListWidget>
#include <functional>

#include "app/desktop/navigator.h"
#include "app/desktop/session.h"

namespace gantry::desktop {

/// Ctrl+K: finds objects, places and commands by what they contain. ">" limits to commands, "#" to
/// commits, ":" to a kind (":pod web").
class CommandPalette : public QDialog {
  Q_OBJECT

 public:
  CommandPalette(Session& session, Navigator& navigator, QWidget* parent);

  void addCommand(const QString& title, const QString& keys, std::function<void()> run);

  /// Shows it, and runs what was chosen.
  void run();

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  struct Hit {
    QString title;
    QString note;
    models::Tone tone = models::Tone::kNeutral;
    std::function<void()> run;
    /// Smaller is better.
    int rank = 0;
  };

  void search(const QString& text);
  void findCommands(const QString& text, std::vector<Hit>& hits) const;
  void findObjects(const QString& kindWord, const QString& text, std::vector<Hit>& hits) const;
  void findCommits(const QString& text, std::vector<Hit>& hits) const;

  Session& session_;
  Navigator& navigator_;
  QLineEdit* input_;
  QListWidget* list_;
  std::vector<Hit> commands_;
  std::vector<Hit> hits_;
};

}  // namespace gantry::desktop
