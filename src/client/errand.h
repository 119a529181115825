// One errand of the client from beginning to end: journal, conversation, results in place. The same
// errand again, after a kill at any instant, goes on where the first one was.
//
//   prepare   -> what to ask and whom to trust; not called when all that is left is to install
//   converse  -> session.h over a transport, or a message in a file (carry)
//   install   -> results by rename
//   close     -> the journal goes, last of all
//
// Errors: those of the parts, and client.journal-other: something else is pending under this key.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/conversation.h"
#include "client/install.h"
#include "client/session.h"

namespace countersign::client {

enum class StartOver { no, yes };

struct Errand {
  std::string journal;           // its folder; empty: nothing is kept (genm)
  std::vector<Setting> command;  // what must be the same to go on
  StartOver start_over = StartOver::no;
  // Credentials, trust, expectation. Makes a key where one is needed and `resuming` is false.
  struct Prepared {
    Parties parties;
    std::function<Result<Request>()> request;
  };
  enum class Resuming { no, yes };
  std::function<Result<Prepared>(Resuming, const Journal*)> prepare;
  std::optional<Places> places;  // where a certificate is asked for
  std::string_view label = {};   // of the operation, see message/operation_label.h
};

struct Outcome {
  std::vector<message::InfoTypeAndValue> information;
  std::optional<Kept> kept;
  std::vector<std::string> messages;
  bool resumed = false;
  // carry: what is to be done next, when it is not over.
  bool over = true;
  bool message_written = false;
};

class ErrandRun : public std::enable_shared_from_this<ErrandRun> {
 public:
  struct World {
    const Clock& clock;
    Entropy& entropy;
    std::function<void(const std::string&)> notice;
  };
  ErrandRun(Errand errand, World world) : errand_(std::move(errand)), world_(std::move(world)) {}

  // Over a transport. Calls `done` once, on the loop of the transport or in place.
  void travel(Travel travel, Done<Outcome> done);

  // By hand: reads the answer from `response_in`, or writes the next request to `request_out`, or
  // both. Outcome.over is false while messages are still to be carried.
  Result<Outcome> carry(const std::optional<std::string>& request_out,
                        const std::optional<std::string>& response_in);

  // When the user was told: removes the journal.
  Result<> close();

 private:
  Result<> open_journal();
  bool installing() const;
  Result<Next> start();
  Result<Outcome> finish(Finished finished);
  void ended(Result<Finished> result);
  void failed(Error error);
  void again();

  Errand errand_;
  World world_;
  std::optional<Journal> journal_;
  std::unique_ptr<Conversation> conversation_;
  std::optional<Travel> travel_;
  Done<Outcome> done_;
  bool resumed_ = false;
  bool anew_ = false;  // begun anew after the server refused what was resumed
};

}  // namespace countersign::client
