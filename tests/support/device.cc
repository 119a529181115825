#include "support/device.h"

#include <algorithm>

#include "crypto/sign.h"
#include "support/certificates.h"

namespace countersign::test {

Bytes Device::seal(message::PKIMessage m, Time now) {
  auto& c = credentials_;
  m.header.message_time = now;
  if (!c.mac) {
    m.header.sender = x509::directory_name(c.certificate->subject);
    m.header.sender_kid = c.certificate->subject_key_identifier();
    if (c.send_certificate) {
      m.extra_certs = {c.certificate->der};
      m.extra_certs.insert(m.extra_certs.end(), c.chain.begin(), c.chain.end());
    }
    const auto& key = key_of(c.key);
    const auto algorithm = key.default_signature_algorithm();
    const Bytes tbs = protect::prepare_signature(m, algorithm);
    protect::attach_signature(m, crypto::sign(key, algorithm, tbs).value());
    return message::encode(m);
  }
  m.header.sender = x509::directory_name(x509::common_name(c.reference));
  m.header.sender_kid = to_bytes(c.reference);
  if (!mac_key_) {
    Bytes salt(16);
    (void)entropy_.fill(salt);
    const auto row = std::ranges::find(protect::kNewMacs, *c.mac, &protect::NewMac::choice);
    const auto algorithm = row->make(salt, c.iterations);  // also fewer than we would ever send
    mac_key_ = protect::derive_mac_key(algorithm, c.secret, true, quick_policy()).value();
  }
  protect::protect_with_mac(m, *mac_key_, entropy_).value();
  return message::encode(m);
}

Result<message::PKIMessage> Device::open(View reply, Time now) const {
  auto m = TRY(message::parse_message(reply));
  protect::ResponderTrust trust;
  trust.anchors = &authority().roots;
  trust.accept_signed_for_mac = true;
  TRY(protect::authenticate_response(m, credentials_.mac ? &credentials_.secret : nullptr, trust,
                                     quick_policy(), now));
  return m;
}

crmf::CertReqMsg Device::request(std::int64_t id, const std::string& subject,
                                 const crypto::PrivateKey& key,
                                 std::vector<crmf::Attribute> controls) {
  crmf::CertReqMsg out;
  out.cert_req.controls = std::move(controls);
  out.cert_req.cert_req_id = RequestId{id};
  out.cert_req.cert_template.subject = x509::name_from_text(subject).value();
  out.cert_req.cert_template.public_key = copy(key.public_key().spki());
  const auto algorithm = key.default_signature_algorithm();
  const View covered = crmf::encode_cert_req(out);
  const Bytes signature = crypto::sign(key, algorithm, covered).value();
  out.popo = crmf::POPOSigningKey{{}, algorithm, {signature, 0}};
  return out;
}

}  // namespace countersign::test
