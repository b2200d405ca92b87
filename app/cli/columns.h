// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/cli/terminal.h"
#include "base/time.h"
#include "controller/api/watch.pb.h"

namespace gantry::cli {

/// How `gantry get` shows a kind.
struct Columns {
  std::vector<std::string> titles;
  /// The cells of one object, as many as titles.
  std::vector<TextCell> (*cells)(const api::Object& object, base::Timestamp now);
};

/// Columns for a kind ("Pod", "Plan"); `wide` adds those of -o wide. Namespace and name come first
/// and are not among them.
Columns columnsOf(const std::string& kind, bool wide);

/// The kind that a person means: "po", "plans", "deploy", "History"; empty if none.
std::string kindOfWord(const std::string& word);

/// All words that kindOfWord knows, plural forms; for completion and errors.
std::vector<std::string> kindWords();

/// "8f2c1a9 Raise pool size (Ana)".
std::string describeRevision(const schema::Revision& revision);

/// The wall clock, as ages are counted by.
base::Timestamp wallNow();

/// "45s", "12m"; "-" for a time that is not set.
std::string ageOf(const schema::Time& time, base::Timestamp now);

/// "PENDING" → "Pending".
std::string planStateName(api::PlanState state);

}  // namespace gantry::cli
