// SPDX-License-Identifier: Apache-2.0
#include "app/desktop/inspector.h"

#include <QFormLayout>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

#include <google/protobuf/message.h>

#include "app/desktop/application_panel.h"
#include "app/desktop/diff/diff_view.h"
#include "app/desktop/theme.h"
#include "app/desktop/widgets/labels.h"
#include "app/models/application_text.h"
#include "app/models/text.h"
#include "manifests/diff/diff.h"

namespace gantry::desktop {
namespace {

using models::qs;

constexpr int kEvents = 5;

struct Health {
  QString status;
  models::Tone tone = models::Tone::kNeutral;
  QString why;
};

Health healthOf(const api::Object& object) {
  switch (object.object_case()) {
    case client::Kind::kPod: {
      const models::PodHealth health = models::podHealth(object.pod());
      return {health.status, health.tone, health.why};
    }
    case client::Kind::kDeployment: {
      const models::DeploymentHealth health = models::deploymentHealth(object.deployment());
      return {health.status, health.tone, health.why};
    }
    case client::Kind::kJob: {
      const models::JobHealth health = models::jobHealth(object.job());
      return {health.status, health.tone, health.why};
    }
    case client::Kind::kNode: {
      const models::NodeHealth health = models::nodeHealth(object.node());
      return {health.status, health.tone, health.why};
    }
    case client::Kind::kApplication:
      return {qs(object.application().status().health()),
              models::applicationTone(object.application()),
              qs(object.application().status().message())};
    default:
      return {};
  }
}

const google::protobuf::Message& contentOf(const api::Object& object) {
  const auto* reflection = object.GetReflection();
  const auto* oneof = object.GetDescriptor()->FindOneofByName("object");
  return reflection->GetMessage(object, reflection->GetOneofFieldDescriptor(object, oneof));
}

using Facts = std::vector<std::pair<QString, QString>>;

void addPodFacts(const schema::Pod& pod, Facts& facts) {
  facts.emplace_back("Node", qs(pod.spec().node_name()));
  facts.emplace_back("Address", qs(pod.status().pod_ip()));
  for (const schema::Container& container : pod.spec().containers()) {
    facts.emplace_back(qs(container.name()), qs(container.image()));
  }
}

void addNodeFacts(const schema::Node& node, Facts& facts) {
  const schema::NodeInfo& info = node.status().node_info();
  facts.emplace_back("Address", qs(node.status().address()));
  facts.emplace_back("Pod range", qs(node.spec().pod_cidr()));
  facts.emplace_back("System", qs(info.os_image()));
  facts.emplace_back("Kernel", qs(info.kernel_version()));
  facts.emplace_back("Runtime", qs(info.container_runtime_version()));
  facts.emplace_back("Agent", qs(info.agent_version()));
}

void addDeploymentFacts(const schema::Deployment& deployment, Facts& facts) {
  const models::DeploymentHealth health = models::deploymentHealth(deployment);
  facts.emplace_back("Replicas", QStringLiteral("%1 wanted, %2 new, %3 available")
                                     .arg(health.wanted)
                                     .arg(health.updated)
                                     .arg(health.available));
  for (const schema::Container& container : deployment.spec().template_().spec().containers()) {
    facts.emplace_back(qs(container.name()), qs(container.image()));
  }
}

void addBudgetFacts(const schema::PodDisruptionBudget& budget, Facts& facts) {
  const schema::PodDisruptionBudgetStatus& status = budget.status();
  facts.emplace_back("Ready", QStringLiteral("%1 of %2 pods, %3 must be")
                                  .arg(status.current_healthy())
                                  .arg(status.expected_pods())
                                  .arg(status.desired_healthy()));
  facts.emplace_back("May go now", QString::number(status.disruptions_allowed()));
}

void addJobFacts(const schema::Job& job, Facts& facts) {
  const models::JobHealth health = models::jobHealth(job);
  facts.emplace_back("Pods", QStringLiteral("%1 active, %2 succeeded, %3 failed")
                                 .arg(job.status().active())
                                 .arg(health.completions)
                                 .arg(job.status().failed()));
  facts.emplace_back("Took", health.duration);
  for (const schema::Container& container : job.spec().template_().spec().containers()) {
    facts.emplace_back(qs(container.name()), qs(container.image()));
  }
}

void addApplicationFacts(const schema::Application& application, Facts& facts) {
  const schema::ApplicationSpec& spec = application.spec();
  const schema::ApplicationStatus& status = application.status();
  facts.emplace_back("Sync", qs(status.sync()));
  facts.emplace_back("Applied", models::shortCommit(status.applied().commit()));
  facts.emplace_back("Seen", models::shortCommit(status.observed().commit()));
  facts.emplace_back("Repository", qs(spec.source().repo_url()));
  facts.emplace_back("Follows", qs(spec.source().target_revision()));
  facts.emplace_back("Folder", qs(spec.source().path()));
  facts.emplace_back("Git read", models::gitReadText(status, models::nowMs()));
  facts.emplace_back("Rollback", models::rollbackText(status, models::nowMs()));
  facts.emplace_back("Problems", models::problemsText(status));
  facts.emplace_back("Project", qs(spec.project()));
  facts.emplace_back("Environment", qs(spec.environment()));
  if (spec.has_promotion()) {
    const int soak = spec.promotion().soak_seconds();
    facts.emplace_back("Accepts",
                       QStringLiteral("what was healthy in %1%2")
                           .arg(qs(spec.promotion().from()),
                                soak > 0 ? QStringLiteral(" for %1").arg(
                                               qs(base::formatAge(std::chrono::seconds(soak))))
                                         : QString()));
  }
  QStringList needed;
  for (const std::string& name : spec.depends_on()) needed << qs(name);
  facts.emplace_back("Depends on", needed.join(QStringLiteral(", ")));
}

const schema::ObjectMeta* metadataOf(const api::Object& object) {
  const google::protobuf::Message& message = contentOf(object);
  const auto* field = message.GetDescriptor()->FindFieldByName("metadata");
  if (field == nullptr) return nullptr;
  return static_cast<const schema::ObjectMeta*>(
      &message.GetReflection()->GetMessage(message, field));
}

Facts factsOf(const api::Object& object) {
  Facts facts;
  if (const client::Key key = client::keyOf(object); !key.ns.empty()) {
    facts.emplace_back("Namespace", qs(key.ns));
  }
  if (object.has_pod()) addPodFacts(object.pod(), facts);
  if (object.has_application()) addApplicationFacts(object.application(), facts);
  if (object.has_node()) addNodeFacts(object.node(), facts);
  if (object.has_deployment()) addDeploymentFacts(object.deployment(), facts);
  if (object.has_job()) addJobFacts(object.job(), facts);
  if (object.has_pod_disruption_budget()) {
    addBudgetFacts(object.pod_disruption_budget(), facts);
  }
  if (const schema::ObjectMeta* metadata = metadataOf(object)) {
    facts.emplace_back("Age", models::age(metadata->creation_timestamp(), models::nowMs()));
    QStringList labels;
    for (const auto& [name, value] : metadata->labels()) {
      labels << QStringLiteral("%1=%2").arg(qs(name), qs(value));
    }
    labels.sort();
    facts.emplace_back("Labels", labels.join('\n'));
  }
  std::erase_if(facts, [](const auto& fact) { return fact.second.isEmpty(); });
  return facts;
}

void clear(QLayout& layout) {
  while (QLayoutItem* item = layout.takeAt(0)) {
    delete item->widget();
    delete item;
  }
}

}  // namespace

Inspector::Inspector(Session& session, Navigator& navigator)
    : session_(session),
      navigator_(navigator),
      kindLabel_(mutedLabel({})),
      title_(headline(QStringLiteral("Nothing selected"))),
      status_(toneBadge({}, models::Tone::kNeutral)),
      why_(plainLabel({}, true)),
      facts_(new QFormLayout),
      events_(new QVBoxLayout),
      eventsTitle_(mutedLabel(QStringLiteral("Events"))),
      manifest_(new DiffView),
      application_(new ApplicationPanel(session, navigator)) {
  setMinimumWidth(240);
  setAutoFillBackground(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(14, 12, 14, 8);
  layout->setSpacing(8);
  title_->setWordWrap(true);
  layout->addWidget(kindLabel_);
  layout->addWidget(title_);
  layout->addWidget(status_);
  layout->addWidget(why_);
  facts_->setHorizontalSpacing(12);
  facts_->setVerticalSpacing(4);
  layout->addLayout(facts_);
  layout->addWidget(eventsTitle_);
  events_->setSpacing(4);
  layout->addLayout(events_);
  manifest_->setTitles({}, QStringLiteral("Manifest"));
  manifest_->setMinimumHeight(120);
  layout->addWidget(manifest_, 1);
  layout->addWidget(application_, 2);
  layout->addStretch();
  timer_.setSingleShot(true);
  timer_.setInterval(250);
  connect(&timer_, &QTimer::timeout, this, &Inspector::refresh);
  connect(&session, &Session::updated, this, [this] {
    if (isVisible() && !timer_.isActive()) timer_.start();
  });
  inspect({}, {});
}

void Inspector::inspect(client::Kind kind, const client::Key& key) {
  kind_ = kind;
  key_ = key;
  shown_.reset();
  refresh();
}

void Inspector::refresh() {
  const client::ObjectPtr object = session_.cache().find(kind_, key_);
  const bool has = kind_ != client::Kind::OBJECT_NOT_SET;
  kindLabel_->setText(has ? qs(client::kindName(kind_)) : QString());
  title_->setText(has ? qs(key_.name) : QStringLiteral("Nothing selected"));
  manifest_->setVisible(object != nullptr && !object->has_application());
  application_->show(object);
  showEvents();
  eventsTitle_->setVisible(events_->count() > 0);
  // What is gone keeps its facts; its age moves though it does not change.
  if (object != nullptr || !has) showFacts(object == nullptr ? Facts() : factsOf(*object));
  if (object == shown_ && object != nullptr) return;
  shown_ = object;
  const Health health = object == nullptr ? Health{} : healthOf(*object);
  const bool gone = has && object == nullptr;
  setToneBadge(*status_,
               gone ? QStringLiteral("gone") : models::toneMark(health.tone) + ' ' + health.status,
               health.tone);
  status_->setVisible(gone || !health.status.isEmpty());
  why_->setText(health.why);
  why_->setVisible(!health.why.isEmpty());
  if (object != nullptr) manifest_->setText(qs(manifests::toYaml(contentOf(*object))));
}

void Inspector::showFacts(Facts facts) {
  if (facts == shownFacts_) return;
  if (!std::ranges::equal(facts, shownFacts_, {}, &Fact::first, &Fact::first)) {
    while (facts_->rowCount() > 0) facts_->removeRow(0);
    for (const Fact& fact : facts) facts_->addRow(mutedLabel(fact.first), plainLabel({}, true));
  }
  // Ages move every second: only what differs is set, so that what is selected stays so.
  for (int row = 0; row < facts_->rowCount(); ++row) {
    auto* value = static_cast<QLabel*>(facts_->itemAt(row, QFormLayout::FieldRole)->widget());
    const QString& text = facts[std::size_t(row)].second;
    if (value->text() != text) value->setText(text);
  }
  shownFacts_ = std::move(facts);
}

void Inspector::showEvents() {
  std::vector<const schema::Event*> events;
  const std::string& kind = client::kindName(kind_);
  for (const auto& [key, object] : session_.cache().table(client::Kind::kEvent)) {
    const schema::Event& event = object->event();
    if (event.object_name() == key_.name && event.object_kind() == kind &&
        event.object_namespace() == key_.ns) {
      events.push_back(&event);
    }
  }
  std::ranges::sort(events, [](const schema::Event* a, const schema::Event* b) {
    return a->last_timestamp().unix_ms() > b->last_timestamp().unix_ms();
  });
  if (events.size() > kEvents) events.resize(kEvents);
  clear(*events_);
  for (const schema::Event* event : events) {
    const bool warning = event->type() == "Warning";
    QLabel* label = plainLabel(
        QStringLiteral("%1 %2  %3 ago%4\n%5")
            .arg(models::toneMark(warning ? models::Tone::kWarning : models::Tone::kNeutral),
                 qs(event->reason()), models::age(event->last_timestamp(), models::nowMs()),
                 event->count() > 1 ? QStringLiteral("  ×%1").arg(event->count()) : QString(),
                 qs(event->message())),
        true);
    events_->addWidget(label);
  }
}

}  // namespace gantry::desktop
