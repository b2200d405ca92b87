// SPDX-License-Identifier: Apache-2.0
// gantry-sim: runs seeds of the simulator, or replays one.
#include <spdlog/spdlog.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "base/check.h"
#include "tests/sim/run.h"

namespace gantry::sim {
namespace {

constexpr char kUsage[] =
    "Usage: gantry-sim [--seeds N] [--first S] [--jobs J]   runs N seeds from S on (200 from 1)\n"
    "       gantry-sim --seed S [--trace]                   replays one seed\n"
    "Exit code: 0 all passed, 1 a rule was broken, 2 usage, 3 a seed gave two traces\n";

/// Of so many seeds one is run twice, to see that it does the same.
constexpr std::uint64_t kRunTwice = 20;

enum ExitCode { kPassed = 0, kBroken = 1, kWrongUsage = 2, kTwoTraces = 3 };

struct Options {
  std::uint64_t seeds = 200;
  std::uint64_t first = 1;
  std::uint64_t jobs = std::max(1U, std::thread::hardware_concurrency());
  std::optional<std::uint64_t> seed;
  bool isTraced = false;
};

std::optional<Options> parse(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    if (name == "--trace") {
      options.isTraced = true;
      continue;
    }
    std::uint64_t value = 0;
    if (i + 1 == argc || !absl::SimpleAtoi(argv[++i], &value)) return std::nullopt;
    if (name == "--seeds") {
      options.seeds = value;
    } else if (name == "--first") {
      options.first = value;
    } else if (name == "--jobs" && value > 0) {
      options.jobs = value;
    } else if (name == "--seed") {
      options.seed = value;
    } else {
      return std::nullopt;
    }
  }
  return options;
}

ExitCode report(std::uint64_t seed, const RunResult& result) {
  if (result.broken.empty()) return kPassed;
  std::printf("seed %llu: %s\nreplay it with: gantry-sim --seed %llu --trace\n",
              static_cast<unsigned long long>(seed), result.broken.c_str(),
              static_cast<unsigned long long>(seed));
  return kBroken;
}

ExitCode runSeed(std::uint64_t seed, bool twice) {
  const RunResult result = run(seed, false);
  if (const ExitCode code = report(seed, result); code != kPassed) return code;
  if (!twice || run(seed, false).trace == result.trace) return kPassed;
  std::printf("seed %llu gave two traces: something does not depend on the seed alone\n",
              static_cast<unsigned long long>(seed));
  return kTwoTraces;
}

ExitCode replay(const Options& options) {
  const RunResult result = run(*options.seed, options.isTraced);
  std::printf("trace %016llx, %llu events in %.1f virtual seconds\n",
              static_cast<unsigned long long>(result.trace),
              static_cast<unsigned long long>(result.events),
              static_cast<double>(result.virtualMs) / 1000);
  return report(*options.seed, result);
}

/// The share of one process: every `jobs`th seed. A process of its own, so that a seed on which the
/// program aborts is known too: it is in `current`, which is shared.
ExitCode runShare(const Options& options, std::uint64_t job, std::uint64_t& current) {
  for (std::uint64_t i = job; i < options.seeds; i += options.jobs) {
    const std::uint64_t seed = options.first + i;
    current = seed;
    if (const ExitCode code = runSeed(seed, i % kRunTwice == 0); code != kPassed) {
      std::fflush(stdout);
      return code;
    }
  }
  return kPassed;
}

int runAll(const Options& options) {
  const auto begin = std::chrono::steady_clock::now();
  void* const memory = mmap(nullptr, options.jobs * sizeof(std::uint64_t), PROT_READ | PROT_WRITE,
                            MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  GANTRY_CHECK(memory != MAP_FAILED);
  const std::span current(static_cast<std::uint64_t*>(memory), options.jobs);
  std::map<pid_t, std::uint64_t> shares;
  for (std::uint64_t job = 0; job < std::min(options.jobs, options.seeds); ++job) {
    const pid_t child = fork();
    GANTRY_CHECK(child >= 0);
    if (child == 0) std::_Exit(runShare(options, job, current[job]));
    shares[child] = job;
  }
  int code = kPassed;
  while (!shares.empty()) {
    int status = 0;
    const pid_t ended = wait(&status);
    if (ended < 0) break;
    const auto share = shares.extract(ended);
    if (share.empty()) continue;
    if (WIFSIGNALED(status) && code == kPassed) {
      const auto seed = static_cast<unsigned long long>(current[share.mapped()]);
      std::printf(
          "seed %llu: the program died of signal %d\n"
          "replay it with: gantry-sim --seed %llu --trace\n",
          seed, WTERMSIG(status), seed);
      code = kBroken;
    } else if (WIFEXITED(status) && code == kPassed) {
      code = WEXITSTATUS(status);
    }
    // The first seed that fails is enough.
    if (code == kPassed) continue;
    for (const auto& [child, other] : shares) kill(child, SIGTERM);
  }
  if (code != kPassed) return code;
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%llu seeds passed in %.1f s: %.1f seeds a second on %llu processes\n",
              static_cast<unsigned long long>(options.seeds), took.count(),
              static_cast<double>(options.seeds) / took.count(),
              static_cast<unsigned long long>(options.jobs));
  return kPassed;
}

int mainOf(int argc, char** argv) {
  const std::optional<Options> options = parse(argc, argv);
  if (!options) {
    std::fputs(kUsage, stderr);
    return kWrongUsage;
  }
  spdlog::set_level(spdlog::level::off);
  return options->seed ? replay(*options) : runAll(*options);
}

}  // namespace
}  // namespace gantry::sim

int main(int argc, char** argv) {
  return gantry::sim::mainOf(argc, argv);
}
