// SPDX-License-Identifier: Apache-2.0
#include "controller/loops/outbox.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "base/log.h"
#include "base/status.h"
#include "controller/loops/loop_context.h"

namespace gantry::loops {
namespace {

constexpr std::string_view kKeys = "/notify/outbox/";
/// So that many that are sent share a commit.
constexpr base::Duration kEraseDelay(1'000);

std::string keyOf(Outbox::Number number) {
  // Keys are in the order of their text.
  return absl::StrCat("/notify/outbox/", absl::Dec(number, absl::kZeroPad20));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Outbox>> Outbox::open(base::Executor& executor,
                                                     store::Store& store) {
  std::unique_ptr<Outbox> outbox(new Outbox(executor, store));
  GANTRY_ASSIGN_OR_RETURN(const std::vector<store::Record> records, outbox->list());
  for (const store::Record& record : records) {
    Number number = 0;
    notify::Waiting waiting;
    if (absl::SimpleAtoi(record.key.substr(kKeys.size()), &number) &&
        decode(record.value, waiting)) {
      outbox->wanted_.emplace(number, std::move(waiting));
    } else {
      base::logError(absl::StrCat("the notification ", record.key, " cannot be read; it is lost"));
      outbox->write_.ringSoon();
    }
  }
  outbox->compare();
  return outbox;
}

Outbox::Outbox(base::Executor& executor, store::Store& store)
    : store_(store), write_(executor, [this] { write(); }) {}

Outbox::~Outbox() {
  write();
}

Outbox::Number Outbox::put(notify::Waiting waiting) {
  wanted_.emplace(++last_, std::move(waiting));
  unwritten_.insert(last_);
  write_.ringSoon();
  return last_;
}

void Outbox::erase(Number number) {
  wanted_.erase(number);
  unwritten_.erase(number);
  if (stored_.contains(number)) gone_.insert(number);
  write_.ringAfter(kEraseDelay);
}

absl::StatusOr<std::vector<store::Record>> Outbox::list() {
  GANTRY_ASSIGN_OR_RETURN(std::vector<store::Record> records, store_.list(kKeys));
  stored_.clear();
  for (const store::Record& record : records) {
    Number number = 0;
    if (absl::SimpleAtoi(record.key.substr(kKeys.size()), &number)) {
      stored_[number] = record.version;
      last_ = std::max(last_, number);
    }
  }
  inDoubt_ = false;
  return records;
}

void Outbox::compare() {
  unwritten_.clear();
  gone_.clear();
  for (const auto& [number, waiting] : wanted_) {
    if (!stored_.contains(number)) unwritten_.insert(number);
  }
  for (const auto& [number, version] : stored_) {
    if (!wanted_.contains(number)) gone_.insert(number);
  }
}

void Outbox::write() {
  if (inDoubt_) {
    if (!list().ok()) return write_.ringAfter(kRetryDelay);
    compare();
  }
  std::vector<store::Write> batch;
  for (const Number number : unwritten_) {
    batch.push_back({keyOf(number), encode(wanted_.at(number)), 0});
  }
  for (const Number number : gone_) {
    batch.push_back({keyOf(number), std::nullopt, stored_.at(number)});
  }
  if (batch.empty()) return;
  const absl::StatusOr<std::int64_t> version = store_.commit(batch);
  if (!version.ok()) {
    inDoubt_ = true;
    return write_.ringAfter(kRetryDelay);
  }
  for (const Number number : unwritten_) stored_[number] = *version;
  for (const Number number : gone_) stored_.erase(number);
  unwritten_.clear();
  gone_.clear();
}

}  // namespace gantry::loops
