// What is sealed in the database, by the kinds that its values are sealed under (vault.h). A new
// one has a row in key_change.cc, too.
#pragma once

namespace countersign::store::sqlite {

inline constexpr char kSealedReply[] = "reply";
inline constexpr char kSealedCredential[] = "credential";
inline constexpr char kSealedFormerCredential[] = "credential-former";
inline constexpr char kSealedValue[] = "value";
// The value that only the right store key opens. Made with the database.
inline constexpr char kKeyCheck[] = "store-key-check";

}  // namespace countersign::store::sqlite
