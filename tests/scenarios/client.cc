// The client's messages in a scenario.
#include <stdexcept>

#include "crypto/digest.h"
#include "message/info_type.h"
#include "scenarios/runner.h"
#include "support/certificates.h"
#include "transaction/confirmation.h"

namespace countersign::test {

using message::BodyType;

namespace {

BodyType body_type(const std::string& name) {
  for (int b = 0; b < message::kBodyTypes; ++b)
    if (message::name(static_cast<BodyType>(b)) == name) return static_cast<BodyType>(b);
  throw std::runtime_error("no such body: " + name);
}

bool opens(BodyType type) {
  return type == BodyType::ir || type == BodyType::cr || type == BodyType::kur ||
         type == BodyType::p10cr || type == BodyType::rr || type == BodyType::genm;
}

std::vector<std::string> split(const std::string& list) {
  std::vector<std::string> out(1);
  for (const char c : list) {
    if (c == ',')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

}  // namespace

Nonce Runner::nonce() {
  Nonce out{Bytes(16)};
  (void)entropy_.fill(out.octets);
  return out;
}

// ---- header: transactionID and nonces
message::PKIHeader Runner::header(const Step& s, bool first) {
  message::PKIHeader h;
  h.pvno = std::stoll(s.option("pvno", "2"));
  if (first && s.option("id") != "same") id_ = TransactionId{nonce().octets};
  if (first && s.option("id") == "short") id_.octets.resize(8);
  if (s.option("id") != "none") h.transaction_id = id_;
  if (s.option("id") == "unknown") h.transaction_id = TransactionId{Bytes(16, 0x99)};
  h.sender_nonce = our_nonce_ = nonce();
  if (s.option("sender-nonce") == "short") h.sender_nonce->octets.resize(8);
  if (s.option("sender-nonce") == "none") h.sender_nonce.reset();
  const auto which = s.option("nonce", first ? "none" : "right");
  if (which == "right") h.recip_nonce = server_nonce_;
  if (which == "wrong") h.recip_nonce = Nonce{Bytes(16, 0x66)};
  if (s.has("implicit"))
    h.general_info.push_back(
        message::make_info(message::it::implicitConfirm, message::NullValue{}));
  if (s.has("cert-profile"))
    h.general_info.push_back(
        message::make_info(message::it::certProfile, message::Texts{{s.option("cert-profile")}}));
  return h;
}

message::PKIMessage Runner::compose(const Step& s) {
  message::PKIMessage m;
  const BodyType type = body_type(s.words.at(0));
  const bool first = opens(type);
  m.header = header(s, first);
  if (first) key_ = s.option("key", "p256");
  m.body = body(s);
  return m;
}

// ---- bodies
message::PKIBody Runner::body(const Step& s) {
  const BodyType type = body_type(s.words.at(0));
  switch (type) {
    case BodyType::ir:
    case BodyType::cr:
    case BodyType::kur:
      return requests(s, type);
    case BodyType::p10cr:
      return {type, make_csr(s.option("subject", "CN=device-7"), key_of(key_))};
    case BodyType::rr:
      return {type, revocations(s)};
    case BodyType::certConf:
      return {type, confirmation(s)};
    case BodyType::pollReq: {
      message::PollReqContent content;
      for (std::size_t i = 1; i < s.words.size(); ++i)
        content.push_back({RequestId{std::stoll(s.words[i])}});
      return {type, content};
    }
    case BodyType::genm:
    case BodyType::genp: {
      message::InfoMsgContent content;
      for (std::size_t i = 1; i < s.words.size(); ++i)
        for (const auto& row : message::kInfoTypes)
          if (row.name == s.words[i]) content.items.push_back({row.id, {}});
      if (s.has("unknown")) content.items.push_back({der::Oid::of("1.3.6.1.4.1.99999.1"), {}});
      return {type, content};
    }
    case BodyType::error: {
      message::ErrorMsgContent content;
      content.status = message::rejection(Failure::badCertTemplate, "this is not what I asked for");
      return {type, content};
    }
    case BodyType::ip:
      return {type, message::CertRepMessage{{}, {{}}}};
    default:
      return {type, message::PKIConfirmContent{}};
  }
}

message::PKIBody Runner::requests(const Step& s, BodyType type) {
  std::vector<std::string> ids = split(s.option("ids", ""));
  if (!s.has("ids")) {
    ids.clear();
    for (int i = 0; i < std::stoi(s.option("requests", "1")); ++i) ids.push_back(std::to_string(i));
  }
  crmf::CertReqMessages out;
  for (const auto& id : ids) {
    auto r = Device::request(std::stoll(id), s.option("subject", "CN=device-7"), key_of(key_),
                             controls(s));
    if (s.option("pop") == "none") r.popo.reset();
    if (s.option("pop") == "ra") r.popo = crmf::RaVerified{};
    if (s.option("bad-pop") == id)
      std::get<crmf::POPOSigningKey>(*r.popo).signature.octets.back() ^= 1;
    out.push_back(std::move(r));
  }
  return {type, std::move(out)};
}

// kur replaces=0: oldCertID names the certificate of that certReqId, or `identity`, or `unknown`.
// control=token: a regToken; control=archive: pkiArchiveOptions; control=unknown: one of nobody's.
std::vector<crmf::Attribute> Runner::controls(const Step& s) const {
  std::vector<crmf::Attribute> out;
  if (s.has("replaces")) {
    crmf::CertId id{x509::directory_name(authority().issuing.subject),
                    serial_of(s.option("replaces"))};
    der::Writer w;
    crmf::write(w, id);
    out.push_back({crmf::oids::old_cert_id, std::move(w).take()});
  }
  for (const auto& control : split(s.option("control", ""))) {
    if (control == "token") out.push_back({crmf::oids::reg_token, {0x0c, 0x01, '7'}});
    if (control == "archive") out.push_back({crmf::oids::pki_archive_options, {0x82, 1, 0xff}});
    if (control == "unknown") out.push_back({der::Oid::of("1.3.6.1.4.1.99999.2"), {0x05, 0x00}});
  }
  return out;
}

Bytes Runner::serial_of(const std::string& which) const {
  if (which == "unknown") return {0x01, 0x02, 0x03};
  const Bytes& der = which == "identity" ? identity_.value().certificate
                                         : obtained_.at(RequestId{std::stoll(which)}).certificate;
  return x509::parse_certificate(der).value().serial;
}

message::CertConfirmContent Runner::confirmation(const Step& s) const {
  message::CertConfirmContent out;
  for (std::size_t i = 1; i < s.words.size(); ++i) {
    const auto& word = s.words[i];
    const RequestId id{std::stoll(word)};
    message::CertStatus status;
    status.cert_req_id = id;
    if (word.ends_with(":rejection"))
      status.status_info = message::rejection(Failure::badCertTemplate, "not what I asked for");
    // Said outright, or by a status that certConf does not have.
    if (word.ends_with(":stated")) status.status_info = message::PKIStatusInfo{};
    if (word.ends_with(":odd"))
      status.status_info = message::PKIStatusInfo{message::PKIStatus::revocationWarning, {}, {}};
    if (s.has("fail-info"))
      status.status_info = message::PKIStatusInfo{
          message::PKIStatus::accepted, {}, message::failure_bits(Failure::badRequest)};
    if (s.has("hash-alg"))
      status.hash_alg = der::AlgorithmIdentifier{
          crypto::oid(*crypto::digest_from_name(s.option("hash-alg"))), {}};
    auto at = obtained_.find(id);
    if (at == obtained_.end()) at = obtained_.begin();
    if (at == obtained_.end()) throw std::runtime_error("no certificate to confirm");
    status.cert_hash =
        transaction::certificate_hash(at->second.certificate, status.hash_alg).value_or(Bytes(32));
    if (s.option("hash") == "wrong") status.cert_hash.front() ^= 1;
    out.push_back(std::move(status));
  }
  return out;
}

// rr of=0,1 reason=1: the certificates of those certReqIds, or `of=identity`, or `of=unknown`.
message::RevReqContent Runner::revocations(const Step& s) const {
  message::RevReqContent out;
  for (const auto& which : split(s.option("of", "0"))) {
    message::RevDetails details;
    details.cert_details.issuer = authority().issuing.subject;
    details.cert_details.serial_number = serial_of(which);
    if (s.option("issuer") == "another")
      details.cert_details.issuer = x509::common_name("Another CA");
    details.crl_entry_details = {x509::make_reason_code(std::stoi(s.option("reason", "0")))};
    out.push_back(std::move(details));
  }
  return out;
}

// ---- protection
// by=signature signs with the identity, by=<certReqId> with a certificate that was obtained.
Credentials Runner::credentials_for(const Step& s) const {
  Credentials out;
  const auto configured = [&](const std::string& name, const std::string& value) {
    const auto at = script_.client.find(name);
    return s.option(name, at == script_.client.end() ? value : at->second);
  };
  std::string by = s.option("by", configured("protection", "pbmac1"));
  if (out.mac = protect::mac_choice(by); out.mac) {
    out.reference = configured("reference", "device-7");
    out.iterations = std::stoll(configured("iterations", "100"));
    auto secret = configured("secret", "an agreed secret of some length");
    if (out.reference == "another") secret = "another secret of some length";
    out.secret = Secret(to_bytes(secret));
    return out;
  }
  const Obtained* mine = by == "signature" ? (identity_ ? &*identity_ : nullptr)
                                           : &obtained_.at(RequestId{std::stoll(by)});
  if (mine == nullptr) throw std::runtime_error("no certificate to sign with");
  out.certificate = x509::parse_certificate(mine->certificate).value();
  out.key = s.option("signs-with", mine->key);
  out.send_certificate = s.option("extra-certs") != "none";
  if (s.option("chain") != "none") out.chain = {authority().issuing.der};
  return out;
}

Bytes Runner::seal(const Step& s, message::PKIMessage m) {
  auto credentials = credentials_for(s);
  sender_ = credentials.certificate
                ? "certificate:" + to_hex(crypto::sha256(credentials.certificate->der))
                : "secret:" + credentials.reference;
  Device device(std::move(credentials));
  Bytes octets = device.seal(std::move(m), now_ + Seconds{std::stoll(s.option("clock", "0"))});
  if (s.option("tamper") == "protection") {
    auto parsed = message::parse_message(octets).value();
    parsed.protection->octets.back() ^= 1;
    octets = message::encode(parsed);
  }
  if (s.option("tamper") == "body") {
    auto parsed = message::parse_message(octets).value();
    parsed.header_and_body.back() ^= 1;
    octets = message::encode(parsed);
  }
  if (s.option("tamper") == "cut") octets.resize(octets.size() - 1);
  if (s.option("tamper") == "longer") octets.push_back(0);
  if (s.option("tamper") == "unprotected") {
    auto parsed = message::parse_message(octets).value();
    parsed.protection.reset();
    parsed.header.protection_alg.reset();
    parsed.header_and_body.clear();
    octets = message::encode(parsed);
  }
  return octets;
}

// A certificate of this CA to sign with, from before the first line.
void Runner::obtain_identity() {
  const auto otherwise = std::exchange(driver_->issuer().otherwise, {});
  Credentials by;
  by.reference = "set-up";
  by.secret = Secret(to_bytes("the secret of the set-up"));
  Device device(std::move(by));
  message::PKIMessage m;
  m.header.transaction_id = TransactionId{nonce().octets};
  m.header.sender_nonce = nonce();
  m.header.general_info = {message::make_info(message::it::implicitConfirm, message::NullValue{})};
  m.body = {BodyType::ir, crmf::CertReqMessages{Device::request(0, "CN=device-7", key_of("p384"))}};
  const auto reply =
      device.open(driver_->exchange("", device.seal(std::move(m), now_)), now_).value();
  const auto& response = std::get<message::CertRepMessage>(reply.body.content).response.at(0);
  if (!response.certified_key_pair)
    throw std::runtime_error("no identity: " + response.status.status_string.at(0));
  identity_ = Obtained{std::get<Bytes>(response.certified_key_pair->cert_or_enc_cert), "p384"};
  driver_->issuer().otherwise = otherwise;
}

}  // namespace countersign::test
