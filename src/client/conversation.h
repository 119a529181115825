// One transaction from the client's side, a message at a time: the machine decides, the messages
// are protected and authenticated, every step is on disk before its message is given out. How
// messages travel is not known here: session.h sends them, carry.h writes them to files.
//
// Errors: client.refused and the others of transaction/client_machine.h, client.not-cmp,
// client.secret-changed, those of protect, examine.h and files.h.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/ports.h"
#include "client/examine.h"
#include "client/journal.h"
#include "client/protection.h"
#include "message/message.h"

namespace countersign::client {

// ---- what comes next
struct SendNow {
  Bytes message;
};
struct WaitFor {
  Time when{};
  std::string reason;
};
struct Finished {
  std::vector<message::InfoTypeAndValue> information;  // of a genp
};
using Next = std::variant<SendNow, WaitFor, Finished>;

struct Request {
  message::PKIBody body;
  std::vector<message::InfoTypeAndValue> general_info;
};

struct Parties {
  Protection protection;
  Trust trust;
  x509::GeneralName recipient;             // of the first message; NULL-DN if unknown
  std::optional<Expectation> expectation;  // where a certificate is asked for
  // Puts a key that the server made on disk; called before its certConf is sent.
  std::move_only_function<Result<>(const crypto::PrivateKey&)> keep_key = {};
  Seconds patience{3600};
};

class Conversation {
 public:
  // `journal` is null where nothing is worth keeping (genm); it, clock and entropy outlive this.
  Conversation(Parties parties, Journal* journal, const Clock& clock, Entropy& entropy);

  Result<Next> begin(Request request);
  // Goes on where the journal's Record stands.
  Result<Next> resume();
  Result<Next> answered(View reply);
  Result<Next> waited();

  const Record& record() const noexcept { return *record_; }
  // The server ended it by an authenticated refusal, or we rejected its certificate: there is
  // nothing to go on with, and the journal is dropped.
  bool over() const noexcept { return over_; }
  bool refused() const noexcept { return refused_; }

 private:
  Result<Next> take_step(transaction::ClientEvent event);
  Result<Next> act(transaction::ClientStep step);
  Result<Next> send(message::PKIMessage message);
  Result<Next> wait(const transaction::WaitUntil& wait);
  Result<Next> examine_it(const transaction::Examine& issued);
  Result<Kept> judge(const transaction::Examine& issued);
  Result<Next> complete();
  std::unexpected<Error> give_up(transaction::GaveUp end);
  std::unexpected<Error> end(Error error);
  Result<message::PKIMessage> open(View reply);
  Result<transaction::ClientFacts> facts();
  Result<> save();

  Parties parties_;
  Journal* journal_;
  const Clock& clock_;
  Entropy& entropy_;
  Record own_record_;  // where there is no journal
  Record* record_;
  message::ProofKind proof_ = message::ProofKind::signature;  // of the answer under examination
  bool over_ = false;
  bool refused_ = false;
};

}  // namespace countersign::client
