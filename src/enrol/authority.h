// Authorities: who issues. The server's own ("default": its CA, or what `upstream.` of the
// configuration names), and others that an operator sets: another CA of ours, a CA that is reached
// over CMP, a program that asks one which speaks no CMP, or a web service that does.
#pragma once

#include <array>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "enrol/field.h"

namespace countersign::enrol {

inline constexpr std::string_view kDefaultAuthority = "default";

enum class AuthorityKind : Byte { cmp, command, webhook, own };
inline constexpr std::array<std::string_view, 4> kAuthorityKinds = {"cmp", "command", "webhook",
                                                                    "own"};
// Octets of the longest name that leaves room for " Issuing CA" in a CN (RFC 5280 appendix A.1).
inline constexpr std::size_t kLongestCaName = 53;
enum class RootOf : Byte { shared, own };  // of a CA of ours: the server's, or one of its own

// What is passed on to a CA over CMP rather than asked for in our own name. RFC 9483 §5.2.
enum class Relaying : Byte {
  updates,    // kur, with its protection added; the rest is asked for in its own name
  vouched,    // everything, with its protection added
  untouched,  // everything, as it is
  batched,    // everything, as it is, several together
};
enum class UpstreamRequest : Byte { as_asked, ir, cr };
enum class UpstreamPop : Byte { ra_verified, keep };
enum class UpstreamMac : Byte { pbm, pbmac1, pbm_gmac };
enum class UpstreamConfirm : Byte { forwarded, implicit };
// Values of cert_profile that are no names: the requester's, if it sent one, and that of the RA
// profile which the request was granted by.
inline constexpr std::string_view kCertProfileAsAsked = "as_asked";
inline constexpr std::string_view kCertProfileOfRa = "ra_profile";

struct Authority {
  std::string name, summary;
  AuthorityKind kind = AuthorityKind::cmp;
  std::string ca_name;                // own: empty: that of the server's own CA, and its name
  std::string organization;           // own: empty: as the server's own CA has it
  std::string algorithm = "p256";     // own: of its keys, when it is made
  RootOf root = RootOf::shared;       // own
  Seconds lives{10LL * 365 * 86400};  // own: the certificate of its issuing CA
  std::string url;                    // cmp: one or several; webhook: one
  std::vector<std::string> command;   // program, arguments
  std::string ca;                     // file: the issuing CA's certificate first, its root last
  bool label = false;                 // of the operation, behind the url
  std::string certificate;            // file: ours as a registration authority
  std::string key;                    // its file, or a PKCS #11 URI
  std::string key_password;           // file: of the key, or the PIN of its token
  std::string reference;              // cmp: of a secret that we and the CA have
  std::string secret_file;            // cmp: its first line is that; empty: we sign
  UpstreamMac mac = UpstreamMac::pbm;
  std::string signers;  // file: of its answers; empty: as they come
  Relaying relaying = Relaying::updates;
  UpstreamRequest request = UpstreamRequest::as_asked;
  UpstreamPop pop = UpstreamPop::ra_verified;
  UpstreamConfirm confirm = UpstreamConfirm::forwarded;
  bool orig_message = false;  // shown to the CA
  bool follow = true;         // to CAs that lead to the root of `ca` and are not in it
  std::string cert_profile;   // that the CA is asked for; empty: none
  std::string token_file;     // webhook: what we show it; empty: nothing
  Seconds timeout{10};
  Seconds patience{15};
  Seconds retry{30};
  Seconds rest{30};
  Seconds give_up{86400};
  std::size_t most_at_once = 0;          // messages, programs; 0: any number
  std::size_t most_waiting = 0;          // for their turn; 0: any number
  std::size_t most_per_day = 0;          // certificates, of the last 24 hours; 0: any number
  std::string tls_trust;                 // file; empty: the system's, and the root of `ca`
  std::string tls_certificate, tls_key;  // files: ours as a TLS client

  friend bool operator==(const Authority&, const Authority&) = default;
};

// Those of `upstream.` in the configuration too, but for kind, command and summary.
std::span<const Field<Authority>> authority_fields();

// What is missing for its kind, as the name of the field and a sentence.
struct Missing {
  std::string_view field;
  std::string what;
};
std::vector<Missing> missing_in(const Authority& authority);

}  // namespace countersign::enrol
