// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "controller/delivery/objects.h"
#include "manifests/schema/gantry.pb.h"

namespace gantry::delivery {

/// Makes the fields that the Application's spec.ignoreDifferences names for this object what they
/// are in `live`, also where they are not set there. A path that leads nowhere, which validation
/// refuses, is passed over. Pure.
void keepIgnored(const schema::Application& application, const Message& live, Message& wanted);

/// Makes one field of `to` what it is in `from`, an object of the same kind. `path` is as
/// manifests::resolveIgnored takes it; whether it leads to a field at all. Pure.
bool copyField(const Message& from, Message& to, const std::string& path);

}  // namespace gantry::delivery
