// Messages made by other software, and hexadecimal text: all of them parse, and come out the same.
#include <gmock/gmock.h>

#include <set>

#include "message/body_table.h"
#include "message/info_type.h"
#include "support/vectors.h"

namespace countersign::message {
namespace {

using test::Vector;

const std::vector<Vector>& vectors() {
  static const std::vector<Vector> all = test::vectors_in("message");
  return all;
}

PKIMessage parsed(const Vector& vector) {
  auto message = parse_message(vector.octets);
  if (!message) throw std::runtime_error(vector.name + ": " + message.error().reply_text);
  return *std::move(message);
}

// The message with nothing left of how it arrived: encoding it says everything anew.
void forget_octets(PKIMessage& message) {
  message.header_and_body.clear();
  if (auto* requests = std::get_if<crmf::CertReqMessages>(&message.body.content))
    for (auto& request : *requests) request.cert_req_der.clear();
  if (auto* nested = std::get_if<NestedMessageContent>(&message.body.content))
    for (auto& inner : nested->messages) forget_octets(inner);
}

template <class Visit>
void for_each_message(const PKIMessage& message, Visit visit) {
  visit(message);
  if (const auto* nested = std::get_if<NestedMessageContent>(&message.body.content))
    for (const auto& inner : nested->messages) for_each_message(inner, visit);
}

template <class Visit>
void for_each_info(const PKIMessage& message, Visit visit) {
  for_each_message(message, [&](const PKIMessage& m) {
    for (const auto& item : m.header.general_info) visit(item);
    if (const auto* general = std::get_if<InfoMsgContent>(&m.body.content))
      for (const auto& item : general->items) visit(item);
  });
}

TEST(MessageVectors, ComeOutAsTheyCameIn) {
  ASSERT_GE(vectors().size(), 80U);
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    EXPECT_EQ(encode(parsed(vector)), vector.octets);
  }
}

TEST(MessageVectors, AreEncodedTheSameFromTheirFieldsAlone) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    PKIMessage message = parsed(vector);
    const Bytes kept = message.header_and_body;
    forget_octets(message);
    EXPECT_EQ(to_hex(encode_header_and_body(message)), to_hex(kept));
    EXPECT_EQ(encode(message), vector.octets);
  }
}

TEST(MessageVectors, HaveEveryBodyType) {
  std::set<BodyType> seen;
  for (const Vector& vector : vectors()) seen.insert(parsed(vector).body.type);
  for (const BodyRow& row : kBodyTable)
    EXPECT_TRUE(seen.contains(row.type)) << "no vector for the body " << row.name;
}

TEST(MessageVectors, HaveEveryInfoTypeWithAValue) {
  std::set<std::string_view> seen;
  for (const Vector& vector : vectors())
    for_each_info(parsed(vector), [&](const InfoTypeAndValue& item) {
      const InfoType* type = find_info_type(item.type);
      if (type != nullptr && !item.value.empty()) seen.insert(type->name);
    });
  for (const InfoType& type : kInfoTypes)
    EXPECT_TRUE(seen.contains(type.name)) << "no vector for the info type " << type.name;
}

TEST(MessageVectors, HaveInfoValuesThatComeOutAsTheyCameIn) {
  for (const Vector& vector : vectors())
    for_each_info(parsed(vector), [&](const InfoTypeAndValue& item) {
      const auto value = decode(item);
      if (find_info_type(item.type) == nullptr) {
        EXPECT_EQ(value.error().code, "message.unknown-info-type");
        return;
      }
      ASSERT_TRUE(value) << vector.name << ": " << value.error().reply_text;
      EXPECT_EQ(make_info(item.type, *value), item) << vector.name;
    });
}

// What is refused ends here; what is taken must still come out the same, from the fields too.
void expect_refused_or_same(const Bytes& octets, const std::string& what) {
  auto message = parse_message(octets);
  if (!message) return;
  EXPECT_EQ(encode(*message), octets) << what;
  for_each_info(*message, [&](const InfoTypeAndValue& item) {
    if (const auto value = decode(item)) {
      EXPECT_EQ(make_info(item.type, *value), item) << what;
    }
  });
  forget_octets(*message);
  EXPECT_EQ(encode(*message), octets) << what;
}

TEST(MessageVectors, AreRefusedWhenCutShort) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    for (std::size_t size = 0; size < vector.octets.size(); ++size) {
      // A heap copy of exactly that size: a read past its end shows.
      const Bytes cut(vector.octets.begin(),
                      vector.octets.begin() + static_cast<std::ptrdiff_t>(size));
      EXPECT_FALSE(parse_message(cut)) << "cut at " << size;
      static_cast<void>(salvage_header(cut));
    }
  }
}

TEST(MessageVectors, WithOneOctetChangedAreRefusedOrComeOutTheSame) {
  for (const Vector& vector : vectors()) {
    Bytes octets = vector.octets;
    for (std::size_t at = 0; at < octets.size(); ++at) {
      for (const Byte flip : Bytes{0x01, 0x20, 0x80, 0xff}) {
        octets[at] = static_cast<Byte>(octets[at] ^ flip);
        expect_refused_or_same(octets, vector.name + " changed at " + std::to_string(at));
        octets[at] = static_cast<Byte>(octets[at] ^ flip);
      }
    }
  }
}

TEST(MessageVectors, KeepTheHeaderWhenTheBodyIsCutOff) {
  for (const Vector& vector : vectors()) {
    SCOPED_TRACE(vector.name);
    const PKIMessage message = parsed(vector);
    der::Context context(message.header_and_body);
    der::Reader in(message.header_and_body, context);
    const std::size_t header_size = in.any()->whole.size();
    const std::size_t start = vector.octets[1] < 0x80 ? 2 : 2 + (vector.octets[1] & 0x7fU);
    const auto header = salvage_header(View(vector.octets).first(start + header_size));
    ASSERT_TRUE(header);
    EXPECT_EQ(*header, message.header);
    EXPECT_FALSE(salvage_header(View(vector.octets).first(start + header_size - 1)));
  }
}

}  // namespace
}  // namespace countersign::message
