// The cases of lint_extensions.cc; lint_test.cc runs them.
#include "der/pem.h"
#include "enrol/lint_for_test.h"

namespace countersign::enrol::test {

namespace {

// An ML-KEM key is made of the vectors of crypto: enrol certifies none on request.
void all_kem_cases() {
  std::ifstream file(COUNTERSIGN_SOURCE_DIR "/tests/vectors/crypto/keys/ml-kem-768.pub.pem");
  const std::string pem{std::istreambuf_iterator<char>(file), {}};
  const Bytes kem = der::from_pem(pem).value().front().der;
  const auto with = [&](std::initializer_list<KeyUsage> list) {
    const x509::Extension extension = usage(list);
    return [=](Order& o) {
      o.spki = kem;
      replace(o, extension);
    };
  };
  expect({{"ML-KEM that enciphers keys", {}, with({KeyUsage::keyEncipherment})},
          {"ML-KEM that enciphers keys and signs",
           {"lint.key-usage-key"},
           with({KeyUsage::keyEncipherment, KeyUsage::digitalSignature})}});
}

}  // namespace

void all_extension_cases() {
  const auto key = [](const char* kind, std::initializer_list<KeyUsage> list) {
    const std::vector<KeyUsage> bits(list);
    return [=](Order& o) {
      with_usage(o, kind, {});
      x509::KeyUsages set;
      for (const KeyUsage bit : bits) set.set(static_cast<std::size_t>(bit));
      replace(o, x509::make_key_usage(set));
    };
  };
  const auto central = [](const char* algorithm, KeyUsage bit) {
    return [=](Order& o) {
      with_usage(o, "p256", {bit});
      o.spki.clear();
      o.central_key = transaction::CentralKey{.algorithm = algorithm};
    };
  };
  const auto purpose = [](const der::Oid& id, KeyUsage bit) {
    return [=](Order& o) {
      o.spki = spki("rsa2048");
      replace(o, usage({bit}));
      replace(o, x509::make_ext_key_usage({id}));
    };
  };
  const auto ca = [](Order& o) {
    replace(o, x509::make_basic_constraints({.ca = true, .path_length = 0}));
    replace(o, usage({KeyUsage::keyCertSign, KeyUsage::cRLSign}));
    drop(o, oid::ext_key_usage);
  };
  using enum KeyUsage;
  expect({
      {"the same extension twice",
       {"lint.extension-twice"},
       [](Order& o) { o.extensions.push_back(o.extensions.front()); }},
      {"a malformed keyUsage",
       {"lint.extension-malformed"},
       [](Order& o) { extension(o, oid::key_usage).value = {0x05, 0}; }},
      {"a malformed basicConstraints",
       {"lint.extension-malformed"},
       [](Order& o) { extension(o, oid::basic_constraints).value = {0x05, 0}; }},
      {"an unknown extension",
       {},
       [](Order& o) { o.extensions.push_back({der::Oid::of("1.3.6.1.4.1.1"), false, {5, 0}}); }},
      {"an unknown critical extension",
       {"lint.extension-unknown"},
       [](Order& o) { o.extensions.push_back({der::Oid::of("1.3.6.1.4.1.1"), true, {5, 0}}); }},
      {"critical nameConstraints",
       {},
       [](Order& o) { o.extensions.push_back({oid::name_constraints, true, {0x30, 0}}); }},
      {"keyUsage without a bit", {"lint.extension-malformed"}, key("p256", {})},
      {"keyUsage that is not critical",
       {"lint.key-usage-critical"},
       [](Order& o) { extension(o, oid::key_usage).critical = false; }},
      {"RSA that enciphers keys", {}, key("rsa2048", {digitalSignature, keyEncipherment})},
      {"RSA that agrees", {"lint.key-usage-key"}, key("rsa2048", {keyAgreement})},
      {"EC that agrees", {}, key("p256", {digitalSignature, keyAgreement})},
      {"EC that enciphers keys", {"lint.key-usage-key"}, key("p256", {keyEncipherment})},
      {"EC that enciphers data", {"lint.key-usage-key"}, key("p384", {dataEncipherment})},
      {"Ed25519 that signs", {}, key("ed25519", {digitalSignature, nonRepudiation})},
      {"Ed25519 that agrees", {"lint.key-usage-key"}, key("ed25519", {keyAgreement})},
      {"ML-DSA that signs", {}, key("ml-dsa-44", {digitalSignature})},
      {"ML-DSA that enciphers keys", {"lint.key-usage-key"}, key("ml-dsa-44", {keyEncipherment})},
      {"SLH-DSA that enciphers keys",
       {"lint.key-usage-key"},
       central("slh-dsa-sha2-128s", keyEncipherment)},
      {"a key that is yet to be made", {}, central("rsa3072", keyEncipherment)},
      {"a key that is yet to be made, for another use",
       {"lint.key-usage-key"},
       central("ed25519", keyEncipherment)},
      {"a key of an unknown kind has no rules", {}, [](Order& o) { o.spki = {0x30, 0}; }},
      {"encipherOnly with keyAgreement", {}, key("p256", {keyAgreement, encipherOnly})},
      {"encipherOnly alone", {"lint.encipher-only"}, key("p256", {digitalSignature, encipherOnly})},
      {"both of them",
       {"lint.encipher-only"},
       key("p256", {keyAgreement, encipherOnly, decipherOnly})},
      {"keyCertSign without basicConstraints",
       {"lint.key-cert-sign"},
       key("p256", {digitalSignature, keyCertSign})},
      {"a CA", {}, ca},
      {"a CA without critical",
       {"lint.basic-constraints"},
       [&](Order& o) {
         ca(o);
         extension(o, oid::basic_constraints).critical = false;
       }},
      {"a path length without keyCertSign",
       {"lint.basic-constraints"},
       [&](Order& o) {
         ca(o);
         replace(o, usage({cRLSign}));
       }},
      {"a path length without CA:TRUE",
       {"lint.basic-constraints"},
       [](Order& o) { extension(o, oid::basic_constraints).value = {0x30, 3, 2, 1, 0}; }},
      {"a server that enciphers keys", {}, purpose(oid::kp_server_auth, keyEncipherment)},
      {"a client that only enciphers keys",
       {"lint.purpose-usage"},
       purpose(oid::kp_client_auth, keyEncipherment)},
      {"mail that only signs CRLs",
       {"lint.purpose-usage"},
       purpose(oid::kp_email_protection, cRLSign)},
      {"a purpose that RFC 5280 does not know", {}, purpose(oid::kp_cmc_ra, keyEncipherment)},
      {"no keyUsage at all", {}, [](Order& o) { drop(o, oid::key_usage); }},
      {"one second of validity",
       {},
       [](Order& o) { o.validity.not_after = o.validity.not_before; }},
      {"an end before the beginning",
       {"lint.validity"},
       [](Order& o) { o.validity.not_after = o.validity.not_before - Seconds{1}; }},
      {"the end of all time",
       {},
       [](Order& o) { o.validity.not_after = *from_iso("9999-12-31T23:59:59Z"); }},
      {"a beginning before UTCTime",
       {"lint.validity-range"},
       [](Order& o) { o.validity.not_before = *from_iso("1949-12-31T23:59:59Z"); }},
  });
  all_kem_cases();
}

}  // namespace countersign::enrol::test
