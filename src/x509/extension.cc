#include "x509/extension.h"

#include <array>

namespace countersign::x509 {
namespace {

using der::Code;
using der::Parsed;
using der::Reader;
using der::Tag;
using der::Writer;

// More than any certificate has; keeps the search for duplicates short.
constexpr std::size_t kMaxExtensions = 100;

Parsed<Extension> read_extension(Reader& in) {
  Extension out;
  out.id = TRY_AT(in, "extnID", in.oid());
  if (in.next_is(Tag::boolean)) {
    const Reader here = in;
    out.critical = TRY_AT(in, "critical", in.boolean());
    // X.690 §11.5: the DEFAULT FALSE is not encoded.
    if (!out.critical) {
      in.context().unwind("critical");
      return here.refuse(Code::value);
    }
  }
  out.value = copy(TRY_AT(in, "extnValue", in.octets()));
  TRY(in.finish());
  return out;
}

constexpr std::array<std::string_view, 9> kUsageNames = {
    "digitalSignature", "nonRepudiation", "keyEncipherment", "dataEncipherment", "keyAgreement",
    "keyCertSign",      "cRLSign",        "encipherOnly",    "decipherOnly"};

constexpr std::array<std::string_view, 11> kReasonNames = {
    "unspecified",   "keyCompromise",        "cACompromise",    "affiliationChanged",
    "superseded",    "cessationOfOperation", "certificateHold", "",
    "removeFromCRL", "privilegeWithdrawn",   "aACompromise"};

}  // namespace

// RFC 5280 §4.1
//   Extensions ::= SEQUENCE SIZE (1..MAX) OF Extension
//   Extension ::= SEQUENCE { extnID OBJECT IDENTIFIER, critical BOOLEAN DEFAULT FALSE,
//                            extnValue OCTET STRING }
Parsed<Extensions> read_extensions(Reader& in, Tag tag) {
  Reader list = TRY(in.read(tag));
  if (list.at_end()) return list.refuse(Code::empty);
  Extensions out;
  out.reserve(12);
  while (!list.at_end()) {
    const std::size_t index = out.size();
    if (index == kMaxExtensions) return list.refuse(Code::too_many);
    TRY(list.count(index + 1));
    const Reader here = list;
    Reader entry = TRY_ITEM(list, "", index, list.read(Tag::sequence));
    Extension next = TRY_ITEM(list, "", index, read_extension(entry));
    // RFC 5280 §4.2 [MUST NOT] more than one instance of a particular extension.
    if (find(out, next.id) != nullptr) {
      list.context().unwind("", index);
      return here.refuse(Code::duplicate);
    }
    out.push_back(std::move(next));
  }
  return out;
}

void write(Writer& w, const Extensions& extensions, Tag tag) {
  w.element(tag, [&](Writer& list) {
    for (const Extension& extension : extensions)
      list.sequence([&](Writer& s) {
        s.oid(extension.id);
        if (extension.critical) s.boolean(true);
        s.octets(extension.value);
      });
  });
}

const Extension* find(const Extensions& extensions, const der::Oid& id) noexcept {
  for (const Extension& extension : extensions)
    if (extension.id == id) return &extension;
  return nullptr;
}

std::string_view name(KeyUsage usage) noexcept {
  const auto bit = static_cast<std::size_t>(usage);
  return bit < kUsageNames.size() ? kUsageNames[bit] : std::string_view{};
}

std::string_view reason_name(int reason) noexcept {
  if (reason < 0 || reason >= static_cast<int>(kReasonNames.size())) return {};
  return kReasonNames[static_cast<std::size_t>(reason)];
}

std::optional<int> reason_from_name(std::string_view name) noexcept {
  for (std::size_t i = 0; i < kReasonNames.size(); ++i)
    if (!name.empty() && kReasonNames[i] == name) return static_cast<int>(i);
  return std::nullopt;
}

}  // namespace countersign::x509
