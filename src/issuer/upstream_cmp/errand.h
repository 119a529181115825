// One order at an upstream CA, from the request to the end: the client machine, its memo, the
// message under way. Lives on one loop, by shared_ptr, until it has told what there is to tell.
//
// Before octets go out they are stored with the machine's state; whatever goes wrong, the same ones
// are sent again. Whoever waits is told within the patience of the Upstream: the answer, Pending
// where the request may have arrived, or a refusal. What comes later goes out through World::late.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/ports.h"
#include "issuer/upstream_cmp/endpoints.h"
#include "issuer/upstream_cmp/memo.h"
#include "issuer/upstream_cmp/upstream.h"
#include "ports/store.h"

namespace countersign::issuer {

struct UpstreamWorld {
  ports::Store& store;
  ports::Transport& transport;
  const Clock& clock;
  Entropy& entropy;
  // Runs something on the loop, then or later.
  std::function<void(std::chrono::milliseconds, std::move_only_function<void()>)> after;
  // An answer that nobody waits for any more. "server.no-transaction": nobody wants it.
  std::function<void(ports::OrderKey, transaction::Answer, Done<>)> late;
  std::function<void(const ports::OrderKey&, const std::string& what, const Error&)> complain;
  // CAs that the upstream turned out to issue by, which lead to its root: `done` once they are
  // known everywhere. Empty: nobody keeps them.
  std::function<void(std::vector<Bytes> cas, Done<> done)> learn = {};
};

class Errand : public std::enable_shared_from_this<Errand> {
 public:
  Errand(const Upstream& upstream, UpstreamWorld& world, Endpoints& endpoints, ports::OrderKey key,
         std::function<void()> gone)
      : upstream_(upstream),
        world_(world),
        endpoints_(endpoints),
        key_(std::move(key)),
        gone_(std::move(gone)),
        begun_(world.clock.now()) {}
  ~Errand() { gone_(); }
  Errand(const Errand&) = delete;
  Errand& operator=(const Errand&) = delete;

  void issue(transaction::CertificateOrder order, Done<transaction::Answer> told);
  void revoke(transaction::RevocationOrder order, Done<transaction::Answer> told);
  void settle(ports::Settlement settlement, Done<ports::Heard> told);
  void resume(const enrol::OrderRecord& record);

 private:
  using Then = std::move_only_function<void()>;
  // What came of loading, once the memo is read; `then` gets nullopt when there is none.
  using Loaded = std::move_only_function<void(Result<std::optional<Memo>>)>;
  void load(Loaded then, std::vector<Bytes> serials = {});
  void begin(message::PKIBody body, std::vector<message::InfoTypeAndValue> info = {});
  void go_on();
  void take(transaction::ClientEvent event);
  void act(transaction::ClientStep step);
  void wait(Time when, Seconds after);
  void sign(message::PKIMessage message);
  bool is_refused_as_former(const message::PKIMessage& answer) const;
  ports::Commit row(std::optional<Time> due) const;
  void save(std::optional<Time> due, Then then);
  // With the commit of whoever is told next: durable before anybody else hears of it.
  void save_soon(std::optional<Time> due);
  void send();
  void exchange();
  void failed(const Error& error);
  void arrived(View octets);
  void examine(const transaction::Examine& granted);
  void accept(const transaction::Examine& granted);
  void reject(const Error& why);
  void completed();
  void gave_up(const transaction::GaveUp& end);
  void end(Memo::Stage stage, transaction::Answer answer);
  void tell(transaction::Answer answer);
  void hand_in(transaction::Answer answer);
  transaction::Answer granted() const;
  template <class T>
  Done<T> on_loop(std::move_only_function<void(Result<T>)> then);

  const Upstream& upstream_;
  UpstreamWorld& world_;
  Endpoints& endpoints_;
  ports::OrderKey key_;
  std::function<void()> gone_;
  Time begun_;
  Memo memo_;
  x509::Name issuer_;               // of the certificate that is to be revoked
  Done<transaction::Answer> told_;  // empty: nobody waits
  std::optional<Time> deadline_;    // of this run
  int tries_ = 0;
  std::string url_;                          // tried last
  std::optional<std::vector<Bytes>> chain_;  // of what was granted
  bool may_have_arrived_ = false;
};

// Whatever thread it comes on; this stays alive meanwhile.
template <class T>
Done<T> Errand::on_loop(std::move_only_function<void(Result<T>)> then) {
  return [self = shared_from_this(), then = std::move(then)](Result<T> result) mutable {
    auto& world = self->world_;
    world.after(std::chrono::milliseconds{0},
                [self = std::move(self), then = std::move(then),
                 result = std::move(result)]() mutable { then(std::move(result)); });
  };
}

}  // namespace countersign::issuer
