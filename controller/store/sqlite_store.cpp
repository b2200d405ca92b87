// SPDX-License-Identifier: Apache-2.0
#include "controller/store/sqlite_store.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "base/status.h"

namespace gantry::store {
namespace {

// "Gntr", in the header of the file: tells it from any other SQLite file.
constexpr std::int64_t kApplicationId = 0x476e7472;
constexpr std::int64_t kFormat = 1;

constexpr char kSchema[] =
    "CREATE TABLE records (key TEXT NOT NULL UNIQUE, value BLOB NOT NULL, version INTEGER NOT "
    "NULL);"
    // Outlives the newest record, so that a version is never given twice.
    "CREATE TABLE counter (revision INTEGER NOT NULL);"
    "INSERT INTO counter VALUES (0);";

void bindText(sqlite3_stmt* statement, int index, std::string_view text) {
  sqlite3_bind_text(statement, index, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

void bindBlob(sqlite3_stmt* statement, int index, std::string_view bytes) {
  sqlite3_bind_blob64(statement, index, bytes.data() ? bytes.data() : "", bytes.size(),
                      SQLITE_STATIC);
}

std::string columnBytes(sqlite3_stmt* statement, int column) {
  const void* bytes = sqlite3_column_blob(statement, column);
  const int size = sqlite3_column_bytes(statement, column);
  return bytes ? std::string(static_cast<const char*>(bytes), size) : std::string();
}

absl::StatusCode codeOf(int sqliteCode) {
  switch (sqliteCode & 0xff) {
    case SQLITE_FULL:
      return absl::StatusCode::kResourceExhausted;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return absl::StatusCode::kDataLoss;
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return absl::StatusCode::kPermissionDenied;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return absl::StatusCode::kFailedPrecondition;
    default:
      return absl::StatusCode::kUnavailable;
  }
}

const char* adviceOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kResourceExhausted:
      return "; free space on its disk";
    case absl::StatusCode::kDataLoss:
      return "; restore it from a backup";
    case absl::StatusCode::kFailedPrecondition:
      return "; another controller has it open";
    default:
      return "";
  }
}

// SQLite would create the file with the mode of the umask; there are secrets in it.
absl::Status createPrivately(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return absl::ErrnoToStatus(errno,
                               absl::StrCat("the store ", file.string(), " cannot be opened"));
  }
  ::close(descriptor);
  return absl::OkStatus();
}

}  // namespace

void SqliteStore::Close::operator()(sqlite3* database) const {
  sqlite3_close_v2(database);
}
void SqliteStore::Close::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStore::~SqliteStore() = default;

absl::StatusOr<std::unique_ptr<SqliteStore>> SqliteStore::open(const std::filesystem::path& file) {
  std::unique_ptr<SqliteStore> store(new SqliteStore(file));
  GANTRY_RETURN_IF_ERROR(store->connect());
  GANTRY_RETURN_IF_ERROR(store->lockAndCheck());
  GANTRY_RETURN_IF_ERROR(store->prepareAll());
  return store;
}

absl::Status SqliteStore::connect() {
  GANTRY_RETURN_IF_ERROR(createPrivately(file_));
  sqlite3* database = nullptr;
  const int code = sqlite3_open_v2(file_.c_str(), &database,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(database);
  if (code != SQLITE_OK) return error();
  sqlite3_extended_result_codes(database, 1);
  return absl::OkStatus();
}

absl::Status SqliteStore::lockAndCheck() {
  // Exclusive before the first access: the lock is then never given back, and the index of the
  // write-ahead log stays in our memory.
  GANTRY_RETURN_IF_ERROR(execute("PRAGMA locking_mode=EXCLUSIVE"));
  GANTRY_RETURN_IF_ERROR(execute("PRAGMA journal_mode=WAL"));
  GANTRY_RETURN_IF_ERROR(execute("PRAGMA synchronous=FULL"));
  GANTRY_RETURN_IF_ERROR(execute("BEGIN IMMEDIATE"));
  absl::Cleanup rollback = [this] { execute("ROLLBACK").IgnoreError(); };
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t application, queryNumber("PRAGMA application_id"));
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t tables,
                          queryNumber("SELECT count(*) FROM sqlite_master"));
  if (application == 0 && tables == 0) {
    GANTRY_RETURN_IF_ERROR(createTables());
  } else if (application != kApplicationId) {
    return absl::DataLossError(
        absl::StrCat("the store ", file_.string(), " is a SQLite file of another program"));
  }
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t format, queryNumber("PRAGMA user_version"));
  if (format != kFormat) {
    return absl::FailedPreconditionError(absl::StrCat("the store ", file_.string(), " has format ",
                                                      format, ", this version reads ", kFormat,
                                                      "; start the version that wrote it"));
  }
  std::move(rollback).Cancel();
  GANTRY_RETURN_IF_ERROR(execute("COMMIT"));
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t sound,
                          queryNumber("SELECT quick_check = 'ok' FROM pragma_quick_check LIMIT 1"));
  if (sound != 1) {
    return absl::DataLossError(
        absl::StrCat("the store ", file_.string(), " is damaged; restore it from a backup"));
  }
  GANTRY_ASSIGN_OR_RETURN(revision_, queryNumber("SELECT revision FROM counter"));
  return absl::OkStatus();
}

absl::Status SqliteStore::createTables() {
  GANTRY_RETURN_IF_ERROR(execute(kSchema));
  GANTRY_RETURN_IF_ERROR(execute(absl::StrCat("PRAGMA application_id=", kApplicationId).c_str()));
  return execute(absl::StrCat("PRAGMA user_version=", kFormat).c_str());
}

absl::Status SqliteStore::prepareAll() {
  const auto into = [this](Statement& statement, const char* sql) -> absl::Status {
    GANTRY_ASSIGN_OR_RETURN(statement, prepare(sql));
    return absl::OkStatus();
  };
  GANTRY_RETURN_IF_ERROR(into(
      list_, "SELECT key, value, version FROM records WHERE key >= ?1 AND key < ?2 ORDER BY key"));
  GANTRY_RETURN_IF_ERROR(into(version_, "SELECT version FROM records WHERE key = ?1"));
  GANTRY_RETURN_IF_ERROR(
      into(insert_, "INSERT OR IGNORE INTO records (key, value, version) VALUES (?1, ?2, ?3)"));
  GANTRY_RETURN_IF_ERROR(
      into(update_, "UPDATE records SET value = ?2, version = ?3 WHERE key = ?1 AND version = ?4"));
  GANTRY_RETURN_IF_ERROR(into(delete_, "DELETE FROM records WHERE key = ?1 AND version = ?2"));
  return into(advance_, "UPDATE counter SET revision = ?1");
}

absl::StatusOr<std::vector<Record>> SqliteStore::list(std::string_view prefix) {
  // UTF-8 has no byte above 0xf4: the bound is above every key with the prefix.
  const std::string end = absl::StrCat(absl::string_view(prefix.data(), prefix.size()), "\xff");
  const absl::Cleanup reset = [this] { sqlite3_reset(list_.get()); };
  bindText(list_.get(), 1, prefix);
  bindText(list_.get(), 2, end);
  std::vector<Record> found;
  while (true) {
    const int code = sqlite3_step(list_.get());
    if (code == SQLITE_DONE) return found;
    if (code != SQLITE_ROW) return error();
    found.push_back({columnBytes(list_.get(), 0), columnBytes(list_.get(), 1),
                     sqlite3_column_int64(list_.get(), 2)});
  }
}

absl::StatusOr<std::int64_t> SqliteStore::commit(const std::vector<Write>& batch) {
  absl::StatusOr<std::int64_t> revision = writeBatch(batch);
  // Some errors end the transaction by themselves.
  if (!revision.ok() && sqlite3_get_autocommit(database_.get()) == 0) {
    execute("ROLLBACK").IgnoreError();
  }
  if (revision.ok()) revision_ = *revision;
  return revision;
}

absl::StatusOr<std::int64_t> SqliteStore::writeBatch(const std::vector<Write>& batch) {
  const std::int64_t revision = revision_ + 1;
  GANTRY_RETURN_IF_ERROR(execute("BEGIN IMMEDIATE"));
  for (const Write& write : batch) GANTRY_RETURN_IF_ERROR(apply(write, revision));
  sqlite3_bind_int64(advance_.get(), 1, revision);
  GANTRY_RETURN_IF_ERROR(run(advance_.get()));
  GANTRY_RETURN_IF_ERROR(execute("COMMIT"));
  return revision;
}

absl::Status SqliteStore::apply(const Write& write, std::int64_t revision) {
  sqlite3_stmt* statement =
      write.value ? write.expectedVersion == 0 ? insert_.get() : update_.get() : delete_.get();
  bindText(statement, 1, write.key);
  if (write.value) {
    bindBlob(statement, 2, *write.value);
    sqlite3_bind_int64(statement, 3, revision);
    if (write.expectedVersion != 0) sqlite3_bind_int64(statement, 4, write.expectedVersion);
  } else {
    sqlite3_bind_int64(statement, 2, write.expectedVersion);
  }
  GANTRY_RETURN_IF_ERROR(run(statement));
  if (sqlite3_changes(database_.get()) == 1) return absl::OkStatus();
  GANTRY_ASSIGN_OR_RETURN(const std::int64_t version, versionOf(write.key));
  // What is not there is deleted already.
  if (version == 0 && write.expectedVersion == 0) return absl::OkStatus();
  return absl::AbortedError(
      absl::StrCat(write.key, " is at version ", version, ", not at ", write.expectedVersion));
}

absl::StatusOr<std::int64_t> SqliteStore::versionOf(const std::string& key) {
  const absl::Cleanup reset = [this] { sqlite3_reset(version_.get()); };
  bindText(version_.get(), 1, key);
  const int code = sqlite3_step(version_.get());
  if (code == SQLITE_DONE) return 0;
  if (code != SQLITE_ROW) return error();
  return sqlite3_column_int64(version_.get(), 0);
}

absl::Status SqliteStore::run(sqlite3_stmt* statement) {
  const int code = sqlite3_step(statement);
  const absl::Status status = code == SQLITE_DONE ? absl::OkStatus() : error();
  sqlite3_reset(statement);
  return status;
}

absl::Status SqliteStore::execute(const char* sql) {
  const int code = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? absl::OkStatus() : error();
}

absl::StatusOr<std::int64_t> SqliteStore::queryNumber(const char* sql) {
  GANTRY_ASSIGN_OR_RETURN(const Statement statement, prepare(sql));
  if (sqlite3_step(statement.get()) != SQLITE_ROW) return error();
  return sqlite3_column_int64(statement.get(), 0);
}

absl::StatusOr<SqliteStore::Statement> SqliteStore::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(database_.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return error();
  return Statement(statement);
}

absl::Status SqliteStore::error() const {
  const int sqliteCode = sqlite3_extended_errcode(database_.get());
  const absl::StatusCode code = codeOf(sqliteCode);
  const int systemError = sqlite3_system_errno(database_.get());
  // Of the system's errors only those of files mean anything here.
  const bool fromSystem = (sqliteCode & 0xff) == SQLITE_IOERR && systemError != 0;
  return absl::Status(
      code, absl::StrCat("the store ", file_.string(), ": ",
                         fromSystem ? std::strerror(systemError) : sqlite3_errmsg(database_.get()),
                         adviceOf(code)));
}

}  // namespace gantry::store
