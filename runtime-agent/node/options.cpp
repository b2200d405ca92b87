// SPDX-License-Identifier: Apache-2.0
#include "runtime-agent/node/options.h"

#include <CLI/CLI.hpp>

#include "runtime-agent/node/machine.h"

namespace gantry::agent {
namespace {

void addLabels(const std::vector<std::string>& pairs, AgentOptions& options) {
  for (const std::string& each : pairs) {
    const std::size_t equals = each.find('=');
    if (equals == 0 || equals == std::string::npos) {
      throw CLI::ValidationError("--labels", "\"" + each + "\" is not KEY=VALUE");
    }
    options.labels[each.substr(0, equals)] = each.substr(equals + 1);
  }
}

void addShared(CLI::App& app, AgentOptions& options) {
  app.add_option("--data-dir", options.dataDir, "Certificate, checkpoint and volumes")
      ->capture_default_str();
  app.add_option("--runtime-endpoint", options.runtimeEndpoint, "CRI socket of the runtime")
      ->capture_default_str();
  app.add_option("--cni-conf-dir", options.cniConfDir, "Where the runtime reads its networks")
      ->capture_default_str();
  app.add_option("--network", options.network, "Name of the pod network")->capture_default_str();
  app.add_option("--nft-table", options.nftTable, "Table of the rules for Services")
      ->capture_default_str();
}

}  // namespace

std::optional<AgentOptions> parseOptions(int argc, char** argv, int& exitCode) {
  AgentOptions options;
  std::vector<std::string> labels;
  CLI::App app("Runs the pods of one node for a Gantry controller", "gantry-agent");
  app.set_version_flag("--version", "gantry-agent " GANTRY_VERSION);
  addShared(app, options);
  CLI::Option* controller =
      app.add_option("--controller", options.controller, "HOST:PORT of the controller");
  app.add_option("--token", options.token, "Join token; for the first start only");
  app.add_option("--token-file", options.tokenFile, "File with the join token");
  app.add_option("--node-name", options.nodeName, "Name of this node; default: the host's name");
  app.add_option("--pod-log-root", options.podLogRoot, "Where the logs of pods go")
      ->capture_default_str();
  app.add_option("--address", options.address,
                 "This node's address; default: the one that faces the controller");
  app.add_option("--labels", labels, "Labels of the node: KEY=VALUE")->delimiter(',');
  const std::map<std::string, base::LogLevel> levels{{"debug", base::LogLevel::kDebug},
                                                     {"info", base::LogLevel::kInfo},
                                                     {"warning", base::LogLevel::kWarning},
                                                     {"error", base::LogLevel::kError}};
  app.add_option("--log-level", options.logLevel, "debug, info, warning or error")
      ->transform(CLI::CheckedTransformer(levels, CLI::ignore_case));
  app.add_flag("--join-only", options.joinOnly, "Joins the cluster and ends");
  CLI::App* leave = app.add_subcommand(
      "leave", "Removes all pods, networks and rules that the agent has made on this machine");
  addShared(*leave, options);
  try {
    app.parse(argc, argv);
    addLabels(labels, options);
    options.leave = leave->parsed();
    if (!options.leave && controller->empty()) throw CLI::RequiredError("--controller");
  } catch (const CLI::ParseError& error) {
    exitCode = app.exit(error);
    return std::nullopt;
  }
  if (options.nodeName.empty()) options.nodeName = readMachine().hostname;
  return options;
}

}  // namespace gantry::agent
