// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "controller/model/ledger.h"
#include "controller/store/sqlite_store.h"

namespace gantry::bench {
namespace {

/// A folder of its own below $TMPDIR, else /tmp: where the disk is that is measured.
struct Folder {
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "gantry-bench.XXXXXX").string();
    GANTRY_CHECK(mkdtemp(pattern.data()) != nullptr);
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::filesystem::path path;
};

/// One decision of one object a commit, each synced to the disk before the next.
void commit(benchmark::State& state) {
  const Folder folder;
  const auto store = store::SqliteStore::open(folder.path / "state.db");
  GANTRY_CHECK(store.ok());
  const auto ledger = model::Ledger::open(**store);
  GANTRY_CHECK(ledger.ok());
  constexpr int kObjects = 1'000;
  int number = 0;
  for (auto _ : state) {
    schema::ConfigMap object;
    object.mutable_metadata()->set_namespace_("shop");
    object.mutable_metadata()->set_name(absl::StrCat("settings-", number % kObjects));
    (*object.mutable_data())["text"] = std::string(1'000, 'x');
    (*object.mutable_data())["number"] = absl::StrCat(number++);
    model::Transaction transaction((*ledger)->state());
    transaction.put(std::move(object));
    GANTRY_CHECK((*ledger)->commit(std::move(transaction)).ok());
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(commit)->Name("ledger_commit_sqlite_full")->Unit(benchmark::kMicrosecond)->UseRealTime();

}  // namespace
}  // namespace gantry::bench
