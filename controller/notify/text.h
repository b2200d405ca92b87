// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "controller/notify/notice.h"

namespace gantry::notify {

/// "3 changes, 1 of them a deletion; 2 pods restart": what applying a plan does. Pure.
std::string summaryOf(const api::Plan& plan);

/// The address of what a notice is about: `externalUrl`/plans/NAMESPACE/PLAN, or that of the
/// Application where there is no plan. Empty without an `externalUrl`. Pure.
std::string linkTo(const Notice& notice, const std::string& externalUrl);

/// Makes a value safe for where it goes.
using Escape = std::function<std::string(std::string_view value)>;

/// The text for people: `pattern` with {{application}}, {{project}}, {{environment}}, {{event}},
/// {{plan}}, {{revision}}, {{author}}, {{by}}, {{summary}}, {{reason}} and {{link}} replaced by
/// their values, escaped; what a value holds is
/// never replaced again. An empty pattern: a text that says all of it. Pure.
std::string textOf(const Notice& notice, std::string_view pattern, const std::string& link,
                   const Escape& escape);

/// The text about many notices: how many there are, event by event, and of which Applications, each
/// once, as far as there is room. Pure.
std::string gatheredText(std::span<const Notice> notices, const std::string& externalUrl,
                         const Escape& escape);

/// At most `most` bytes of UTF-8, never half a character, with "…" where something is left out.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace gantry::notify
