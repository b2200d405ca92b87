// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/overview_page.h"

#include "app/models/overview.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

/// One screen: what does not fit is counted.
constexpr std::size_t kShownRows = 50;

int cut(std::vector<QVariantMap>& rows) {
  const std::size_t over = rows.size() > kShownRows ? rows.size() - kShownRows : 0;
  rows.resize(rows.size() - over);
  return int(over);
}

}  // namespace

OverviewPage::OverviewPage(Session& session, Navigator& navigator)
    : QuickPage(session, navigator, QStringLiteral("Overview.qml")),
      exceptions_({"kind", "ns", "name", "tone", "title", "status", "why", "commit"}),
      plans_({"ns", "name", "application", "commit", "subject", "author", "age", "effect"}),
      applications_({"ns", "name", "health", "tone", "sync", "revision", "message"}) {}

void OverviewPage::refresh() {
  models::Overview overview = models::overviewOf(session_.cache(), models::nowMs());
  counts_ = {{"healthy", overview.healthy},
             {"degraded", overview.degraded},
             {"failing", overview.failing},
             {"rollouts", overview.rollouts},
             {"approvals", overview.approvals},
             {"nodes", overview.nodes},
             {"nodesDown", overview.nodesDown},
             {"pods", overview.pods},
             {"podsNotReady", overview.podsNotReady},
             {"moreExceptions", cut(overview.exceptions)},
             {"moreApplications", cut(overview.applications)}};
  exceptions_.setRows(std::move(overview.exceptions));
  plans_.setRows(std::move(overview.plans));
  applications_.setRows(std::move(overview.applications));
}

}  // namespace gantry::desktop
