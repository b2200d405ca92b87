// SPDX-License-Identifier: Apache-2.0
#include "absl/strings/str_cat.h"
#include "tests/sim/people/people.h"

namespace gantry::sim {

using base::Duration;

void People::rollBack() {
  if (world_.controller() == nullptr) return;
  api::RollbackRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(anyFolder());
  const std::string by = person();
  clock_.note(by, absl::StrCat("thinks of a rollback of ", request.application()));
  world_.controller()->delivery().previewRollback(
      request, [this, by](const absl::StatusOr<api::RollbackPreview>& preview) {
        if (!preview.ok()) return;
        later(Duration(200), Duration(3'000), [this, preview = *preview, by] {
          if (!agreed_) confirmRollback(preview, by);
        });
      });
}

void People::confirmRollback(const api::RollbackPreview& preview, const std::string& by) {
  api::RollbackRequest request;
  request.set_namespace_(kSystemNamespace);
  request.set_application(preview.plan().application());
  request.set_to(preview.to().name());
  request.set_reason("it was better before");
  request.set_digest(preview.plan().digest());
  world_.delivery().consent(consentTo(preview.plan(), by, Consent::To::kRollback), world_.view(),
                            clock_.wallNow());
  clock_.note(by, absl::StrCat("rolls ", request.application(), " back to ", request.to()));
  world_.controller()->delivery().rollback(
      {by}, request, [this, by](const absl::StatusOr<api::RollbackResponse>& answer) {
        clock_.note(by, absl::StrCat("hears of the rollback: ", answer.status().message()));
      });
}

}  // namespace gantry::sim
