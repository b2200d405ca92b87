// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "controller/model/state.h"
#include "manifests/render/folder.h"

namespace gantry::delivery {

/// Who can write to Git could else take the approvals out of the policy together with the change
/// that they are for. So a plan of Applications and Projects is judged by what it finds, too.
///
/// - Of an Application whose policy asks for approvals, every change of its spec counts as
///   loosening, but those that can only make it stricter, and its deletion; so does every such
///   change of its Project's.
/// - Of one that such an Application is promoted from, or depends on, every change of what it is
///   healthy with: source, destination, variables, promotion, Project, ignored differences; and
///   that it is there anew.
/// - Of any other, that signatures are no longer asked for, or other keys are trusted then, or that
///   the deletion budget is raised; one approval is needed for these.

/// The policies that `changes` of `application` to `desired` loosen, as they are now; the same
/// policy once. Pure.
std::vector<api::LoosenedPolicy> loosenedBy(const schema::Application& application,
                                            const std::vector<api::PlannedChange>& changes,
                                            const manifests::RenderedSet& desired,
                                            const model::State& state);

/// "loosens spec.syncPolicy.approval.required of gantry-system/shop-production", "changes what
/// gantry-system/shop-production is promoted from: spec.source.path of gantry-system/shop-staging":
/// for people. Pure.
std::string describeLoosened(const api::LoosenedPolicy& loosened);

/// Whether the policy asks anybody at all. Pure.
bool asksPeople(const schema::ApprovalPolicy& policy);

/// The fields that differ between two specs in another way than that the second is stricter. Pure.
std::vector<std::string> loosenedFields(const schema::Application& before,
                                        const schema::Application& after);
std::vector<std::string> loosenedFields(const schema::Project& before,
                                        const schema::Project& after);

}  // namespace gantry::delivery
