// SEQUENCE OF and EXPLICIT tags: the shapes that wrap other values.
//
//   auto certs = TRY_AT(in, "caCerts", read_list(in, ListSize::one_or_more, read_certificate));
//   write_list(w, certs, [](Writer& s, const Bytes& cert) { s.raw(cert); });
#pragma once

#include <type_traits>
#include <vector>

#include "der/reader.h"
#include "der/writer.h"

namespace countersign::der {

// What ASN.1 says of the list: SIZE (1..MAX), or nothing.
enum class ListSize { any, one_or_more };

template <class ReadItem>
using ItemOf = typename std::invoke_result_t<ReadItem, Reader&>::value_type;

// Each entry adds [index] to the path of a fault.
template <class ReadItem>
Parsed<std::vector<ItemOf<ReadItem>>> read_list(Reader& in, ListSize size, ReadItem read_item) {
  Reader list = TRY(in.read(Tag::sequence));
  if (size == ListSize::one_or_more && list.at_end()) return list.refuse(Code::empty);
  std::vector<ItemOf<ReadItem>> items;
  while (!list.at_end()) {
    TRY(list.count(items.size() + 1));
    items.push_back(TRY_ITEM(list, "", items.size(), read_item(list)));
  }
  return items;
}

// [n] EXPLICIT: exactly one value inside.
template <class ReadInside>
std::invoke_result_t<ReadInside, Reader&> read_tagged(Reader& in, unsigned n,
                                                      ReadInside read_inside) {
  Reader tagged = TRY(in.read(context(n)));
  auto value = read_inside(tagged);
  if (value) TRY(tagged.finish());
  return value;
}

template <class Items, class WriteItem>
void write_list(Writer& w, const Items& items, WriteItem write_item) {
  w.sequence([&](Writer& s) {
    for (const auto& item : items) write_item(s, item);
  });
}

}  // namespace countersign::der
