// SPDX-License-Identifier: Apache-2.0
#include <QStringList>

#include "app/models/column.h"
#include "app/models/node_load.h"
#include "app/models/plan_words.h"
#include "app/models/text.h"

namespace gantry::models {
namespace {

Cell text(const std::string& value) {
  return {.text = qs(value), .sort = {}, .toolTip = {}};
}

Cell toned(const QString& value, Tone tone, const QString& why = {}) {
  return {.text = toneMark(tone) + ' ' + value, .sort = value, .tone = tone, .toolTip = why};
}

Cell number(qint64 value) {
  return {.text = QString::number(value), .sort = value, .toolTip = {}};
}

Cell ageCell(const schema::Time& since) {
  // Newer is smaller, as the text reads: 5s before 3d.
  return {.text = age(since, nowMs()),
          .sort = qint64(-since.unix_ms()),
          .toolTip = clock(since, nowMs())};
}

Cell ratio(int part, int whole) {
  return {.text = QStringLiteral("%1/%2").arg(part).arg(whole),
          .sort = whole == 0 ? 0.0 : double(part) / whole,
          .toolTip = {}};
}

template <class T>
Column nsColumn(const T& (api::Object::*get)() const) {
  return {"ns", QStringLiteral("Namespace"), 130, [get](const api::Object& object) {
            return text((object.*get)().metadata().namespace_());
          }};
}

template <class T>
Column nameColumn(const T& (api::Object::*get)() const, int width) {
  return {"name", QStringLiteral("Name"), width,
          [get](const api::Object& object) { return text((object.*get)().metadata().name()); }};
}

template <class T>
Column ageColumn(const T& (api::Object::*get)() const) {
  return {"age", QStringLiteral("Age"), 70, [get](const api::Object& object) {
            return ageCell((object.*get)().metadata().creation_timestamp());
          }};
}

QString imagesOf(const schema::PodSpec& spec) {
  QStringList images;
  for (const schema::Container& container : spec.containers()) images << qs(container.image());
  return images.join(QStringLiteral(", "));
}

QString portsText(const schema::ServiceSpec& spec) {
  QStringList ports;
  for (const schema::ServicePort& port : spec.ports()) {
    QString text = QString::number(port.port());
    if (port.node_port() != 0) text += QStringLiteral(":%1").arg(port.node_port());
    ports << text + '/' + qs(port.protocol().empty() ? "TCP" : port.protocol());
  }
  return ports.join(QStringLiteral(", "));
}

Cell endpointsCell(const client::LiveCache& cache, const schema::Service& service) {
  const client::ObjectPtr object = cache.find(
      client::Kind::kEndpoints, {service.metadata().namespace_(), service.metadata().name()});
  int ready = 0;
  const int all = object == nullptr ? 0 : object->endpoints().addresses_size();
  for (int i = 0; i < all; ++i) ready += object->endpoints().addresses(i).ready() ? 1 : 0;
  Cell cell = ratio(ready, all);
  cell.sort = ready;
  cell.tone = ready == 0 ? Tone::kBad : ready < all ? Tone::kWarning : Tone::kGood;
  return cell;
}

Tone outcomeTone(const std::string& outcome) {
  if (outcome == "Healthy") return Tone::kGood;
  if (outcome == "Progressing") return Tone::kBusy;
  return outcome == "Degraded" ? Tone::kBad : Tone::kNeutral;
}

Cell loadCell(qint64 used, qint64 whole, const QString& shown) {
  if (whole <= 0) return {.text = QStringLiteral("–"), .sort = 0.0, .toolTip = {}};
  const double part = double(used) / double(whole);
  return {.text = shown,
          .sort = part,
          .tone = part > 0.9    ? Tone::kBad
                  : part > 0.75 ? Tone::kWarning
                                : Tone::kGood,
          .bar = part,
          .toolTip = QStringLiteral("%1 % requested").arg(qRound(part * 100))};
}

}  // namespace

Columns podColumns() {
  using api::Object;
  return {
      nsColumn(&Object::pod),
      nameColumn(&Object::pod, 215),
      {"ready", QStringLiteral("Ready"), 60,
       [](const Object& object) {
         const PodHealth health = podHealth(object.pod());
         return ratio(health.ready, health.containers);
       }},
      {"status", QStringLiteral("Status"), 150,
       [](const Object& object) {
         const PodHealth health = podHealth(object.pod());
         return toned(health.status, health.tone, health.why);
       }},
      {"restarts", QStringLiteral("Restarts"), 75,
       [](const Object& object) {
         Cell cell = number(podHealth(object.pod()).restarts);
         if (cell.sort.toLongLong() > 0) cell.tone = Tone::kWarning;
         return cell;
       },
       true},
      {"node", QStringLiteral("Node"), 95,
       [](const Object& object) { return text(object.pod().spec().node_name()); }},
      {"ip", QStringLiteral("Address"), 110,
       [](const Object& object) { return text(object.pod().status().pod_ip()); }},
      ageColumn(&Object::pod),
      {"image", QStringLiteral("Image"), 220,
       [](const Object& object) { return text(imagesOf(object.pod().spec()).toStdString()); }},
      {"phase", QStringLiteral("Phase"), 90,
       [](const Object& object) { return text(object.pod().status().phase()); }},
  };
}

Columns deploymentColumns() {
  using api::Object;
  return {
      nsColumn(&Object::deployment),
      nameColumn(&Object::deployment, 220),
      {"status", QStringLiteral("Status"), 150,
       [](const Object& object) {
         const DeploymentHealth health = deploymentHealth(object.deployment());
         return toned(health.status, health.tone, health.why);
       }},
      {"ready", QStringLiteral("Ready"), 70,
       [](const Object& object) {
         const DeploymentHealth health = deploymentHealth(object.deployment());
         return ratio(health.ready, health.wanted);
       }},
      {"updated", QStringLiteral("Up to date"), 85,
       [](const Object& object) { return number(object.deployment().status().updated_replicas()); },
       true},
      {"available", QStringLiteral("Available"), 85,
       [](const Object& object) {
         return number(object.deployment().status().available_replicas());
       },
       true},
      ageColumn(&Object::deployment),
      {"image", QStringLiteral("Image"), 260,
       [](const Object& object) {
         return text(imagesOf(object.deployment().spec().template_().spec()).toStdString());
       }},
  };
}

Columns jobColumns() {
  using api::Object;
  return {
      nsColumn(&Object::job),
      nameColumn(&Object::job, 220),
      {"status", QStringLiteral("Status"), 150,
       [](const Object& object) {
         const JobHealth health = jobHealth(object.job());
         return toned(health.status, health.tone, health.why);
       }},
      {"completions", QStringLiteral("Completions"), 95,
       [](const Object& object) {
         Cell cell = text(jobHealth(object.job()).completions.toStdString());
         cell.sort = object.job().status().succeeded();
         return cell;
       }},
      {"active", QStringLiteral("Active"), 65,
       [](const Object& object) { return number(object.job().status().active()); }, true},
      {"failed", QStringLiteral("Failed"), 65,
       [](const Object& object) { return number(object.job().status().failed()); }, true},
      {"duration", QStringLiteral("Duration"), 80,
       [](const Object& object) { return text(jobHealth(object.job()).duration.toStdString()); }},
      ageColumn(&Object::job),
      {"image", QStringLiteral("Image"), 260,
       [](const Object& object) {
         return text(imagesOf(object.job().spec().template_().spec()).toStdString());
       }},
  };
}

Columns serviceColumns(const client::LiveCache& cache) {
  using api::Object;
  return {
      nsColumn(&Object::service),
      nameColumn(&Object::service, 220),
      {"type", QStringLiteral("Type"), 100,
       [](const Object& object) { return text(object.service().spec().type()); }},
      {"ip", QStringLiteral("Cluster address"), 130,
       [](const Object& object) { return text(object.service().spec().cluster_ip()); }},
      {"ports", QStringLiteral("Ports"), 180,
       [](const Object& object) { return text(portsText(object.service().spec()).toStdString()); }},
      {"endpoints", QStringLiteral("Ready endpoints"), 130,
       [&cache](const Object& object) { return endpointsCell(cache, object.service()); }},
      ageColumn(&Object::service),
  };
}

Columns eventColumns() {
  using api::Object;
  return {
      {"seen", QStringLiteral("Last seen"), 90,
       [](const Object& object) { return ageCell(object.event().last_timestamp()); }},
      {"type", QStringLiteral("Type"), 95,
       [](const Object& object) {
         const bool warning = object.event().type() == "Warning";
         return toned(qs(object.event().type()), warning ? Tone::kWarning : Tone::kNeutral);
       }},
      {"reason", QStringLiteral("Reason"), 140,
       [](const Object& object) { return text(object.event().reason()); }},
      {"object", QStringLiteral("Object"), 260,
       [](const Object& object) {
         const schema::Event& event = object.event();
         return text(event.object_kind() + '/' + event.object_name());
       }},
      {"message", QStringLiteral("Message"), 460,
       [](const Object& object) {
         Cell cell = text(object.event().message());
         cell.toolTip = cell.text;
         return cell;
       }},
      {"count", QStringLiteral("Count"), 60,
       [](const Object& object) { return number(object.event().count()); }, true},
      {"ns", QStringLiteral("Namespace"), 130,
       [](const Object& object) { return text(object.event().object_namespace()); }},
      {"source", QStringLiteral("Source"), 120,
       [](const Object& object) { return text(object.event().source()); }},
  };
}

Columns planColumns() {
  using api::Object;
  return {
      {"application", QStringLiteral("Application"), 150,
       [](const Object& object) { return text(object.plan().application()); }},
      {"commit", QStringLiteral("Commit"), 80,
       [](const Object& object) { return text(object.plan().revision().commit().substr(0, 7)); }},
      {"subject", QStringLiteral("What"), 300,
       [](const Object& object) { return text(object.plan().revision().subject()); }},
      {"author", QStringLiteral("Who"), 110,
       [](const Object& object) { return text(object.plan().revision().author()); }},
      {"state", QStringLiteral("State"), 230,
       [](const Object& object) {
         return toned(planStateText(object.plan(), nowMs()), planTone(object.plan().state()),
                      qs(object.plan().message()));
       }},
      {"changes", QStringLiteral("Objects"), 115,
       [](const Object& object) {
         return Cell{.text = changeSummary(object.plan()),
                     .sort = object.plan().changes_size(),
                     .tone = changeTone(object.plan()),
                     .toolTip = effectText(object.plan())};
       }},
      {"age", QStringLiteral("Age"), 60,
       [](const Object& object) { return ageCell(object.plan().created_at()); }},
      {"cause", QStringLiteral("Cause"), 80,
       [](const Object& object) { return text(planCause(object.plan())); }},
      {"ns", QStringLiteral("Namespace"), 110,
       [](const Object& object) { return text(object.plan().namespace_()); }},
  };
}

Columns historyColumns() {
  using api::Object;
  return {
      {"when", QStringLiteral("When"), 110,
       [](const Object& object) {
         const schema::Time& at = object.history_entry().started_at();
         return Cell{.text = clock(at, nowMs()), .sort = qint64(at.unix_ms()), .toolTip = {}};
       }},
      {"application", QStringLiteral("Application"), 110,
       [](const Object& object) { return text(object.history_entry().application()); }},
      {"commit", QStringLiteral("Commit"), 80,
       [](const Object& object) {
         return text(object.history_entry().revision().commit().substr(0, 7));
       }},
      {"subject", QStringLiteral("What"), 240,
       [](const Object& object) {
         const api::HistoryEntry& entry = object.history_entry();
         Cell cell = text(entry.revision().subject());
         if (entry.cause() == "rollback") cell.text = QStringLiteral("↩ ") + cell.text;
         cell.toolTip = qs(entry.reason());
         return cell;
       }},
      {"outcome", QStringLiteral("Outcome"), 105,
       [](const Object& object) {
         const std::string& outcome = object.history_entry().outcome();
         return toned(qs(outcome), outcomeTone(outcome));
       }},
      {"cause", QStringLiteral("Cause"), 75,
       [](const Object& object) { return text(object.history_entry().cause()); }},
      {"initiator", QStringLiteral("By"), 90,
       [](const Object& object) { return text(object.history_entry().initiator()); }},
      {"author", QStringLiteral("Author"), 100,
       [](const Object& object) { return text(object.history_entry().revision().author()); }},
      {"took", QStringLiteral("Took"), 60,
       [](const Object& object) {
         const api::HistoryEntry& entry = object.history_entry();
         if (!entry.has_finished_at())
           return Cell{.text = QStringLiteral("…"), .sort = qint64(0), .toolTip = {}};
         Cell cell = text(age(entry.started_at(), entry.finished_at().unix_ms()).toStdString());
         cell.sort = qint64(entry.finished_at().unix_ms() - entry.started_at().unix_ms());
         return cell;
       }},
  };
}

Columns auditColumns() {
  using api::Object;
  return {
      {"age", QStringLiteral("Age"), 55,
       [](const Object& object) { return ageCell(object.audit_record().at()); }},
      {"action", QStringLiteral("Action"), 75,
       [](const Object& object) { return text(object.audit_record().action()); }},
      {"by", QStringLiteral("By"), 85,
       [](const Object& object) { return text(object.audit_record().by()); }},
      {"application", QStringLiteral("Application"), 110,
       [](const Object& object) { return text(object.audit_record().application()); }},
      {"plan", QStringLiteral("Plan"), 110,
       [](const Object& object) { return text(object.audit_record().plan()); }},
      {"commit", QStringLiteral("Commit"), 70,
       [](const Object& object) { return text(object.audit_record().commit().substr(0, 7)); }},
      {"digest", QStringLiteral("Digest"), 95,
       [](const Object& object) {
         Cell cell = text(object.audit_record().digest().substr(0, 10));
         cell.toolTip = qs(object.audit_record().digest());
         return cell;
       }},
      {"reason", QStringLiteral("Reason"), 165,
       [](const Object& object) {
         Cell cell = text(object.audit_record().reason());
         cell.toolTip = cell.text;
         return cell;
       }},
      {"notes", QStringLiteral("In Git"), 75,
       [](const Object& object) {
         const bool exported = object.audit_record().exported();
         return Cell{.text = exported ? QStringLiteral("✔ yes") : QStringLiteral("◔ not yet"),
                     .sort = exported ? QStringLiteral("yes") : QStringLiteral("no"),
                     .tone = exported ? Tone::kGood : Tone::kWarning,
                     .toolTip = exported ? QStringLiteral("In the repository's notes")
                                         : QStringLiteral("Not in the repository's notes yet")};
       }},
  };
}

Columns disruptionBudgetColumns() {
  using api::Object;
  const auto limit = [](bool isSet, const schema::IntOrString& value) {
    if (!isSet) return text("–");
    return value.has_text() ? text(value.text()) : number(value.number());
  };
  return {
      nsColumn(&Object::pod_disruption_budget),
      nameColumn(&Object::pod_disruption_budget, 220),
      {"min", QStringLiteral("Min available"), 110,
       [limit](const Object& object) {
         const auto& spec = object.pod_disruption_budget().spec();
         return limit(spec.has_min_available(), spec.min_available());
       }},
      {"max", QStringLiteral("Max unavailable"), 120,
       [limit](const Object& object) {
         const auto& spec = object.pod_disruption_budget().spec();
         return limit(spec.has_max_unavailable(), spec.max_unavailable());
       }},
      {"ready", QStringLiteral("Ready"), 70,
       [](const Object& object) {
         const auto& status = object.pod_disruption_budget().status();
         return ratio(status.current_healthy(), status.expected_pods());
       }},
      {"allowed", QStringLiteral("Allowed"), 80,
       [](const Object& object) {
         Cell cell = number(object.pod_disruption_budget().status().disruptions_allowed());
         cell.tone = cell.sort.toLongLong() > 0 ? Tone::kGood : Tone::kWarning;
         cell.toolTip = QStringLiteral("How many of its pods may be taken away now");
         return cell;
       },
       true},
      ageColumn(&Object::pod_disruption_budget),
  };
}

Columns applicationColumns() {
  using api::Object;
  return {
      nsColumn(&Object::application),
      nameColumn(&Object::application, 160),
      {"health", QStringLiteral("Health"), 130,
       [](const Object& object) {
         const schema::Application& application = object.application();
         return toned(qs(application.status().health()), applicationTone(application),
                      qs(application.status().message()));
       }},
      {"sync", QStringLiteral("Sync"), 110,
       [](const Object& object) { return text(object.application().status().sync()); }},
      {"commit", QStringLiteral("Applied"), 280,
       [](const Object& object) {
         return text(describeRevision(object.application().status().applied()).toStdString());
       }},
      {"path", QStringLiteral("Path"), 160,
       [](const Object& object) { return text(object.application().spec().source().path()); }},
      {"repo", QStringLiteral("Repository"), 260,
       [](const Object& object) { return text(object.application().spec().source().repo_url()); }},
  };
}

Columns nodeColumns(const NodeLoad& load) {
  using api::Object;
  const auto usage = [&load](const Object& object) { return load.of(object.node()); };
  return {
      nameColumn(&Object::node, 120),
      {"status", QStringLiteral("State"), 105,
       [](const Object& object) {
         const NodeHealth health = nodeHealth(object.node());
         return toned(health.status, health.tone, health.why);
       }},
      {"cpu", QStringLiteral("CPU requested"), 185,
       [usage](const Object& object) {
         const NodeUsage u = usage(object);
         return loadCell(u.cpuMillis, u.cpuMillisAllocatable,
                         QStringLiteral("%1 of %2")
                             .arg(formatCpu(u.cpuMillis), formatCpu(u.cpuMillisAllocatable)));
       }},
      {"mem", QStringLiteral("Memory requested"), 200,
       [usage](const Object& object) {
         const NodeUsage u = usage(object);
         return loadCell(
             u.memoryBytes, u.memoryBytesAllocatable,
             QStringLiteral("%1 of %2")
                 .arg(formatMemory(u.memoryBytes), formatMemory(u.memoryBytesAllocatable)));
       }},
      {"pods", QStringLiteral("Pods"), 150,
       [usage](const Object& object) {
         const NodeUsage u = usage(object);
         Cell cell = loadCell(u.pods, u.podsAllocatable,
                              QStringLiteral("%1 of %2").arg(u.pods).arg(u.podsAllocatable));
         cell.sort = u.pods;
         return cell;
       }},
      {"address", QStringLiteral("Address"), 120,
       [](const Object& object) { return text(object.node().status().address()); }},
      {"runtime", QStringLiteral("Runtime"), 150,
       [](const Object& object) {
         return text(object.node().status().node_info().container_runtime_version());
       }},
      {"heard", QStringLiteral("Heard of"), 75,
       [](const Object& object) { return ageCell(object.node().status().last_heartbeat()); }},
      ageColumn(&Object::node),
  };
}

}  // namespace gantry::models
