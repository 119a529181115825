// Handshakes in memory, between our own contexts and what OpenSSL offers beside them.
#include "crypto/tls_context.h"

#include <gtest/gtest.h>

#include "crypto/key_data.h"
#include "crypto/tls_failure.h"
#include "crypto/tls_objection.h"

namespace countersign::crypto {
namespace {

PrivateKey new_key(const char* kind = "p256") { return PrivateKey::generate(*key_spec(kind)); }

// Self-signed, for an hour, with that subjectAltName.
Bytes self_signed(const PrivateKey& key, const char* names = "DNS:ca.example,IP:127.0.0.1") {
  const Certificate made(X509_new());
  X509* const c = made.get();
  X509_set_version(c, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(c), -60);
  X509_gmtime_adj(X509_getm_notAfter(c), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(c), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("peer"), -1, -1, 0);
  X509_set_issuer_name(c, X509_get_subject_name(c));
  X509_set_pubkey(c, native(key));
  X509_EXTENSION* san = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
  X509_add_ext(c, san, -1);
  X509_EXTENSION_free(san);
  X509_sign(c, native(key), EVP_sha256());
  unsigned char* out = nullptr;
  const int size = i2d_X509(c, &out);
  Bytes der(out, out + size);
  OPENSSL_free(out);
  return der;
}

struct Peer {
  PrivateKey key = new_key();
  Bytes certificate = self_signed(key);
  TlsIdentity identity() const { return {{certificate}, key}; }
};
const Peer& server_peer() {
  static const Peer peer;
  return peer;
}

TlsContext server(const TlsServerSpec& spec = {server_peer().identity()}) {
  return TlsContext::for_server(spec).value();
}
TlsContext client(const TlsClientSpec& spec = {{server_peer().certificate},
                                               SystemAnchors::left_out}) {
  return TlsContext::for_client(spec).value();
}

// What became of a handshake: 0, or the library's number of the error, on either side.
struct Outcome {
  unsigned long client = 0;
  unsigned long server = 0;
  bool done() const { return client == 0 && server == 0; }
};

unsigned long advance(SSL* session) {
  ERR_clear_error();
  const int done = SSL_do_handshake(session);
  if (done == 1) return 0;
  const int why = SSL_get_error(session, done);
  return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? 0 : ERR_get_error();
}

Outcome shake(SSL* a, SSL* b) {
  BIO* of_a = nullptr;
  BIO* of_b = nullptr;
  BIO_new_bio_pair(&of_a, 0, &of_b, 0);
  SSL_set_bio(a, of_a, of_a);
  SSL_set_bio(b, of_b, of_b);
  Outcome outcome;
  for (int i = 0; i < 10 && outcome.done(); ++i) {
    outcome.client = advance(a);
    outcome.server = advance(b);
  }
  // An alert that came after a side was done is found by reading.
  char octet = 0;
  if (outcome.client == 0 && outcome.server != 0 && SSL_read(a, &octet, 1) <= 0)
    outcome.client = ERR_get_error();
  ERR_clear_error();
  return outcome;
}

TEST(TlsContext, SpeaksTls13AndHttp11) {
  const auto a = client().connect("ca.example");
  const auto b = server().accept();
  ASSERT_TRUE(shake(a.get(), b.get()).done());
  EXPECT_STREQ(SSL_get_version(a.get()), "TLSv1.3");
  const unsigned char* chosen = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(a.get(), &chosen, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), "http/1.1");
}

struct VersionCase {
  const char* says;
  int version;
  bool taken;
};
void PrintTo(const VersionCase& c, std::ostream* out) { *out << c.says; }

class TlsVersion : public ::testing::TestWithParam<VersionCase> {};

TEST_P(TlsVersion, IsTakenOrRefused) {
  const auto a = client().connect("ca.example");
  SSL_set_min_proto_version(a.get(), 0);
  SSL_set_security_level(a.get(), 0);
  SSL_set_max_proto_version(a.get(), GetParam().version);
  const auto b = server().accept();
  EXPECT_EQ(shake(a.get(), b.get()).done(), GetParam().taken);
}

INSTANTIATE_TEST_SUITE_P(All, TlsVersion,
                         ::testing::Values(VersionCase{"TLS 1.1", TLS1_1_VERSION, false},
                                           VersionCase{"TLS 1.2", TLS1_2_VERSION, true},
                                           VersionCase{"TLS 1.3", TLS1_3_VERSION, true}));

TEST(TlsContext, OffersNoSessionToResume) {
  const auto a = client().connect("ca.example");
  const auto b = server().accept();
  ASSERT_TRUE(shake(a.get(), b.get()).done());
  EXPECT_EQ(SSL_SESSION_has_ticket(SSL_get_session(a.get())), 0);
}

TEST(TlsContext, RefusesAPeerThatOffersOtherProtocolsOnly) {
  const auto a = client().connect("ca.example");
  const unsigned char h2[] = {2, 'h', '2'};
  SSL_set_alpn_protos(a.get(), h2, sizeof h2);
  const auto b = server().accept();
  const Outcome outcome = shake(a.get(), b.get());
  const auto failure = explain_tls(a.get(), outcome.client);
  EXPECT_EQ(failure.fault, TlsFault::alert);
  EXPECT_EQ(failure.reason, "no application protocol");
}

struct NameCase {
  const char* says;
  std::string host;
  std::string sent;                  // as server_name; empty: none
  TlsFault fault = TlsFault::other;  // other: none at all
};
void PrintTo(const NameCase& c, std::ostream* out) { *out << c.says; }

class TlsName : public ::testing::TestWithParam<NameCase> {};

TEST_P(TlsName, IsSentAndHeldAgainstTheCertificate) {
  const auto a = client().connect(GetParam().host);
  const auto b = server().accept();
  const Outcome outcome = shake(a.get(), b.get());
  const char* sent = SSL_get_servername(b.get(), TLSEXT_NAMETYPE_host_name);
  EXPECT_EQ(std::string(sent == nullptr ? "" : sent), GetParam().sent);
  if (GetParam().fault == TlsFault::other) {
    EXPECT_TRUE(outcome.done());
    return;
  }
  const auto failure = explain_tls(a.get(), outcome.client);
  EXPECT_EQ(failure.fault, GetParam().fault);
  EXPECT_EQ(failure.peer, server_peer().certificate);
  EXPECT_EQ(failure.subject, "CN=peer");
}

INSTANTIATE_TEST_SUITE_P(
    All, TlsName,
    ::testing::Values(NameCase{"the host's name", "ca.example", "ca.example"},
                      NameCase{"the same with the dot of the root", "ca.example.", "ca.example"},
                      NameCase{"another name", "www.example", "www.example", TlsFault::wrong_name},
                      NameCase{"the name in CN", "peer", "peer", TlsFault::wrong_name},
                      NameCase{"an address", "127.0.0.1", ""},
                      NameCase{"another address", "127.0.0.2", "", TlsFault::wrong_name},
                      NameCase{"an address of version 6", "::1", "", TlsFault::wrong_name}));

TEST(TlsContext, TellsACertificateThatNobodyVouchesFor) {
  const Peer other;
  const auto a = client({{other.certificate}, SystemAnchors::left_out}).connect("ca.example");
  const auto b = server().accept();
  const Outcome outcome = shake(a.get(), b.get());
  EXPECT_EQ(explain_tls(a.get(), outcome.client).fault, TlsFault::untrusted);
  EXPECT_EQ(explain_tls(b.get(), outcome.server).fault, TlsFault::alert);
}

TEST(TlsContext, AsksClientsForCertificates) {
  const Peer own;
  const TlsServerSpec asking{server_peer().identity(), TlsClients::required, {own.certificate}};
  TlsClientSpec trusting{{server_peer().certificate}, SystemAnchors::left_out};
  {
    const auto a = client(trusting).connect("ca.example");
    const auto b = server(asking).accept();
    const Outcome outcome = shake(a.get(), b.get());
    EXPECT_EQ(explain_tls(b.get(), outcome.server).fault, TlsFault::none_sent);
    EXPECT_EQ(explain_tls(a.get(), outcome.client).reason, "certificate required");
  }
  trusting.identity = own.identity();
  const auto a = client(trusting).connect("ca.example");
  const auto b = server(asking).accept();
  EXPECT_TRUE(shake(a.get(), b.get()).done());
}

std::string code_of(const Result<TlsContext>& made) {
  return made ? "made" : std::string(made.error().code);
}

TEST(TlsContext, RefusesWhatItCannotUse) {
  const Peer& good = server_peer();
  const auto key = new_key();
  EXPECT_EQ(code_of(TlsContext::for_server({{{good.certificate}, key}})), "crypto.tls-key");
  EXPECT_EQ(code_of(TlsContext::for_server({{{}, key}})), "crypto.tls-certificate");
  EXPECT_EQ(code_of(TlsContext::for_server({{{to_bytes("no certificate")}, key}})),
            "crypto.tls-certificate");
  EXPECT_EQ(
      code_of(TlsContext::for_server({{{good.certificate, to_bytes("no certificate")}, good.key}})),
      "crypto.tls-certificate");
  EXPECT_EQ(code_of(TlsContext::for_server({good.identity(), TlsClients::optional, {}})),
            "crypto.tls-anchors");
  EXPECT_EQ(code_of(TlsContext::for_client({{}, SystemAnchors::left_out})), "crypto.tls-anchors");
  EXPECT_EQ(code_of(TlsContext::for_client({{to_bytes("x")}, SystemAnchors::left_out})),
            "crypto.tls-anchors");
  EXPECT_EQ(code_of(TlsContext::for_client({})), "made") << "the system's";
}

TEST(TlsContext, MayGoBeforeItsSessions) {
  TlsSession a;
  TlsSession b;
  {
    a = client().connect("ca.example");
    b = server().accept();
  }
  EXPECT_TRUE(shake(a.get(), b.get()).done());
}

}  // namespace
}  // namespace countersign::crypto
