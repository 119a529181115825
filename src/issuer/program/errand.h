// One order at a program or a web service, from the question to the end: its memo, and whoever
// waits. Lives on one loop, by shared_ptr, until it has told what there is to tell.
#pragma once

#include <memory>

#include "issuer/program/program.h"
#include "issuer/program/words.h"

namespace countersign::issuer {

class ProgramErrand : public std::enable_shared_from_this<ProgramErrand> {
 public:
  ProgramErrand(ProgramIssuer& issuer, ports::OrderKey key)
      : issuer_(issuer), key_(std::move(key)) {}
  ~ProgramErrand() { issuer_.orders_.gone(key_.id); }
  ProgramErrand(const ProgramErrand&) = delete;
  ProgramErrand& operator=(const ProgramErrand&) = delete;

  void issue(const transaction::CertificateOrder& order, Done<transaction::Answer> told);
  void revoke(const transaction::RevocationOrder& order, Done<transaction::Answer> told);
  void settle(ports::Settlement settlement, Done<ports::Heard> told);
  void resume(const enrol::OrderRecord& record);

 private:
  using Then = std::move_only_function<void()>;
  using Stage = ProgramMemo::Stage;
  const ProgramWorld& world() const { return issuer_.world_; }
  Time now() const { return world().clock.now(); }
  template <class T>
  Done<T> on_loop(std::move_only_function<void(Result<T>)> then);
  void load(std::move_only_function<void(Result<std::optional<ProgramMemo>>)> then);
  void save(std::optional<Time> due, Then then);
  // Stores the memo, so that another run asks the same, and asks.
  void begin(ProgramMemo memo);
  void ask();
  void failed(const Error& error);
  void heard(Said said);
  void granted(Bytes certificate);
  void withdraw();
  void end(transaction::Answer answer);
  void tell(transaction::Answer answer);
  void hand_in(transaction::Answer answer);
  transaction::Answer issued() const;

  ProgramIssuer& issuer_;
  ports::OrderKey key_;
  ProgramMemo memo_;
  std::optional<std::vector<Bytes>> chain_;  // of what was granted
  Done<transaction::Answer> told_;           // empty: nobody waits
};

}  // namespace countersign::issuer
