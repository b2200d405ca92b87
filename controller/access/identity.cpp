// SPDX-License-Identifier: Apache-2.0
#include "controller/access/identity.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "base/check.h"
#include "base/openssl.h"
#include "base/status.h"

namespace gantry::access {
namespace {

constexpr std::string_view kNodePrefix = "node:";
constexpr std::string_view kRolePrefix = "gantry:";
constexpr std::string_view kAgents = "gantry:agents";
constexpr std::array kPeople = {Role::kViewer, Role::kOperator, Role::kApprover, Role::kAdmin};

// DNS labels of a host name: nodes are called after their hosts.
bool isNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

absl::StatusOr<Identity> identityFromSubject(const std::string& commonName,
                                             std::string_view organisation) {
  if (organisation == kAgents && commonName.starts_with(kNodePrefix)) {
    return Identity{commonName.substr(kNodePrefix.size()), Role::kAgent};
  }
  if (organisation.starts_with(kRolePrefix) && !commonName.starts_with(kNodePrefix)) {
    const auto role = roleFromName(organisation.substr(kRolePrefix.size()));
    if (role.ok()) return Identity{commonName, *role};
  }
  return absl::UnauthenticatedError(
      absl::StrCat("the certificate of \"", commonName, "\" names no role of Gantry"));
}

}  // namespace

const char* roleName(Role role) {
  switch (role) {
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kApprover:
      return "approver";
    case Role::kAdmin:
      return "admin";
    case Role::kAgent:
      return "agent";
  }
  GANTRY_CHECK(false);
}

absl::StatusOr<Role> roleFromName(std::string_view name) {
  for (const Role role : kPeople) {
    if (name == roleName(role)) return role;
  }
  return absl::InvalidArgumentError(absl::StrCat("no role is called \"", std::string(name),
                                                 "\"; use viewer, operator, approver or admin"));
}

std::string commonNameOf(const Identity& identity) {
  if (identity.role != Role::kAgent) return identity.name;
  return absl::StrCat(std::string(kNodePrefix), identity.name);
}

std::string organisationOf(const Identity& identity) {
  if (identity.role == Role::kAgent) return std::string(kAgents);
  return absl::StrCat(std::string(kRolePrefix), roleName(identity.role));
}

absl::StatusOr<Identity> identityOf(std::string_view certificatePem, base::Timestamp now) {
  const auto certificate = base::certificateFromPem(certificatePem);
  if (!certificate.ok()) return absl::UnauthenticatedError(certificate.status().message());
  const X509_NAME* subject = X509_get_subject_name(certificate->get());
  GANTRY_ASSIGN_OR_RETURN(Identity identity,
                          identityFromSubject(base::nameEntry(subject, NID_commonName),
                                              base::nameEntry(subject, NID_organizationName)));
  time_t seconds = static_cast<time_t>(base::toUnixMs(now) / 1000);
  if (X509_cmp_time(X509_get0_notAfter(certificate->get()), &seconds) < 0) {
    return absl::UnauthenticatedError(
        absl::StrCat("the certificate of \"", identity.name, "\" has expired; get a new one"));
  }
  return identity;
}

absl::Status checkName(std::string_view name) {
  const bool plain = !name.empty() && name.size() <= 58 && name.front() != '-' &&
                     name.front() != '.' && name.back() != '-' && name.back() != '.' &&
                     std::all_of(name.begin(), name.end(), isNameCharacter);
  if (plain) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", std::string(name),
                   "\" cannot be a name; use up to 58 lower-case letters, digits, '-' and '.'"));
}

}  // namespace gantry::access
