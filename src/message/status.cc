// PKIStatusInfo and PKIFreeText. RFC 9810 §5.2.3, §5.1.1.
#include "message/codec.h"

namespace countersign::message {

using der::ListSize;
using der::Parsed;
using der::Reader;
using der::Writer;

// PKIFreeText ::= SEQUENCE SIZE (1..MAX) OF UTF8String                         RFC 9810 §5.1.1
Parsed<PKIFreeText> read_free_text(Reader& in) {
  return read_list(in, ListSize::one_or_more, [](Reader& list) { return list.utf8(); });
}

void write_free_text(Writer& w, const PKIFreeText& value) {
  write_list(w, value, [](Writer& list, const std::string& text) { list.utf8(text); });
}

// PKIStatus ::= INTEGER { accepted (0), grantedWithMods (1), rejection (2), waiting (3),
//     revocationWarning (4), revocationNotification (5), keyUpdateWarning (6) }
//                                                                              RFC 9810 §5.2.3
Parsed<PKIStatus> read_status(Reader& in) {
  const der::Fault out_of_range = in.fault(der::Code::value);
  const std::int64_t value = TRY(in.small_integer());
  if (value < 0 || value > static_cast<std::int64_t>(PKIStatus::keyUpdateWarning))
    return std::unexpected(out_of_range);
  return static_cast<PKIStatus>(value);
}

void write(Writer& w, PKIStatus value) { w.integer(static_cast<std::int64_t>(value)); }

namespace {

// PKIFailureInfo ::= BIT STRING { badAlg (0), … duplicateCertReq (26) }        RFC 9810 §5.2.3
Parsed<der::BitString> read_fail_info(Reader& in) {
  const der::Fault here = in.fault(der::Code::bit_string);
  der::BitString bits = TRY(in.bits());
  // X.690 §11.2.2 [MUST] a list of named bits has no trailing zero bits
  if (!bits.octets.empty() && (bits.octets.back() >> bits.unused & 1) == 0)
    return std::unexpected(here);
  return bits;
}

}  // namespace

// PKIStatusInfo ::= SEQUENCE {
//     status        PKIStatus,
//     statusString  PKIFreeText     OPTIONAL,
//     failInfo      PKIFailureInfo  OPTIONAL }                                 RFC 9810 §5.2.3
Parsed<PKIStatusInfo> read_status_info(Reader& in) {
  Reader seq = TRY(in.read(der::Tag::sequence));
  PKIStatusInfo out;
  out.status = TRY_AT(seq, "status", read_status(seq));
  if (seq.next_is(der::Tag::sequence))
    out.status_string = TRY_AT(seq, "statusString", read_free_text(seq));
  if (!seq.at_end()) out.fail_info = TRY_AT(seq, "failInfo", read_fail_info(seq));
  TRY(seq.finish());
  return out;
}

void write(Writer& w, const PKIStatusInfo& value) {
  w.sequence([&](Writer& s) {
    write(s, value.status);
    if (!value.status_string.empty()) write_free_text(s, value.status_string);
    if (value.fail_info) s.bits(*value.fail_info);
  });
}

der::BitString failure_bits(Failure failure) {
  const auto bit = static_cast<std::size_t>(failure);
  der::BitString out{Bytes(bit / 8 + 1), static_cast<Byte>(7 - bit % 8)};
  out.octets.back() = static_cast<Byte>(1U << out.unused);
  return out;
}

std::vector<Failure> failures(const der::BitString& bits) {
  std::vector<Failure> out;
  for (std::size_t bit = 0; bit < kFailureBits && bit / 8 < bits.octets.size(); ++bit)
    if ((bits.octets[bit / 8] >> (7 - bit % 8) & 1) != 0) out.push_back(static_cast<Failure>(bit));
  return out;
}

PKIStatusInfo rejection(Failure failure, std::string sentence) {
  PKIStatusInfo out{PKIStatus::rejection, {}, failure_bits(failure)};
  if (!sentence.empty()) out.status_string.push_back(std::move(sentence));
  return out;
}

}  // namespace countersign::message
