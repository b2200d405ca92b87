// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>

#include "base/time.h"
#include "tests/sim/view.h"

namespace gantry::sim {

/// What Applications and Projects say about who may do what and when, read by the checkers
/// themselves. All are functions of what is in the view and of the time.

/// "gantry-system/production".
std::string fullName(const model::Name& name);

/// The Project that an Application belongs to.
model::Name projectOf(const schema::Application& application);

/// The roles of the Project that a person is a member of.
std::set<std::string> rolesOf(const schema::Project* project, const std::string& person);

/// Whether one of them holds the permission; without roles everybody has it.
bool isPermitted(const schema::Project* project, const std::string& person,
                 const std::string& permission);

/// Whether somebody has suspended the Application for a time that is not over.
bool isStopped(const schema::Application& application, base::Timestamp now);

/// The windows that keep an Application's plans back, its own and the Project's, in UTC and of the
/// schedules that people write here: every minute, every so many, and from one on to the end of the
/// hour. Empty if none does.
std::string closedWindow(const schema::Application& application, const schema::Project* project,
                         base::Timestamp now);

/// What the Application depends on and is not there: not applied as Git held it at the last look,
/// on its way back, or with a Deployment that is not rolled out. Empty if all is.
std::string missingDependency(const schema::Application& application, const View& view);

/// Whether so many deletions are more than nobody has to be asked for.
bool isBeyondBudget(const schema::Application& application, int deletions);

/// Who holds a revision of the Application, by its commit or its tree; empty if nobody does.
std::string holderOf(const model::Name& application, const std::string& commit,
                     const std::string& treeHash, const View& view);

}  // namespace gantry::sim
