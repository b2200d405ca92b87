// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>

#include "controller/store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace gantry::store {

/// A store in one SQLite file, for one controller at a time. Write-ahead log, synced at every
/// commit. The file is readable by its owner only.
class SqliteStore final : public Store {
 public:
  /// Opens the file, or creates it, and holds it locked until destroyed. Errors:
  /// FAILED_PRECONDITION (another controller has it open, or it was written by a newer version),
  /// DATA_LOSS (damaged, or not such a file), PERMISSION_DENIED, RESOURCE_EXHAUSTED (disk full),
  /// UNAVAILABLE.
  static absl::StatusOr<std::unique_ptr<SqliteStore>> open(const std::filesystem::path& file);
  ~SqliteStore() override;

  absl::StatusOr<std::vector<Record>> list(std::string_view prefix) override;
  absl::StatusOr<std::int64_t> commit(const std::vector<Write>& batch) override;

 private:
  struct Close {
    void operator()(sqlite3* database) const;
    void operator()(sqlite3_stmt* statement) const;
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Close>;

  explicit SqliteStore(std::filesystem::path file) : file_(std::move(file)) {}
  absl::Status connect();
  absl::Status lockAndCheck();
  absl::Status createTables();
  absl::Status prepareAll();

  absl::Status execute(const char* sql);
  absl::StatusOr<std::int64_t> queryNumber(const char* sql);
  absl::StatusOr<Statement> prepare(const char* sql);
  absl::StatusOr<std::int64_t> writeBatch(const std::vector<Write>& batch);
  absl::Status apply(const Write& write, std::int64_t revision);
  absl::StatusOr<std::int64_t> versionOf(const std::string& key);
  absl::Status run(sqlite3_stmt* statement);
  /// The last error of the connection, in our words.
  absl::Status error() const;

  std::filesystem::path file_;
  // Declared before the statements, which must be gone when it is closed.
  std::unique_ptr<sqlite3, Close> database_;
  Statement list_;
  Statement version_;
  Statement insert_;
  Statement update_;
  Statement delete_;
  Statement advance_;
  std::int64_t revision_ = 0;
};

}  // namespace gantry::store
