// One row per PKIBody choice, in the order of their tags. A new body is a row here, an enumerator
// of BodyType and its read and write functions.
#pragma once

#include <array>

#include "message/message.h"

namespace countersign::message {

struct BodyRow {
  BodyType type;
  std::string_view name;  // as the module spells it
  der::Parsed<BodyContent> (*read)(der::Reader& in);
  void (*write)(der::Writer& w, const BodyContent& content);
  std::string_view section;
};
extern const std::array<BodyRow, kBodyTypes> kBodyTable;

}  // namespace countersign::message
