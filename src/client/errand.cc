#include "client/errand.h"

#include "client/failure.h"
#include "client/files.h"

namespace countersign::client {

Result<> ErrandRun::open_journal() {
  if (errand_.journal.empty()) return {};
  journal_.emplace(TRY(Journal::open(errand_.journal)));
  if (!journal_->has_record()) return {};
  if (errand_.start_over == StartOver::yes) {
    world_.notice("dropping what was begun before");
    TRY(remove_file(journal_->folder() + "/state"));
    journal_->forget();
    return {};
  }
  const std::string other = differences(journal_->record().command, errand_.command);
  if (!other.empty())
    return fail(Failure::badRequest, "client.journal-other",
                errand_.journal + " holds a request that was begun with other options (" + other +
                    "); give those to finish it, or add --start-over to drop it");
  return {};
}

bool ErrandRun::installing() const {
  return journal_ && journal_->has_record() && journal_->record().stage == Stage::confirmed;
}

Result<Next> ErrandRun::start() {
  resumed_ = journal_ && journal_->has_record();
  Journal* journal = journal_ ? &*journal_ : nullptr;
  if (!resumed_ && errand_.places) TRY(check(*errand_.places));
  auto prepared =
      TRY(errand_.prepare(resumed_ ? Errand::Resuming::yes : Errand::Resuming::no, journal));
  conversation_ = std::make_unique<Conversation>(std::move(prepared.parties), journal, world_.clock,
                                                 world_.entropy);
  if (!resumed_) {
    if (journal != nullptr) journal->record().command = errand_.command;
    return conversation_->begin(TRY(prepared.request()));
  }
  world_.notice("going on with what was begun before");
  return conversation_->resume();
}

Result<Outcome> ErrandRun::finish(Finished finished) {
  Outcome out;
  out.information = std::move(finished.information);
  const Record* record = conversation_ ? &conversation_->record()
                         : journal_    ? &journal_->record()
                                       : nullptr;
  if (record != nullptr) {
    out.messages = record->messages;
    out.kept = record->kept;
  }
  out.resumed = resumed_ || !conversation_;
  if (out.kept && errand_.places) TRY(install(*out.kept, *errand_.places));
  return out;
}

void ErrandRun::travel(Travel travel, Done<Outcome> done) {
  travel_.emplace(std::move(travel));
  done_ = std::move(done);
  if (auto opened = open_journal(); !opened) return failed(std::move(opened).error());
  if (installing()) return done_(finish({}));
  again();
}

// A journal in which nothing stands is not left behind.
void ErrandRun::failed(Error error) {
  if (journal_ && !journal_->has_record()) (void)journal_->drop();
  done_(std::unexpected(std::move(error)));
}

void ErrandRun::again() {
  auto next = start();
  if (!next && next.error().code == "client.secret-changed" && !anew_ &&
      journal_->record().stage == Stage::asking) {
    // Nothing that came under the old secret ever verified: there is nothing to lose.
    world_.notice("another secret is given now; beginning anew");
    anew_ = true;
    conversation_.reset();
    journal_->forget();
    return again();
  }
  if (!next && !conversation_) return failed(std::move(next).error());
  std::make_shared<Session>(*conversation_, *travel_)
      ->run(std::move(next), [self = shared_from_this()](Result<Finished> result) {
        self->ended(std::move(result));
      });
}

// What was resumed may have been forgotten by the server meanwhile, or be too old: then the same is
// asked anew, once.
void ErrandRun::ended(Result<Finished> result) {
  if (result) return done_(finish(std::move(*result)));
  if (!conversation_->refused() || !resumed_ || anew_) return failed(std::move(result).error());
  world_.notice("the server refused what was begun before (" + result.error().reply_text +
                "); beginning anew");
  anew_ = true;
  conversation_.reset();
  journal_.reset();
  if (auto opened = open_journal(); !opened) return failed(std::move(opened).error());
  again();
}

Result<Outcome> ErrandRun::carry(const std::optional<std::string>& request_out,
                                 const std::optional<std::string>& response_in) {
  // RFC 9483 §6.4.1 [MUST] the extension; that of a file that comes in is its sender's affair.
  if (request_out && !request_out->ends_with(".pki"))
    return wrong_usage("a message is carried in a file with the extension .pki; name it " +
                       *request_out + ".pki");
  TRY(open_journal());
  if (installing()) return finish({});
  if (response_in && !journal_->has_record())
    return wrong_usage("nothing was asked yet that " + *response_in +
                       " could answer; write a request first, with --request-out");
  Next next = TRY(start());
  if (response_in) next = TRY(conversation_->answered(TRY(read_file(*response_in))));
  if (auto* finished = std::get_if<Finished>(&next)) return finish(std::move(*finished));
  Outcome out;
  out.messages = conversation_->record().messages;
  out.over = false;
  out.resumed = resumed_;
  if (!request_out) return out;
  // Carrying takes its own time: a poll need not wait for its hour.
  if (std::holds_alternative<WaitFor>(next)) next = TRY(conversation_->waited());
  if (auto* message = std::get_if<SendNow>(&next)) {
    TRY(write_file(*request_out, message->message, Access::open));
    out.message_written = true;
  }
  return out;
}

Result<> ErrandRun::close() {
  if (!journal_) return {};
  return journal_->drop();
}

}  // namespace countersign::client
