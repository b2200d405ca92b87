// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/shortcuts.h"

#include <QGridLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <array>

#include "app/desktop/diff/code_highlighter.h"
#include "app/desktop/widgets/labels.h"

namespace gantry::desktop {
namespace {

struct Shortcut {
  const char* keys;
  const char* what;
};
constexpr std::array kShortcuts = {
    Shortcut{"Ctrl+1 … 6", "The six places"},
    Shortcut{"Ctrl+K", "Search objects and commands"},
    Shortcut{"/", "Filter what is shown"},
    Shortcut{"Esc", "Clear the filter"},
    Shortcut{"Enter", "Open what is selected"},
    Shortcut{"L, Shift+L", "Logs; logs before the last restart"},
    Shortcut{"End", "Follow the log again"},
    Shortcut{"D", "Diff side by side or inline"},
    Shortcut{"N, P", "Next, previous change in a diff"},
    Shortcut{"[ , ]", "Previous, next object of a plan"},
    Shortcut{"V", "Mark an object of a plan as viewed"},
    Shortcut{"Ctrl+click", "Select a second cell of the matrix"},
    Shortcut{"Space", "Pause or resume a rollout"},
    Shortcut{"I", "Inspector"},
    Shortcut{"Ctrl+J", "Dock: logs, events, activity, notices"},
    Shortcut{"F5", "Resync with the controller"},
    Shortcut{"Ctrl+Shift+R", "Lock or unlock changes"},
    Shortcut{"Ctrl+C, Ctrl+Shift+C", "Copy a cell or a diff, a row"},
    Shortcut{"?", "This page"},
};

}  // namespace

ShortcutsDialog::ShortcutsDialog(QWidget* parent) : QDialog(parent) {
  setWindowTitle(QStringLiteral("Keyboard shortcuts"));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(24, 20, 24, 16);
  layout->setSpacing(14);
  layout->addWidget(headline(windowTitle()));
  auto* grid = new QGridLayout;
  grid->setHorizontalSpacing(28);
  grid->setVerticalSpacing(6);
  constexpr int kRows = (int(kShortcuts.size()) + 1) / 2;
  for (int i = 0; i < int(kShortcuts.size()); ++i) {
    const Shortcut& shortcut = kShortcuts[std::size_t(i)];
    grid->addWidget(toneBadge(QString::fromUtf8(shortcut.keys), models::Tone::kNeutral), i % kRows,
                    i / kRows * 2);
    grid->addWidget(plainLabel(QString::fromUtf8(shortcut.what)), i % kRows, i / kRows * 2 + 1);
  }
  layout->addLayout(grid);
  layout->addWidget(
      mutedLabel(QStringLiteral("Gantry %1 · Qt %2 · YAML colours: %3")
                     .arg(QStringLiteral(GANTRY_VERSION), QString::fromLatin1(qVersion()),
                          CodeHighlighter::engine())));
  auto* close = new QPushButton(QStringLiteral("Close"));
  connect(close, &QPushButton::clicked, this, &QDialog::accept);
  layout->addWidget(close, 0, Qt::AlignRight);
}

}  // namespace gantry::desktop
