// SPDX-License-Identifier: Apache-2.0
#include "controller/notify/waiting.h"

#include "controller/notify/outbox.pb.h"

namespace gantry::notify {

std::string encode(const Waiting& waiting) {
  const Notice& notice = waiting.notice;
  WaitingNotice stored;
  stored.set_project(notice.project);
  stored.set_notification(waiting.notification);
  stored.set_id(waiting.id);
  stored.set_event(notice.event);
  stored.set_namespace_(notice.application.ns);
  stored.set_application(notice.application.name);
  stored.set_environment(notice.environment);
  *stored.mutable_revision() = notice.revision;
  stored.set_plan(notice.plan);
  stored.set_by(notice.by);
  stored.set_summary(notice.summary);
  stored.set_reason(notice.reason);
  stored.set_at_ms(base::toUnixMs(notice.at));
  return stored.SerializeAsString();
}

bool decode(const std::string& bytes, Waiting& waiting) {
  WaitingNotice stored;
  if (!stored.ParseFromString(bytes) || stored.notification().empty()) return false;
  Notice& notice = waiting.notice;
  notice.project = stored.project();
  waiting.notification = stored.notification();
  waiting.id = stored.id();
  notice.event = stored.event();
  notice.application = {stored.namespace_(), stored.application()};
  notice.environment = stored.environment();
  notice.revision = stored.revision();
  notice.plan = stored.plan();
  notice.by = stored.by();
  notice.summary = stored.summary();
  notice.reason = stored.reason();
  notice.at = base::fromUnixMs(stored.at_ms());
  return true;
}

}  // namespace gantry::notify
