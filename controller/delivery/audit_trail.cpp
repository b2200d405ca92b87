// SPDX-License-Identifier: Apache-2.0
#include "controller/delivery/audit_trail.h"

#include "controller/audit/audit.h"
#include "controller/delivery/records.h"

namespace gantry::delivery {

AuditTrail::AuditTrail(model::Transaction& transaction, const model::State& state,
                       model::Name application, base::Timestamp now)
    : transaction_(transaction), application_(std::move(application)), now_(now) {
  const auto records = auditOf(state, application_);
  if (records.empty()) return;
  number_ = records.front()->number();
  previousHash_ = records.front()->hash();
}

void AuditTrail::append(const AuditEntry& entry) {
  api::AuditRecord record;
  record.set_namespace_(application_.ns);
  record.set_application(application_.name);
  record.set_number(++number_);
  record.set_action(entry.action);
  record.set_by(entry.by);
  record.mutable_at()->set_unix_ms(base::toUnixMs(now_));
  record.set_plan(entry.plan);
  record.set_commit(entry.commit);
  record.set_digest(entry.digest);
  record.set_reason(entry.reason);
  record.set_previous_hash(previousHash_);
  record.set_hash(audit::auditHash(record));
  record.set_name(audit::auditName(record));
  previousHash_ = record.hash();
  transaction_.put(std::move(record));
}

AuditEntry aboutPlan(const char* action, const std::string& by, const api::Plan& plan,
                     std::string reason) {
  return {action, by, plan.revision().commit(), std::move(reason), plan.name(), plan.digest()};
}

}  // namespace gantry::delivery
