// Carries questions to a program: each is a run of its own, with the question on its standard
// input and, field by field, in its environment (COUNTERSIGN_SUBJECT, COUNTERSIGN_PUBLIC_KEY …),
// but for fields over 32 KiB, which would keep it from starting.
// It answers on its standard output; exit code 0: that is the answer; 75 (EX_TEMPFAIL): not yet,
// ask again later; 65 (EX_DATAERR): refused, the reason is on its standard error; any other: it
// failed. It and what it has started are killed when its time is over.
//
// On one loop, which outlives it. A program need not read its input: SIGPIPE is ignored by the
// whole process from the first of these on, and is as usual in the program. At most 1 MiB of answer
// and 4 KiB of errors are read. Errors: systemUnavail "issuer.program-failed",
// "issuer.program-time".
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <vector>

#include "issuer/program/program.h"

namespace countersign::issuer {

class Command final : public Courier {
 public:
  // `program`: a path. Its working folder is that of the server.
  Command(boost::asio::any_io_executor loop, std::string program,
          std::vector<std::string> arguments);

  void ask(const std::string& question, Seconds limit, Done<std::string> done) override;

 private:
  boost::asio::any_io_executor loop_;
  std::string program_;
  std::vector<std::string> arguments_;
};

}  // namespace countersign::issuer
