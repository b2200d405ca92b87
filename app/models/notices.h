// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QString>
#include <map>
#include <set>
#include <vector>

#include "app/models/health.h"
#include "base/time.h"

namespace gantry::models {

/// Something that a person should be told of though the window is not in front.
struct Notice {
  QString title;
  QString text;
  Tone tone = Tone::kNeutral;
  /// What to open.
  client::Kind kind = client::Kind::OBJECT_NOT_SET;
  client::Key key;
};

/// Finds what is new since it looked last: a plan that waits for this person, an Application that
/// degraded, a rollback, a sync that failed. What is so at the first look is nothing new. Each is
/// told once; a plan again when its digest changes. One thread.
class NoticeFinder {
 public:
  /// `mayApprove`: the person's role lets them approve at all.
  std::vector<Notice> look(const client::LiveCache& cache, const std::string& identity,
                           bool mayApprove, base::Timestamp now);

 private:
  /// What was there at the last look, of each sort.
  struct Seen {
    std::set<std::string> plans;
    std::set<client::Key> degraded;
    std::set<client::Key> rollbacks;
    std::set<client::Key> failed;
  };
  Seen seen_;
  bool first_ = true;
};

/// The Project of an Application; null if there is none.
const schema::Project* projectOf(const client::LiveCache& cache, const client::Key& application);

}  // namespace gantry::models
