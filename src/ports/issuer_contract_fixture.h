// What the issuer contract's suites stand on: a place with an issuer in it, orders to give it, and
// calls that wait for their Done.
//
// A Place is default-constructible: an issuer over an empty store and a clock that is only told,
// and whoever stands behind it. It has
//   kKind             the enrol::AuthorityKind that is reached by it; empty: it stands before
//   others issuer()          an Issuer restart()         makes another over what is stored, as
//   after the end of the process will(Turn)        how that ends which is asked from now on hold(),
//   decide()  that it waits from now on; that what waits ends as will() says step()            does
//   what can be done now; a few milliseconds where that is nothing pass(Seconds)     lets time go
//   by, and hands in what is due now(), late()     the answers that came late, by the ids of their
//   orders; any thread may add made(), revoked() certificates that are there whether we commit them
//   or not trouble()         what it complained of, for the messages of tests
// hold() and kinds other than the empty one are for those that may answer Pending.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <utility>

#include "crypto/keys.h"
#include "crypto/path.h"
#include "ports/remote_issuer.h"
#include "x509/certificate.h"

namespace countersign::ports::contract {

enum class Turn { grants, refuses };

struct LateAnswer {
  std::string id;
  transaction::Answer answer;
};

// One call and what came of it; the Done may outlive this.
template <class T>
class Call {
 public:
  Done<T> done() {
    return [state = state_](Result<T> result) {
      const std::lock_guard lock(state->mutex);
      ++state->times;
      state->result = std::move(result);
    };
  }
  int times() const {
    const std::lock_guard lock(state_->mutex);
    return state_->times;
  }
  std::optional<Result<T>> result() const {
    const std::lock_guard lock(state_->mutex);
    return state_->result;
  }

 private:
  struct State {
    std::mutex mutex;
    int times = 0;
    std::optional<Result<T>> result;
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
};

// "issued", "pending" or the code of a refusal, whichever way it came.
inline std::string word(const transaction::Answer& answer) {
  if (const auto* refused = std::get_if<transaction::Refused>(&answer))
    return std::string(refused->error.code);
  static constexpr const char* kWords[] = {"issued", "revoked", "informed", "refused", "pending"};
  return kWords[answer.index()];
}

template <class Place>
class IssuerContract : public testing::Test {
 protected:
  using Answer = transaction::Answer;
  using Issued = transaction::Issued;

  Place& place() { return place_; }
  Issuer& issuer() { return place_.issuer(); }

  static OrderKey key(int n, const std::string& what = "order") {
    const std::string number = std::to_string(n);
    return {what + "-" + number, "default", "secret:device-" + number,
            TransactionId{Bytes(16, static_cast<Byte>(n))}, 0};
  }

  // The same for the same number.
  const transaction::CertificateOrder& order(int n) {
    const auto [at, fresh] = orders_.try_emplace(n);
    if (!fresh) return at->second;
    const auto key = crypto::PrivateKey::generate(*crypto::key_spec("p256"));
    const std::string name = "device-" + std::to_string(n);
    auto& out = at->second;
    out.profile = "device";
    out.subject = x509::common_name(name);
    out.spki = copy(key.public_key().spki());
    out.extensions = {x509::make_key_usage(x509::usages({x509::KeyUsage::digitalSignature})),
                      x509::make_subject_alt_name({x509::dns_name(name + ".example")}, false)};
    // Half a day more than programs are asked for, which count in days.
    out.validity = {place_.now() - Seconds{300}, place_.now() + Seconds{30LL * 86400 + 43200}};
    return out;
  }

  // Nobody waits for ever: false, and a failure, where it does not come true.
  bool wait(const std::function<bool()>& true_now, Seconds each_time = Seconds{0}) {
    constexpr int kMost = 12'000, kSteps = 20;
    for (int tries = 1; tries <= kMost; ++tries) {
      if (true_now()) return true;
      place_.step();
      if (tries % kSteps == 0 && each_time > Seconds{0}) place_.pass(each_time);
    }
    ADD_FAILURE() << "waited in vain: " << place_.trouble();
    return false;
  }
  // What is under way comes to its end, as far as time alone brings it there.
  void settle_down(Seconds time) {
    become_quiet();
    place_.pass(time);
    become_quiet();
  }
  void become_quiet() {
    constexpr int kQuiet = 20;
    int quiet = 0;
    wait([&] { return (quiet = place_.busy() ? 0 : quiet + 1) > kQuiet; });
  }

  static Answer said(const Result<Answer>& result) {
    return result ? *result : Answer{transaction::Refused{result.error()}};
  }
  Answer wait_for(const Call<Answer>& call) {
    if (!wait([&] { return call.times() > 0; })) return transaction::Refused{};
    return said(*call.result());
  }
  Answer ask(int n) { return ask(key(n), order(n)); }
  Answer ask(const OrderKey& key, const transaction::CertificateOrder& order) {
    Call<Answer> call;
    issuer().issue(key, order, place_.now(), call.done());
    return wait_for(call);
  }

  std::vector<Answer> late(const std::string& id) {
    std::vector<Answer> out;
    for (auto& answer : place_.late())
      if (answer.id == id) out.push_back(std::move(answer.answer));
    return out;
  }
  Answer wait_for_late(const std::string& id) {
    constexpr Seconds kTime{60};
    if (!wait([&] { return !late(id).empty(); }, kTime)) return transaction::Refused{};
    return late(id).front();
  }
  // To the end, at once or late.
  Answer outcome(const OrderKey& key, Answer first) {
    if (!std::holds_alternative<transaction::Pending>(first)) return first;
    place_.decide();
    return wait_for_late(key.id);
  }
  Answer outcome(int n) { return outcome(key(n), ask(n)); }
  // A certificate, or a failure and nothing in it.
  Issued granted(int n) {
    const Answer answer = outcome(n);
    EXPECT_EQ(word(answer), "issued") << place_.trouble();
    const auto* issued = std::get_if<Issued>(&answer);
    return issued == nullptr ? Issued{} : *issued;
  }

  std::string settle(int n, Settlement settlement) {
    Call<Heard> call;
    issuer().settle(key(n), settlement, place_.now(), call.done());
    if (!wait([&] { return call.times() > 0; })) return "silent";
    const auto result = *call.result();
    return result ? "heard" : std::string(result.error().code);
  }

  Answer revoke(int n, const transaction::RevocationOrder& order) {
    const OrderKey which = key(n, "revocation");
    Call<Answer> call;
    issuer().revoke(which, order, place_.now(), call.done());
    return outcome(which, wait_for(call));
  }

  void expect_fits(const Issued& issued, const transaction::CertificateOrder& order) {
    const auto certificate = x509::parse_certificate(issued.certificate);
    ASSERT_TRUE(certificate) << certificate.error().reply_text;
    EXPECT_EQ(certificate->serial, issued.serial);
    EXPECT_EQ(certificate->subject, order.subject);
    EXPECT_EQ(certificate->spki, order.spki);
    EXPECT_LE(certificate->validity.not_after, order.validity.not_after);
    // What is otherwise is told in words.
    for (const auto& wanted : order.extensions) {
      const auto* found = x509::find(certificate->extensions, wanted.id);
      const bool kept = found != nullptr && *found == wanted;
      EXPECT_TRUE(kept || !issued.modifications.empty()) << wanted.id.dotted();
    }
    const auto anchors = crypto::TrustSet::make(std::vector<Bytes>{issued.root}, issued.chain);
    ASSERT_TRUE(anchors) << anchors.error().reply_text;
    const auto path = crypto::validate_path({issued.certificate, {}, *anchors, place_.now()});
    EXPECT_TRUE(path) << path.error().reply_text;
  }

 private:
  Place place_;
  std::map<int, transaction::CertificateOrder> orders_;
};

}  // namespace countersign::ports::contract
