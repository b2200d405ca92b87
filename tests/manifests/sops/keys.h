// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "manifests/sops/identities.h"

// Made by age-keygen and age 1.1.1, for these tests only.

namespace gantry::testing {

inline constexpr const char* kFirstKey =
    "AGE-SECRET-KEY-1XV08AS9T9CDTEXX6MKM9YYT20YN03PA205YMYQR5HGW9NHLAHGGS6SU5FA";
inline constexpr const char* kFirstRecipient =
    "age1j0tadt730ufnyqsh0mth0a2htdnedtfd9qyyd408vjxhyfluevwqg89jya";
inline constexpr const char* kSecondKey =
    "AGE-SECRET-KEY-1655RG5QRQGAHUNYJNERKWEVPECTXP7DX3Z77MGKCJTTSR64HMM3QCXUP7Z";
inline constexpr const char* kSecondRecipient =
    "age18a8auw5wxnddqc29mjnv3utxqgmpfuv77g5dg0mdkqeeercpmy4q8x20cy";

/// Nothing here is encrypted for it.
inline constexpr const char* kThirdKey =
    "AGE-SECRET-KEY-1R26QY6MXQVRP5JVZDAYDEHNAXUHXTCJAGE38QA9QM7GTJE22TTGSHTK679";

/// What kDataKeyForBoth holds.
inline constexpr const char* kDataKey = "0123456789abcdef0123456789ABCDEF";
inline constexpr const char* kDataKeyForBoth =
    R"(-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSB1MFlQZ25WWXdTcS9yWkEv
SS95NUhpNW1KN25VNi8zN2I3ZitTMWRVMFY4Ckg5L25CL0FFTHRYaVV2TGVxRmVl
VlNyVVJ1ZWx6NFdQNU5LQUEyemVmRVkKLT4gWDI1NTE5IFlJa0d6L2RSVEVyK3h1
aVNWNnBudER2Tk1VZXQvYlNNUDk3UGRVYTRTVE0KRUhWVmY4U0RtbXg3SHJWZ2pB
cVJqOWM5VlNCenpqMDJBTzVBMXFDaWhhbwotLS0gNXkxTFZvM0RKeDFvaDNhK1pD
OEdaNS95NjZCTXZpZUVwMlNuNXo3T04xYwpPLtAh8ejFcHqlZEgiglk0UQPYsH1N
wB5F+UCT/i8aUSg2kyHwSAyGhXipmsLi23es5o/Gb6mAHqHxiDhBhN9c
-----END AGE ENCRYPTED FILE-----
)";

/// "data", for the first recipient, in base64 of the binary form.
inline constexpr const char* kDataBinary =
    "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+"
    "IFgyNTUxOSBJV3BzcCtSUHQ5bkppL095YjJ3cUVqQnRhNFhVSE5SazdnVUdPcEh2akNNCnRzaWdFWDZRMkduV05vb3hKR0"
    "E2RWFrcFhYN1ViQ2U2Visya1FKT3M2RHMKLS0tIGNzRVNiS243YmFxZVlna2g2YVB0V2JJRU1kdG5iQ3IwblNoOVRZMWlm"
    "a3cKt3LcK9W5HmkVge5CHvtlcrV7sF6ufaBts5TXahN9T3HuZaHg";

/// "data", for a key of SSH.
inline constexpr const char* kDataForSsh = R"(-----BEGIN AGE ENCRYPTED FILE-----
YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHNzaC1lZDI1NTE5IExWUFlPZyBmU2Mz
VEJ4VHdXR3ZiYmQ3Q3YwbVVvdFJvYTJmY091QXZSU2MyWVVZekQwClYrMG5sYUFz
RjhwRDNsOVhsaHNGUUVLMndjUEZMMGQrZkE3amlNak9MNkUKLS0tIEJvNFJ5S2M4
Q2ZtVnVsUHVzSmlnZWw2aUw0MTRTTkNyWjBLVDlQZUV4YVEKwI82ndRJkvqjJ7zS
cl9B7EOvprBv3MyljxeuZvTVMQwR1rhv
-----END AGE ENCRYPTED FILE-----
)";

inline manifests::sops::Identities keys(const std::string& text) {
  return *manifests::sops::Identities::parse(text, "keys.txt");
}

}  // namespace gantry::testing
