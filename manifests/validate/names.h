// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace gantry::manifests {

// Kubernetes' rules for names. All take the whole text.

/// RFC 1123 label: "front-1"; at most 63 of a-z, 0-9, '-', with '-' never first or last.
bool isDnsLabel(std::string_view text);
/// RFC 1035 label: as above, and begins with a letter.
bool isDnsLabel1035(std::string_view text);
/// RFC 1123 labels joined by dots, at most 253.
bool isDnsSubdomain(std::string_view text);
/// Key of a label: "app", "example.com/app".
bool isLabelKey(std::string_view text);
/// At most 63 of A-Z, a-z, 0-9, '-', '_', '.', beginning and ending with a letter or digit; or
/// empty.
bool isLabelValue(std::string_view text);
/// Key of a ConfigMap or Secret: at most 253 of A-Z, a-z, 0-9, '-', '_', '.'; not "." or "..".
bool isConfigKey(std::string_view text);
/// Name of an environment variable: printable ASCII without '='.
bool isEnvName(std::string_view text);
/// Name of a port: at most 15 of a-z, 0-9, '-', with at least one letter.
bool isPortName(std::string_view text);
/// A way inside a folder: relative, without "..".
bool isInnerPath(std::string_view text);
/// "10.0.0.1".
bool isIpv4(std::string_view text);

}  // namespace gantry::manifests
