// What a general message is answered: one row of a table for each InfoTypeAndValue that may be
// asked for. RFC 9810 §5.3.19, RFC 9483 §4.3 and §5.1.4.
//
// Rules over values: what there is to tell comes in as Knowledge, which is borrowed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "enrol/template.h"
#include "message/info_type.h"
#include "message/variant.h"
#include "x509/name.h"

namespace countersign::enrol {

struct PublishedCrl {
  Bytes der;  // empty: none yet
  x509::Name issuer;
  Time this_update{};
  std::string url;  // that certificates name as their distribution point
};

// The root that followed another.
struct RootUpdate {
  Bytes old_root;
  message::RootCaKeyUpdateContent update;  // newWithNew, newWithOld, oldWithNew
};

// A registration authority does not have all that its CA publishes.
enum class Published : Byte { all_of_it, some_of_it };

struct Knowledge {
  std::span<const Bytes> ca_certificates;    // issuing CA first, root last
  std::span<const RootUpdate> root_updates;  // in the order in which the roots followed
  std::span<const PublishedCrl> crls;        // of the present issuing CA first
  const Template& wanted;  // that certProfile, the credential or the endpoint names
  message::Variant variant = message::Variant::general;
  Published has = Published::all_of_it;
};

using Items = std::vector<message::InfoTypeAndValue>;

// In the order of the question. Asked for nothing, tells what RFC 9810 appendix D.5 lists and is to
// hand. What is not to be had is an item without a value, where the type allows one; types that are
// not answered here are listed in one unsupportedOIDs at the end.
//   badRequest     genm.one (lightweight: exactly one item), genm.language (no language of ours),
//                  genm.unsupported (lightweight: unknown type), genm.value-unasked (lightweight)
//   badDataFormat  genm.value-missing, message.… of a value that cannot be read
Result<Items> tell(const Items& asked, const Knowledge& known);

// Does the answer depend on a certificate template?
bool asks_for_template(const Items& asked) noexcept;

// The requirements of a template as RFC 9810 §5.3.19.16 has them: values that are fixed are there,
// those that the requester fills in are empty.
message::CertReqTemplateContent requirements(const Template& t);

}  // namespace countersign::enrol
