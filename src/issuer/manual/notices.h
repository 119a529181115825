// What officers are told of requests that wait for them: one JSON object each, stored in the commit
// that makes it true, and carried to a program or a web service until that has taken it.
//
//   {"version": 1, "event": "asked", "id": …, "transaction": …, "asks": "certificate",
//    "subject": …, "ra_profile": …, "sender": …, "approvals": 0, "needed": 2, "asked": …,
//    "expires": …, "escalates": …, "escalates_to": "ada, administrator", "at": …, "url": …}
// and of what is over "decision" ("approved", "rejected"), "officers" and "comment".
//
// At least once: what was taken may be told again after a crash. What fails is told again later,
// for a day; no request waits for it.
#pragma once

#include <array>
#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "base/ports.h"
#include "enrol/approval.h"
#include "enrol/records.h"
#include "issuer/program/program.h"
#include "ports/store.h"

namespace countersign::issuer {

enum class NoticeKind : Byte { asked, reminded, escalated, decided, expired };
inline constexpr std::array<std::string_view, 5> kNoticeKinds = {"asked", "reminded", "escalated",
                                                                 "decided", "expired"};

// The row of it. `record` is what waits, `desk` the URL that its id follows.
enrol::OrderRecord notice_of(NoticeKind kind, const enrol::OrderRecord& record,
                             const enrol::Approval& approval, const std::string& desk, Time now);

struct NoticeWorld {
  ports::Store& store;
  const Clock& clock;
  Courier& courier;
  Seconds timeout{10};
  // Onto the courier's loop; does nothing once that has stopped.
  std::function<void(std::move_only_function<void()>)> post;
  std::function<void(const enrol::OrderRecord&, const Error&)> complain;
};

// Outlived by what its world names. run_due() is for one thread; what comes of it is on the loop of
// the courier, and on the store's threads.
class Notices {
 public:
  explicit Notices(NoticeWorld world) : world_(std::move(world)) {}

  // Tells what is due; to be called every second or so.
  void run_due();

 private:
  void tell(const enrol::OrderRecord& notice);
  enum class Taken { no, yes };
  void end(enrol::OrderRecord notice, Taken taken);

  const NoticeWorld world_;
  std::atomic<std::size_t> under_way_ = 0;
};

}  // namespace countersign::issuer
