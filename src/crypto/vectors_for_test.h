// For the tests of this folder: reads tests/vectors/crypto.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "der/algorithm.h"
#include "der/pem.h"
#include "der/reader.h"

namespace countersign::crypto {

inline std::string vector_path(const std::string& name) {
  return std::string(COUNTERSIGN_SOURCE_DIR) + "/tests/vectors/crypto/" + name;
}

inline std::string read_vector(const std::string& name) {
  std::ifstream file(vector_path(name), std::ios::binary);
  EXPECT_TRUE(file) << "there is no vector " << name << "; see tests/vectors/crypto/make.sh";
  return {std::istreambuf_iterator<char>(file), {}};
}

// The octets of the first PEM block.
inline Bytes read_pem_vector(const std::string& name) {
  const auto blocks = der::from_pem(read_vector(name));
  if (!blocks || blocks->empty()) {
    ADD_FAILURE() << name << " holds no PEM";
    return {};
  }
  return blocks->front().der;
}

inline Bytes hex(std::string_view text) {
  Bytes out;
  EXPECT_TRUE(from_hex(text, out)) << text;
  return out;
}

// The value of a line "name hex" in derivation.txt.
inline Bytes derivation_vector(const std::string& name) {
  std::istringstream lines(read_vector("derivation.txt"));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(name + " ")) return hex(line.substr(name.size() + 1));
  ADD_FAILURE() << "no line " << name;
  return {};
}

struct SignedParts {
  Bytes tbs;
  Bytes spki;
  der::AlgorithmIdentifier algorithm;
  Bytes signature;
};

// Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature BIT STRING }
inline der::Parsed<SignedParts> take_apart(View certificate) {
  der::Context context(certificate);
  der::Reader outer(certificate, context);
  der::Reader in = TRY(outer.read(der::Tag::sequence));
  SignedParts parts;
  const der::Tlv tbs = TRY(in.any(der::Tag::sequence));
  parts.tbs = copy(tbs.whole);
  parts.algorithm = TRY(der::read_algorithm(in));
  parts.signature = copy(TRY(in.bit_octets()));
  der::Reader fields = TRY(in.open(tbs.content));
  for (int skipped = 0; skipped < 6; ++skipped) TRY(fields.any());  // version … subject
  parts.spki = copy(TRY(fields.any(der::Tag::sequence)).whole);
  return parts;
}

inline SignedParts signed_vector(const std::string& name) {
  auto parts = take_apart(read_pem_vector(name));
  EXPECT_TRUE(parts) << name;
  return parts ? *parts : SignedParts{};
}

// For EXPECT_EQ(code_of(result), "crypto.…"); "ok" for success.
template <class T>
std::string code_of(const std::expected<T, Error>& result) {
  return result ? "ok" : std::string(result.error().code);
}

}  // namespace countersign::crypto
