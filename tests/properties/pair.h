// Both machines, a clock that is only told, and a link that loses, doubles and delays.
//
// The link carries one exchange at a time, as every transport of CMP does: a reply belongs to the
// request that it came back for. What was doubled or delayed reaches the server once more, later,
// and what it answers then is lost.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "support/device.h"
#include "support/machine_server.h"
#include "transaction/client_machine.h"

namespace countersign::test {

struct Fault {  // of one attempt
  bool request_lost = false;
  bool reply_lost = false;
  bool doubled = false;
  std::optional<std::size_t> stray;  // an earlier message of that number arrives once more
};

struct PairScript {
  std::vector<Fault> faults;  // attempt by attempt; none after the last
  IssuerSays first;
  std::optional<std::pair<Seconds, IssuerSays>> later;  // when `first` is pending
  bool implicit = false;
  bool client_rejects = false;
  int attempts = 8;  // of the client for each message, with back-off
  Seconds patience{3600};
  transaction::Rules rules;
};

// How it ended, for the client.
struct PairEnd {
  std::string words;          // "completed", "transport", or the code of GaveUp
  bool refused = false;       // the server said no
  std::optional<Bytes> kept;  // the certificate that it has and uses
  std::optional<Bytes> seen;  // that it was shown
  Seconds took{0};
};

class Pair {
 public:
  explicit Pair(PairScript script);

  PairEnd run(message::PKIBody body);
  // Everything that the server still waits for comes to its end.
  void let_time_pass();

  // Sends what the client sent first once more.
  Result<message::PKIMessage> resend_first();

  MachineServer& server() { return server_; }
  const ScriptedIssuer& issuer() const { return issuer_; }
  std::vector<std::string> broken;  // what must not happen, and did

 private:
  std::optional<message::PKIMessage> exchange(const message::PKIMessage& m);
  Bytes deliver(const Bytes& octets);
  void move_to(Time when);
  transaction::ClientStep act(transaction::ClientEvent event);
  std::optional<transaction::ClientEvent> follow(const transaction::ClientAction& action,
                                                 PairEnd& end);

  PairScript script_;
  ScriptedIssuer issuer_;
  MachineServer server_;
  Device device_;
  transaction::ClientTransaction client_;
  CountingEntropy entropy_{23};
  Time now_ = kStart;
  Time began_ = kStart;
  std::optional<Time> answers_at_;
  std::size_t attempts_ = 0;
  std::vector<Bytes> sent_;
};

}  // namespace countersign::test
