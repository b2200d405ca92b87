// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/nodes_page.h"

#include <QHBoxLayout>
#include <QMessageBox>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/answer.h"
#include "app/desktop/widgets/confirm_dialog.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

using models::qs;

api::NodeRequest nodeRequest(const std::string& node, const QString& reason) {
  api::NodeRequest request;
  request.set_node(node);
  request.set_reason(reason.toStdString());
  return request;
}

QString previewText(const api::DrainPreview& preview) {
  QStringList lines;
  for (const api::PlannedPod& move : preview.moves()) {
    lines << QStringLiteral("%1  →  %2")
                 .arg(qs(move.owner()), move.node().empty() ? QStringLiteral("fits nowhere: ") +
                                                                  qs(move.explanation())
                                                            : qs(move.node()));
  }
  for (const std::string& lost : preview.lost()) {
    lines << QStringLiteral("%1  ✖  deleted, nothing replaces it").arg(qs(lost));
  }
  for (const api::DisruptionBudgetEffect& budget : preview.disruption_budgets()) {
    lines << QStringLiteral("▲ PodDisruptionBudget %1 %2: its pods go when others are Ready")
                 .arg(qs(budget.budget()), qs(budget.explanation()));
  }
  return lines.isEmpty() ? QStringLiteral("No pods to move") : lines.join('\n');
}

QString drainText(const api::DrainPreview& preview) {
  const auto homeless = std::ranges::count_if(
      preview.moves(), [](const api::PlannedPod& move) { return move.node().empty(); });
  QString text = QStringLiteral("%1 will be stopped here as others replace them elsewhere. ")
                     .arg(models::counted(preview.moves_size(), QStringLiteral("pod")));
  if (homeless > 0) {
    text += QStringLiteral("For %1 there is no room elsewhere now: the replacements wait for it. ")
                .arg(homeless == preview.moves_size() ? QStringLiteral("all of them")
                                                      : QString::number(homeless));
  }
  return text + QStringLiteral("The node stays cordoned afterwards.");
}

}  // namespace

NodesPage::NodesPage(Session& session, Navigator& navigator)
    : Page(session, navigator),
      view_(new TableView(QStringLiteral("Nodes"), session.table(client::Kind::kNode))),
      filter_(new FilterBar),
      summary_(mutedLabel({})),
      answer_(plainLabel({}, true)),
      cordon_(new GatedButton(QStringLiteral("Cordon…"), session, Role::kOperator)),
      uncordon_(new GatedButton(QStringLiteral("Uncordon…"), session, Role::kOperator)),
      drain_(new GatedButton(QStringLiteral("Drain…"), session, Role::kOperator)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 0, 0);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  top->addWidget(headline(QStringLiteral("Nodes")));
  top->addSpacing(8);
  top->addWidget(summary_);
  top->addSpacing(8);
  top->addWidget(filter_, 1);
  for (GatedButton* button : {cordon_, uncordon_, drain_}) top->addWidget(button);
  layout->addLayout(top);
  answer_->hide();
  layout->addWidget(answer_);
  layout->addWidget(view_, 1);
  view_->setFilterExample(QStringLiteral("status!=Ready  cpu>0.9"));
  filter_->setTable(view_);
  setFocusProxy(view_);
  view_->setEmptyText(
      QStringLiteral("No node has joined yet. A join token comes from: gantry join-token"));
  cordon_->setHint(QStringLiteral("No new pods go to this node; those that run stay"));
  uncordon_->setHint(QStringLiteral("Pods may go to this node again; ends a drain"));
  drain_->setHint(QStringLiteral("Moves all pods away; shows where to first"));

  connect(view_, &TableView::currentKeyChanged, this, [this] {
    refreshActions();
    if (view_->currentIndex().isValid()) {
      navigator_.inspect(client::Kind::kNode, view_->currentKey());
    }
  });
  connect(&view_->proxy(), &QAbstractItemModel::dataChanged, this, &NodesPage::refreshActions);
  connect(&session, &Session::updated, this, &NodesPage::refreshSummary);
  connect(&session.nodeLoad(), &models::NodeLoad::changed, this, [this] {
    for (const int column : {2, 3, 4}) session_.table(client::Kind::kNode).touchColumn(column);
  });
  connect(cordon_, &QPushButton::clicked, this, [this] { cordon(true); });
  connect(uncordon_, &QPushButton::clicked, this, [this] { cordon(false); });
  connect(drain_, &QPushButton::clicked, this, &NodesPage::previewDrain);
  refreshActions();
  refreshSummary();
}

void NodesPage::activate() {
  if (view_->currentIndex().isValid()) {
    navigator_.inspect(client::Kind::kNode, view_->currentKey());
  }
}

void NodesPage::reveal(client::Kind, const client::Key& key) {
  if (!key.name.empty()) view_->select(key);
}

void NodesPage::refreshActions() {
  const client::ObjectPtr node = view_->currentObject();
  const QString none = node == nullptr ? QStringLiteral("Select a node first") : QString();
  const bool closed = node != nullptr && node->node().spec().unschedulable();
  const bool draining = node != nullptr && node->node().spec().has_drain();
  cordon_->setObjection(closed ? QStringLiteral("It is cordoned already") : none);
  uncordon_->setObjection(
      node != nullptr && !closed && !draining ? QStringLiteral("It is not cordoned") : none);
  drain_->setObjection(draining ? QStringLiteral("It is being drained already") : none);
}

void NodesPage::refreshSummary() {
  int down = 0;
  const client::Table& nodes = session_.cache().table(client::Kind::kNode);
  for (const auto& [key, node] : nodes) down += models::nodeHealth(node->node()).ready ? 0 : 1;
  QString text = models::counted(qint64(nodes.size()), QStringLiteral("node"));
  if (down > 0) text += QStringLiteral(" · %1 not ready").arg(down);
  if (summary_->text() != text) summary_->setText(text);
}

void NodesPage::showAnswer(const absl::StatusOr<api::NodeResponse>& response) {
  answer_->setText(
      answerText(response.status(), response.ok() ? qs(response->message()) : QString()));
  answer_->show();
}

void NodesPage::cordon(bool on) {
  const std::string node = view_->currentKey().name;
  const QString verb = on ? QStringLiteral("Cordon") : QStringLiteral("Uncordon");
  ConfirmDialog dialog(
      session_,
      {.title = QStringLiteral("%1 %2").arg(verb, qs(node)),
       .text = on ? QStringLiteral("No new pods are placed on it. Pods that run there stay.")
                  : QStringLiteral("Pods may be placed on it again."),
       .action = QStringLiteral("%1 %2").arg(verb, qs(node)),
       .preview = {},
       .needsReason = on,
       .typeName = {}},
      this);
  if (dialog.exec() != QDialog::Accepted) return;
  session_.call<api::NodeRequest, api::NodeResponse>(
      QStringLiteral("%1 %2").arg(verb, qs(node)),
      on ? &client::Connection::cordon : &client::Connection::uncordon,
      nodeRequest(node, dialog.reason()), this,
      [this](const auto& response) { showAnswer(response); });
}

void NodesPage::previewDrain() {
  const std::string node = view_->currentKey().name;
  session_.query<api::NodeRequest, api::DrainPreview>(
      &client::Connection::previewDrain, nodeRequest(node, {}), this,
      [this, node](const absl::StatusOr<api::DrainPreview>& preview) {
        if (preview.ok()) return confirmDrain(node, *preview);
        QMessageBox box(QMessageBox::Warning, QStringLiteral("Drain"), {}, QMessageBox::Close,
                        this);
        box.setTextFormat(Qt::PlainText);
        box.setText(QStringLiteral("What a drain of %1 would do is not known: %2")
                        .arg(qs(node), qs(std::string(preview.status().message()))));
        box.exec();
      });
}

void NodesPage::confirmDrain(const std::string& node, const api::DrainPreview& preview) {
  const bool loses = preview.lost_size() > 0 && session_.context().production;
  ConfirmDialog dialog(session_,
                       {.title = QStringLiteral("Drain %1").arg(qs(node)),
                        .text = drainText(preview),
                        .action = QStringLiteral("Drain %1").arg(qs(node)),
                        .preview = previewText(preview),
                        .needsReason = true,
                        .typeName = loses ? qs(node) : QString()},
                       this);
  if (dialog.exec() != QDialog::Accepted) return;
  session_.call<api::NodeRequest, api::NodeResponse>(
      QStringLiteral("Drain %1").arg(qs(node)), &client::Connection::drain,
      nodeRequest(node, dialog.reason()), this,
      [this](const auto& response) { showAnswer(response); });
}

}  // namespace gantry::desktop
