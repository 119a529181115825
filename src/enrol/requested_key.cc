#include "enrol/requested_key.h"

namespace countersign::enrol {
namespace {

der::Parsed<bool> is_empty(View spki) {
  der::Context context(spki);
  der::Reader in(spki, context);
  der::Reader seq = TRY(in.read(der::Tag::sequence));
  TRY(seq.any(der::Tag::sequence));
  return TRY(seq.bits()).octets.empty();
}

}  // namespace

Result<View> requested_key(const crmf::CertTemplate& asked) {
  // What is malformed is for crypto to name.
  if (asked.public_key && !is_empty(*asked.public_key).value_or(false))
    return View(*asked.public_key);
  return fail(Failure::badCertTemplate, "template.key-missing",
              "certTemplate.publicKey is missing or empty; send the public key to be certified "
              "(keys are made here only where the operator allows it: cmp.central_keys)");
}

}  // namespace countersign::enrol
