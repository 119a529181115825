// Authenticator, the MAC'd case.
#include "protect/test_support.h"

namespace countersign::protect {
namespace {

using message::PKIMessage;
using test::authenticate;
using test::code;
using test::failure;
using test::maced;
using test::question;

const Secret& secret() {
  static const Secret value(Bytes(16, 0x5a));
  return value;
}
const Secret& other_secret() {
  static const Secret value(Bytes(16, 0x5b));
  return value;
}

PKIMessage from(const std::string& reference) {
  PKIMessage out = question();
  out.header.sender = x509::directory_name(x509::common_name(reference));
  out.header.sender_kid = to_bytes(reference);
  return out;
}

Evidence knowing(const std::string& reference, const Secret& value = secret(),
                 bool made_by_us = true) {
  Evidence out;
  out.secret = KnownSecret{reference, &value, made_by_us};
  return out;
}

TEST(MacAuthentication, tellsWhoItIsAndKeepsTheKeyForTheAnswer) {
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    const auto request = maced(from("device-7"), secret(), row.choice);
    const auto result = authenticate(request, knowing("device-7"));
    ASSERT_TRUE(result) << result.error().reply_text;
    const message::Sender& sender = result->message.sender();
    EXPECT_EQ(sender.proof, message::ProofKind::mac);
    EXPECT_EQ(sender.identity, "secret:device-7");
    EXPECT_EQ(sender.reference, "device-7");
    EXPECT_FALSE(sender.certificate || sender.issued_by_us || sender.may_act_as_ra ||
                 sender.unconfirmed);
    ASSERT_TRUE(result->mac_key);
    PKIMessage answer = question();
    test::CountingEntropy entropy;
    entropy.next = 99;
    EXPECT_TRUE(protect_with_mac(answer, *result->mac_key, entropy));
    EXPECT_EQ(answer.header.protection_alg->algorithm, request.header.protection_alg->algorithm);
    EXPECT_EQ(answer.header.protection_alg == request.header.protection_alg,
              row.choice != MacChoice::password_based_gmac)
        << "the parameters stay, but for a nonce that is fresh";
    EXPECT_TRUE(authenticate_response(test::sent(answer), &secret(), {}, {}, test::kNow));
  }
}

// RFC 9810 §5.1.3.1: parameters that remain constant throughout a transaction cost one derivation.
TEST(MacAuthentication, aKeyThatProvedItselfIsKnownTheNextTime) {
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    crypto::DerivedKeys derived;
    const auto first = maced(from("device-7"), secret(), row.choice);
    const bool derives = !is_direct(*first.header.protection_alg);
    EXPECT_EQ(code(authenticate(first, knowing("device-7"), derived)), "");
    EXPECT_EQ(derived.size(), derives ? 1u : 0u);
    auto again = from("device-7");
    again.header.transaction_id = TransactionId{Bytes(16, 0x77)};
    EXPECT_EQ(code(authenticate(maced(again, secret(), row.choice), knowing("device-7"), derived)),
              "");
    EXPECT_EQ(derived.size(), derives ? 1u : 0u);
    // That secret's key, and no other's, and under the same rules.
    EXPECT_EQ(code(authenticate(first, knowing("device-7", other_secret()), derived)),
              "protect.mac-mismatch");
    Policy stricter;
    stricter.min_iterations_made = stricter.min_iterations_chosen = 1000;
    EXPECT_EQ(code(authenticate(first, knowing("device-7"), derived, stricter)),
              derives ? "protect.iterations-too-few" : "");
  }
}

// Whoever guesses finds out nothing by asking again.
TEST(MacAuthentication, whatProvedNothingIsNotRemembered) {
  crypto::DerivedKeys derived;
  const auto guess = maced(from("device-7"), other_secret());
  EXPECT_EQ(code(authenticate(guess, knowing("device-7"), derived)), "protect.mac-mismatch");
  EXPECT_EQ(code(authenticate(guess, knowing("another"), derived)), "protect.mac-mismatch");
  EXPECT_EQ(derived.size(), 0u);
}

TEST(MacAuthentication, aSecretMayBeThatOfARegistrationAuthority) {
  Evidence evidence = knowing("device-7");
  evidence.secret->acts_as_ra = true;
  const auto result = authenticate(maced(from("device-7"), secret()), evidence);
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->message.sender().may_act_as_ra);
}

TEST(MacAuthentication, anySenderNameWillDo) {
  const std::pair<const char*, x509::GeneralName> names[] = {
      {"NULL-DN", {}},
      {"another common name", x509::directory_name(x509::common_name("somebody"))},
      {"a dNSName", x509::dns_name("device.example")},
  };
  for (const auto& [sentence, name] : names) {
    SCOPED_TRACE(sentence);
    PKIMessage message = from("device-7");
    message.header.sender = name;
    EXPECT_EQ(code(authenticate(maced(message, secret()), knowing("device-7"))), "");
  }
  PKIMessage without_kid = from("device-7");
  without_kid.header.sender_kid.reset();
  EXPECT_EQ(code(authenticate(maced(without_kid, secret()), knowing("device-7"))), "");
}

TEST(MacAuthentication, nothingNamesTheSecret) {
  PKIMessage message = question();
  const auto refused = authenticate(maced(message, secret()), knowing("device-7"));
  EXPECT_EQ(code(refused), "protect.reference-missing");
  EXPECT_EQ(failure(refused), Failure::badMessageCheck);
  message.header.sender_kid = Bytes{0xff, 0x00};
  EXPECT_EQ(code(authenticate(maced(message, secret()), knowing("device-7"))),
            "protect.reference-missing");
}

// What the sender sees of an Error.
auto seen(const Result<Authentication>& result) {
  return std::tuple(result.error().failure, result.error().code, result.error().reply_text);
}

TEST(MacAuthentication, unknownReferenceAndWrongMacAreTheSame) {
  const auto request = maced(from("device-7"), secret());
  const auto wrong = authenticate(request, knowing("device-7", other_secret()));
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, "protect.mac-mismatch");
  EXPECT_EQ(wrong.error().failure, Failure::badMessageCheck);
  const Secret empty;
  const std::pair<const char*, Evidence> unknown[] = {
      {"no such reference", Evidence{}},
      {"evidence for another reference", knowing("device-8")},
      {"an empty secret", knowing("device-7", empty)},
      {"a null secret",
       [] {
         Evidence out;
         out.secret = KnownSecret{"device-7", nullptr, true};
         return out;
       }()},
  };
  for (const auto& [sentence, evidence] : unknown) {
    SCOPED_TRACE(sentence);
    const auto refused = authenticate(request, evidence);
    ASSERT_FALSE(refused);
    EXPECT_EQ(seen(refused), seen(wrong));
  }
}

TEST(MacAuthentication, theFormerSecretPassesTooAndTheAnswerIsUnderTheOneThatProved) {
  Evidence evidence = knowing("device-7");
  evidence.secret->former = &other_secret();
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    const auto present = authenticate(maced(from("device-7"), secret(), row.choice), evidence);
    ASSERT_TRUE(present) << present.error().reply_text;
    EXPECT_FALSE(present->by_former);
    const auto former = authenticate(maced(from("device-7"), other_secret(), row.choice), evidence);
    ASSERT_TRUE(former) << former.error().reply_text;
    EXPECT_TRUE(former->by_former);
    EXPECT_EQ(former->message.sender().identity, "secret:device-7");
    PKIMessage answer = question();
    test::CountingEntropy entropy;
    entropy.next = 99;
    EXPECT_TRUE(protect_with_mac(answer, *former->mac_key, entropy));
    const auto under = [&](const Secret& one) {
      return authenticate_response(test::sent(answer), &one, {}, {}, test::kNow).has_value();
    };
    EXPECT_TRUE(under(other_secret()));
    EXPECT_FALSE(under(secret()));
  }
  const Secret third(Bytes(16, 0x5c));
  const auto wrong = authenticate(maced(from("device-7"), third), evidence);
  const auto unknown = authenticate(maced(from("device-7"), third), Evidence{});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(seen(wrong), seen(unknown));
}

TEST(MacAuthentication, aFormerSecretThatAPersonChoseKeepsItsRules) {
  Evidence evidence = knowing("device-7");
  evidence.secret->former = &other_secret();
  evidence.secret->former_made_by_us = false;
  EXPECT_EQ(code(authenticate(maced(from("device-7"), other_secret(), MacChoice::hmac), evidence)),
            "protect.mac-mismatch");
  EXPECT_EQ(
      code(authenticate(maced(from("device-7"), other_secret(), MacChoice::pbmac1, 499), evidence)),
      "protect.iterations-too-few");
  EXPECT_EQ(code(authenticate(maced(from("device-7"), secret(), MacChoice::hmac), evidence)), "");
}

TEST(MacAuthentication, aReferenceThatWasFoundElsewhereGoesBeforeTheHeaders) {
  PKIMessage message = question();
  Evidence evidence = knowing("device-7");
  evidence.reference = "device-7";
  EXPECT_EQ(code(authenticate(maced(message, secret()), evidence)), "");
  message.header.sender = x509::directory_name(x509::common_name("somebody"));
  const auto proved = authenticate(maced(message, secret()), evidence);
  ASSERT_TRUE(proved);
  EXPECT_EQ(proved->message.sender().reference, "device-7");
  Evidence nobody;
  nobody.reference = "device-7";
  EXPECT_EQ(code(authenticate(maced(message, secret()), nobody)), "protect.mac-mismatch");
}

TEST(MacAuthentication, anEmptySecretProvesNothing) {
  const Secret empty;
  EXPECT_EQ(code(authenticate(maced(from("device-7"), empty), knowing("device-7", empty))),
            "protect.mac-mismatch");
}

TEST(MacAuthentication, theStandInForAnUnknownSecretNeverAuthenticates) {
  for (std::size_t size = 0; size <= 64; ++size) {
    const Secret zeros(Bytes(size, 0));
    EXPECT_EQ(code(authenticate(maced(from("device-7"), zeros), Evidence{})),
              "protect.mac-mismatch");
  }
}

TEST(MacAuthentication, parametersAreJudgedAlikeForKnownAndUnknownReferences) {
  const Policy loose{.min_iterations_made = 1};
  const Policy tight{.min_iterations_made = 200, .max_iterations = 1000};
  for (const std::int64_t iterations : {100, 2000}) {
    const auto request = maced(from("device-7"), secret(), MacChoice::pbmac1, iterations);
    const auto known = authenticate(request, knowing("device-7"), tight);
    const auto unknown = authenticate(request, Evidence{}, tight);
    ASSERT_FALSE(known);
    ASSERT_FALSE(unknown);
    EXPECT_EQ(seen(known), seen(unknown));
    EXPECT_EQ(known.error().failure, Failure::badAlg);
    EXPECT_EQ(code(authenticate(request, knowing("device-7"), loose)), "");
  }
}

TEST(MacAuthentication, theFloorForChosenSecretsIsToldOnlyToWhoKnowsTheSecret) {
  const auto request = maced(from("device-7"), secret(), MacChoice::pbmac1, 499);
  const auto honest = authenticate(request, knowing("device-7", secret(), false));
  EXPECT_EQ(code(honest), "protect.iterations-too-few");
  EXPECT_EQ(failure(honest), Failure::badAlg);
  EXPECT_EQ(code(authenticate(request, knowing("device-7", other_secret(), false))),
            "protect.mac-mismatch");
  EXPECT_EQ(code(authenticate(maced(from("device-7"), secret(), MacChoice::pbmac1, 500),
                              knowing("device-7", secret(), false))),
            "");
}

TEST(MacAuthentication, aDirectMacUnderAChosenSecretIsAWrongOne) {
  for (const MacChoice choice : {MacChoice::hmac, MacChoice::kmac}) {
    const auto request = maced(from("device-7"), secret(), choice);
    EXPECT_EQ(code(authenticate(request, knowing("device-7"))), "");
    const auto chosen = authenticate(request, knowing("device-7", secret(), false));
    const auto unknown = authenticate(request, Evidence{});
    const auto wrong = authenticate(request, knowing("device-7", other_secret()));
    ASSERT_FALSE(chosen);
    EXPECT_EQ(chosen.error().code, "protect.mac-mismatch");
    EXPECT_EQ(seen(chosen), seen(unknown));
    EXPECT_EQ(seen(chosen), seen(wrong));
    EXPECT_NE(chosen.error().reply_text.find("PBMAC1"), std::string::npos);
    EXPECT_NE(chosen.error().detail, unknown.error().detail) << "the log may know";
    const Secret shorter(Bytes(15, 1));
    EXPECT_EQ(seen(authenticate(request, knowing("device-7", shorter))), seen(unknown));
    for (const std::size_t size : {16U, 32U, 64U}) {
      const Secret zeros(Bytes(size, 0));
      EXPECT_EQ(code(authenticate(maced(from("device-7"), zeros, choice), Evidence{})),
                "protect.mac-mismatch");
    }
  }
}

TEST(Accepted, whatPolicyLeavesOutIsRefusedWhoeverAsks) {
  const auto only = [](std::initializer_list<ProtectionKind> kinds) {
    Policy policy;
    policy.accepted.reset();
    for (const auto kind : kinds) policy.accepted.set(static_cast<std::size_t>(kind));
    return policy;
  };
  for (const NewMac& row : kNewMacs) {
    SCOPED_TRACE(row.name);
    const auto request = maced(from("device-7"), secret(), row.choice);
    const auto kind = protection_kind(*request.header.protection_alg).value();
    EXPECT_EQ(code(authenticate(request, knowing("device-7"), only({kind}))), "");
    Policy others = Policy{};
    others.accepted.reset(static_cast<std::size_t>(kind));
    const auto refused = authenticate(request, knowing("device-7"), others);
    EXPECT_EQ(code(refused), "protect.kind-not-accepted");
    EXPECT_EQ(failure(refused), Failure::badAlg);
    EXPECT_EQ(seen(refused), seen(authenticate(request, Evidence{}, others)));
    const auto signatures =
        authenticate(request, knowing("device-7"), only({ProtectionKind::signature}));
    EXPECT_EQ(code(signatures), "protect.kind-not-accepted");
    EXPECT_EQ(failure(signatures), Failure::wrongIntegrity);
  }
  const auto signed_request = test::vector("signed-ecdsa-p256.der");
  const auto refused = authenticate(signed_request, {}, only({ProtectionKind::pbmac1}));
  EXPECT_EQ(code(refused), "protect.kind-not-accepted");
  EXPECT_EQ(failure(refused), Failure::wrongIntegrity);
}

TEST(MacAuthentication, everyOctetCounts) {
  const auto request = maced(from("device-7"), secret());
  const auto evidence = knowing("device-7");
  for (std::size_t i = 0; i < request.protection->octets.size(); ++i) {
    PKIMessage changed = request;
    changed.protection->octets[i] ^= 1;
    EXPECT_EQ(code(authenticate(changed, evidence)), "protect.mac-mismatch") << "MAC octet " << i;
  }
  for (std::size_t i = 0; i < request.header_and_body.size(); ++i) {
    PKIMessage changed = request;
    changed.header_and_body[i] ^= 1;
    EXPECT_EQ(code(authenticate(changed, evidence)), "protect.mac-mismatch") << "octet " << i;
  }
}

TEST(MacAuthentication, aMacIsNeitherCutNorLengthened) {
  const auto request = maced(from("device-7"), secret());
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{16}, std::size_t{31},
                                 std::size_t{33}, std::size_t{64}}) {
    PKIMessage changed = request;
    changed.protection->octets.resize(size);
    EXPECT_EQ(code(authenticate(changed, knowing("device-7"))), "protect.mac-mismatch") << size;
  }
  PKIMessage bits = request;
  bits.protection->unused = 1;
  EXPECT_EQ(code(authenticate(bits, knowing("device-7"))), "protect.protection-bits");
  const auto key = derive_mac_key(*request.header.protection_alg, secret(), true, {}).value();
  EXPECT_TRUE(mac_matches(key, request));
  EXPECT_FALSE(mac_matches(key, bits));
}

TEST(MacAuthentication, everyOctetOfTheWholeEncodingCountsOrIsNoPartOfIt) {
  const Bytes whole = message::encode(maced(from("device-7"), secret()));
  for (std::size_t i = 0; i < whole.size(); ++i) {
    Bytes changed = whole;
    changed[i] ^= 0x04;
    const auto message = message::parse_message(changed);
    if (!message) continue;
    EXPECT_FALSE(authenticate(*message, knowing("device-7"))) << "octet " << i;
  }
}

TEST(MacAuthentication, timeIsAskedAfterTheMac) {
  PKIMessage late = from("device-7");
  late.header.message_time = test::kNow - Seconds(301);
  const auto request = maced(late, secret());
  EXPECT_EQ(failure(authenticate(request, knowing("device-7"))), Failure::badTime);
  EXPECT_EQ(code(authenticate(request, knowing("device-7"))), "protect.time-window");
  EXPECT_EQ(code(authenticate(request, Evidence{})), "protect.mac-mismatch");
  PKIMessage timeless = from("device-7");
  timeless.header.message_time.reset();
  const Policy strict{.require_message_time = true};
  EXPECT_EQ(code(authenticate(maced(timeless, secret()), knowing("device-7"))), "");
  EXPECT_EQ(code(authenticate(maced(timeless, secret()), knowing("device-7"), strict)),
            "protect.message-time-missing");
}

TEST(MacAuthentication, refusesUnprotectedAndUnknownAlgorithms) {
  EXPECT_EQ(code(authenticate(test::sent(from("device-7")), knowing("device-7"))),
            "protect.unprotected");
  PKIMessage kem = maced(from("device-7"), secret());
  kem.header.protection_alg->algorithm = der::Oid::of("1.2.840.113533.7.66.16");
  const auto refused = authenticate(kem, knowing("device-7"));
  EXPECT_EQ(code(refused), "protect.algorithm-not-supported");
  EXPECT_EQ(failure(refused), Failure::badAlg);
}

TEST(MacAuthentication, extraCertsAreCounted) {
  PKIMessage message = maced(from("device-7"), secret());
  message.extra_certs.assign(20, Bytes{0x30, 0x00});
  EXPECT_EQ(code(authenticate(message, knowing("device-7"))), "");
  message.extra_certs.assign(21, Bytes{0x30, 0x00});
  EXPECT_EQ(code(authenticate(message, knowing("device-7"))), "protect.too-many-certificates");
}

}  // namespace
}  // namespace countersign::protect
