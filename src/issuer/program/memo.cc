#include "issuer/program/memo.h"

#include "der/reader.h"
#include "der/writer.h"

namespace countersign::issuer {
namespace {

// StoredProgramOrder ::= SEQUENCE {
//   version INTEGER (1), stage INTEGER, order OCTET STRING, subject OCTET STRING,
//   question UTF8String, certificate OCTET STRING, until GeneralizedTime, reason INTEGER,
//   invalidityDate GeneralizedTime OPTIONAL }
constexpr std::int64_t kVersion = 1;
using Stage = ProgramMemo::Stage;

der::Parsed<ProgramMemo> read(der::Reader& in) {
  der::Reader s = TRY(in.read(der::Tag::sequence));
  if (TRY(s.small_integer()) != kVersion) return s.refuse(der::Code::unsupported);
  ProgramMemo out;
  const auto stage = TRY(s.small_integer());
  if (stage < 0 || stage > static_cast<std::int64_t>(Stage::ended))
    return s.refuse(der::Code::value);
  out.stage = static_cast<Stage>(stage);
  out.order = copy(TRY(s.octets()));
  out.subject = copy(TRY(s.octets()));
  out.question = TRY(s.utf8());
  out.certificate = copy(TRY(s.octets()));
  out.until = TRY(s.generalized_time());
  out.reason = static_cast<int>(TRY(s.small_integer()));
  if (!s.at_end()) out.invalidity_date = TRY(s.generalized_time());
  TRY(s.finish());
  TRY(in.finish());
  return out;
}

}  // namespace

Bytes encode(const ProgramMemo& memo) {
  der::Writer w;
  w.sequence([&](der::Writer& s) {
    s.integer(kVersion);
    s.integer(static_cast<std::int64_t>(memo.stage));
    s.octets(memo.order);
    s.octets(memo.subject);
    s.utf8(memo.question);
    s.octets(memo.certificate);
    s.generalized_time(memo.until);
    s.integer(memo.reason);
    if (memo.invalidity_date) s.generalized_time(*memo.invalidity_date);
  });
  return std::move(w).take();
}

Result<ProgramMemo> decode_program_memo(View octets) {
  der::Context context(octets);
  der::Reader in(octets, context);
  auto memo = read(in);
  if (memo) return std::move(*memo);
  return fail(Failure::systemFailure, "issuer.program-memo",
              "what was remembered of this request cannot be read; begin a new transaction",
              "stored memo unreadable at " + std::to_string(memo.error().offset));
}

}  // namespace countersign::issuer
