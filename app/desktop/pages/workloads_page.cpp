// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/pages/workloads_page.h"

#include <QHBoxLayout>
#include <QPushButton>
#include <QShortcut>
#include <QVBoxLayout>
#include <algorithm>

#include "app/desktop/widgets/labels.h"
#include "app/models/text.h"

namespace gantry::desktop {
namespace {

constexpr std::array kKinds = {client::Kind::kDeployment, client::Kind::kPod, client::Kind::kJob,
                               client::Kind::kService, client::Kind::kPodDisruptionBudget};
constexpr std::array kTitles = {"Deployments", "Pods", "Jobs", "Services", "Budgets"};
constexpr std::array kExamples = {
    "ns:shop  status!=Complete", "ns:shop  status!=Running  restarts>3",
    "ns:shop  status!=Complete", "ns:shop  type=NodePort", "ns:shop  allowed=0"};

bool selects(const schema::Service& service, const schema::ObjectMeta& pod) {
  const auto& selector = service.spec().selector();
  return !selector.empty() && std::ranges::all_of(selector, [&](const auto& wanted) {
    const auto found = pod.labels().find(wanted.first);
    return found != pod.labels().end() && found->second == wanted.second;
  });
}

bool isOf(const schema::Job& job, const schema::ObjectMeta& pod) {
  return std::ranges::any_of(pod.owner_references(), [&](const schema::OwnerReference& owner) {
    return owner.uid() == job.metadata().uid();
  });
}

}  // namespace

std::vector<client::ObjectPtr> podsOf(const client::LiveCache& cache, const api::Object& object) {
  if (object.has_deployment()) {
    const models::RolloutPods pods = models::rolloutPods(cache, client::keyOf(object));
    std::vector<client::ObjectPtr> all = pods.newPods;
    all.insert(all.end(), pods.oldPods.begin(), pods.oldPods.end());
    return all;
  }
  std::vector<client::ObjectPtr> found;
  const client::Key key = client::keyOf(object);
  for (const auto& [podKey, pod] : cache.table(client::Kind::kPod)) {
    if (podKey.ns != key.ns) continue;
    const bool isIt = object.has_pod() && podKey.name == key.name;
    const bool isJobs = object.has_job() && isOf(object.job(), pod->pod().metadata());
    if (isIt || isJobs ||
        (object.has_service() && selects(object.service(), pod->pod().metadata()))) {
      found.push_back(pod);
    }
  }
  return found;
}

WorkloadsPage::WorkloadsPage(Session& session, Navigator& navigator)
    : Page(session, navigator),
      tabs_(new QTabBar),
      filter_(new FilterBar),
      stack_(new QStackedWidget) {
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(16, 12, 0, 0);
  auto* top = new QHBoxLayout;
  top->setContentsMargins(0, 0, 16, 0);
  top->addWidget(headline(QStringLiteral("Workloads")));
  top->addSpacing(12);
  for (const char* title : kTitles) tabs_->addTab(QString::fromLatin1(title));
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  tabs_->setUsesScrollButtons(false);
  tabs_->setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Preferred);
  tabs_->setTabToolTip(4, QStringLiteral("PodDisruptionBudgets"));
  top->addWidget(tabs_);
  top->addSpacing(12);
  top->addWidget(filter_, 1);
  auto* logs = new QPushButton(QStringLiteral("Logs  L"));
  logs->setToolTip(QStringLiteral(
      "Logs of what is selected, merged by time (Shift+L: before the last restart)"));
  connect(logs, &QPushButton::clicked, this, [this] { showLogs(false); });
  top->addWidget(logs);
  layout->addLayout(top);
  layout->addWidget(stack_, 1);
  connect(tabs_, &QTabBar::currentChanged, this, &WorkloadsPage::showKind);
  tabs_->setCurrentIndex(1);

  for (const bool previous : {false, true}) {
    auto* key = new QShortcut(previous ? Qt::SHIFT | Qt::Key_L : QKeySequence(Qt::Key_L), stack_);
    key->setContext(Qt::WidgetWithChildrenShortcut);
    connect(key, &QShortcut::activated, this, [this, previous] { showLogs(previous); });
  }
}

TableView& WorkloadsPage::view(int index) {
  TableView*& view = views_[std::size_t(index)];
  if (view == nullptr) {
    const client::Kind kind = kKinds[std::size_t(index)];
    view = new TableView(QString::fromLatin1(kTitles[std::size_t(index)]), session_.table(kind));
    view->setFilterExample(QString::fromLatin1(kExamples[std::size_t(index)]));
    view->setEmptyText(QStringLiteral("No %1 here, or none that the filter lets through")
                           .arg(QString::fromLatin1(kTitles[std::size_t(index)])));
    if (kind == client::Kind::kPod) view->setColumnHidden(9, true);
    stack_->addWidget(view);
    connect(view, &TableView::currentKeyChanged, this, [this, view, kind] {
      if (view->currentIndex().isValid()) navigator_.inspect(kind, view->currentKey());
    });
    connect(view, &TableView::opened, this, [this, kind](const client::Key& key) {
      if (kind == client::Kind::kDeployment) navigator_.open(Place::kRollouts, kind, key);
      if (kind == client::Kind::kPod || kind == client::Kind::kJob) showLogs(false);
    });
  }
  return *view;
}

void WorkloadsPage::showKind(int index) {
  TableView& shown = view(index);
  stack_->setCurrentWidget(&shown);
  filter_->setTable(&shown);
  setFocusProxy(&shown);
}

void WorkloadsPage::activate() {
  const int index = tabs_->currentIndex();
  if (!view(index).currentIndex().isValid()) return;
  navigator_.inspect(kKinds[std::size_t(index)], view(index).currentKey());
}

void WorkloadsPage::reveal(client::Kind kind, const client::Key& key) {
  const auto found = std::ranges::find(kKinds, kind);
  if (found == kKinds.end()) return;
  tabs_->setCurrentIndex(int(found - kKinds.begin()));
  view(tabs_->currentIndex()).select(key);
}

void WorkloadsPage::showLogs(bool previous) {
  QStringList pods;
  QString ns;
  for (const client::ObjectPtr& object : view(tabs_->currentIndex()).selectedObjects()) {
    for (const client::ObjectPtr& pod : podsOf(session_.cache(), *object)) {
      const schema::ObjectMeta& metadata = pod->pod().metadata();
      // One stream is one namespace: the first that is selected.
      if (ns.isEmpty()) ns = models::qs(metadata.namespace_());
      const QString name = models::qs(metadata.name());
      if (ns == models::qs(metadata.namespace_()) && !pods.contains(name)) pods << name;
    }
  }
  if (!pods.isEmpty()) navigator_.showLogs(ns, pods, previous);
}

}  // namespace gantry::desktop
