// CMP profiles: how an endpoint speaks, and what it lets its senders ask for.
#pragma once

#include <compare>
#include <span>
#include <string>
#include <vector>

#include "der/reader.h"
#include "enrol/central_key.h"
#include "enrol/controls.h"
#include "enrol/field.h"
#include "enrol/rights.h"
#include "enrol/tokens.h"
#include "protect/policy.h"
#include "transaction/server_machine.h"

namespace countersign::enrol {

enum class ResponseProtection { as_request, signature };

// Files of a certificate and its key that sign the answers of a profile; none: the server's do.
struct SignerFiles {
  std::string certificate, key;  // PEM, the chain after the certificate; or
  std::string pkcs12;            // both in one
  std::string password;          // of the key, its token, or the PKCS #12 file; its first line

  bool empty() const noexcept { return certificate.empty() && key.empty() && pkcs12.empty(); }
  friend auto operator<=>(const SignerFiles&, const SignerFiles&) = default;
};

struct CmpProfile {
  std::string name = "default";
  std::string default_ra_profile = "device";
  std::vector<std::string> ra_profiles;  // that may be asked for; empty: all
  std::vector<std::string> trust_sets;   // of foreign senders; empty: the anchors in no set
  // Whose of our own certificates may sign: authorities; empty: all.
  std::vector<std::string> signers_issued_by = {};
  ResponseProtection response_protection = ResponseProtection::as_request;
  SignerFiles signer;
  transaction::Rules rules;
  protect::Policy protection;
  DuplicateKeys duplicate_keys = DuplicateKeys::allow;
  CompromisedKeys compromised_keys = CompromisedKeys::refuse;
  Seconds backdate{300};
  CentralKeys central_keys = CentralKeys::off;
  UnknownControls unknown_controls = UnknownControls::refuse;
  TokenPolicy tokens = TokenPolicy::ignore;
  UpdatePolicy updates{};
  // Where the header names no secret that is known: the attribute type of the subject that names
  // one, and the one that is taken when that does not either. Empty: none.
  std::string reference_from_subject = {};
  std::string default_reference = {};
  bool sign_refusals = true;      // answers to senders that did not prove themselves
  std::size_t most_nested = 100;  // messages in one nested message
  der::Limits limits{};
};

std::span<const Field<CmpProfile>> cmp_profile_fields();

// What its fields about answers say that cannot be: the field, and a sentence. answers.cc
struct AnswerFault {
  std::string_view field;
  std::string what;
};
std::vector<AnswerFault> faults_of_answers(const CmpProfile& profile);

}  // namespace countersign::enrol
