// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/audit_panel.h"

#include <QHBoxLayout>
#include <QVBoxLayout>
#include <vector>

#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"
#include "controller/audit/chain.h"

namespace gantry::desktop {
namespace {

using models::qs;

/// "128 records, the chain is whole", or where it is broken. `isWhole` says which.
QString chainText(const client::Table& table, bool& isWhole) {
  std::vector<api::AuditRecord> records;
  records.reserve(table.size());
  for (const auto& [key, object] : table) records.push_back(object->audit_record());
  const absl::Status chain = audit::verifyChain(records);
  isWhole = chain.ok();
  const QString count = models::counted(qint64(records.size()), QStringLiteral("record"));
  return isWhole ? QStringLiteral("✔ %1, the chain is whole").arg(count)
                 : QStringLiteral("▲ %1, the chain is broken: %2")
                       .arg(count, qs(std::string(chain.message())));
}

QString recordDetail(const api::AuditRecord& record) {
  QStringList lines;
  lines << QStringLiteral("%1 %2 by %3, %4")
               .arg(qs(record.name()), qs(record.action()), qs(record.by()),
                    models::clock(record.at(), models::nowMs()));
  if (!record.reason().empty()) lines << QStringLiteral("\"%1\"").arg(qs(record.reason()));
  lines << QStringLiteral("commit %1 · hash %2")
               .arg(record.commit().empty() ? QStringLiteral("none") : qs(record.commit()),
                    qs(record.hash().substr(0, 16)));
  return lines.join('\n');
}

}  // namespace

AuditPanel::AuditPanel(Session& session, Navigator& navigator)
    : session_(session),
      navigator_(navigator),
      filter_(new FilterBar),
      chain_(toneBadge({}, models::Tone::kNeutral)),
      table_(new TableView(QStringLiteral("Audit"), session.table(client::Kind::kAuditRecord))),
      detail_(plainLabel({}, true)) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  top->addWidget(filter_, 1);
  layout->addLayout(top);
  table_->sortByColumn(0, Qt::AscendingOrder);
  table_->setEmptyText(QStringLiteral("Nobody has decided anything yet"));
  table_->setFilterExample(QStringLiteral("action=override  by:ana  notes=no"));
  filter_->setTable(table_);
  setFocusProxy(table_);
  layout->addWidget(table_, 1);
  layout->addWidget(chain_);
  layout->addWidget(detail_);
  detail_->hide();
  connect(table_, &TableView::currentKeyChanged, this, &AuditPanel::showCurrent);
  connect(table_, &TableView::opened, this, &AuditPanel::open);
}

void AuditPanel::refresh() {
  const client::Table& table = session_.cache().table(client::Kind::kAuditRecord);
  if (table == verified_ && !chain_->text().isEmpty()) return;
  verified_ = table;
  bool isWhole = true;
  const QString text = chainText(table, isWhole);
  setToneBadge(*chain_, text, isWhole ? models::Tone::kGood : models::Tone::kBad);
  // Where it is broken takes a sentence.
  chain_->setWordWrap(!isWhole);
  chain_->setSizePolicy(isWhole ? QSizePolicy::Maximum : QSizePolicy::Preferred,
                        QSizePolicy::Maximum);
}

void AuditPanel::showCurrent() {
  const client::ObjectPtr object = table_->currentObject();
  detail_->setVisible(object != nullptr);
  if (object == nullptr) return;
  const api::AuditRecord& record = object->audit_record();
  detail_->setText(recordDetail(record));
  navigator_.inspect(client::Kind::kApplication, {record.namespace_(), record.application()});
}

void AuditPanel::open(const client::Key& record) {
  const client::ObjectPtr object = session_.cache().find(client::Kind::kAuditRecord, record);
  if (object == nullptr) return;
  const client::Key plan{record.ns, object->audit_record().plan()};
  if (session_.cache().find(client::Kind::kPlan, plan) != nullptr) {
    navigator_.openObject(client::Kind::kPlan, plan);
  }
}

}  // namespace gantry::desktop
