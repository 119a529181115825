// For tests: the files under tests/vectors/x509, and the openssl program that reads what we make.
#pragma once

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"

namespace countersign::x509 {

inline std::string text_vector(const std::string& file) {
  std::ifstream in(std::string(COUNTERSIGN_SOURCE_DIR "/tests/vectors/x509/") + file,
                   std::ios::binary);
  EXPECT_TRUE(in) << file;
  return {std::istreambuf_iterator<char>(in), {}};
}
inline Bytes vector(const std::string& name) { return to_bytes(text_vector(name + ".der")); }

// What openssl read in that file: the value of a line "key=value" of <name>.txt.
inline std::string seen_by_openssl(const std::string& name, const std::string& key) {
  const std::string text = '\n' + text_vector(name + ".txt");
  const auto start = text.find('\n' + key + '=');
  EXPECT_NE(start, std::string::npos) << name << ' ' << key;
  if (start == std::string::npos) return {};
  const auto value = start + key.size() + 2;
  return text.substr(value, text.find('\n', value) - value);
}

// Runs `openssl <arguments> -in <file with der> -inform DER` and gives what it prints; empty if it
// fails.
inline std::string openssl(const std::string& arguments, View der) {
  const std::string file = testing::TempDir() + "countersign_x509_" +
                           testing::UnitTest::GetInstance()->current_test_info()->name() + ".der";
  std::ofstream(file, std::ios::binary) << text(der);
  const std::string command =
      std::string(COUNTERSIGN_OPENSSL) + ' ' + arguments + " -inform DER -in " + file + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  std::string out;
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) out += static_cast<char>(c);
  const int status = pclose(pipe);
  std::remove(file.c_str());
  EXPECT_EQ(status, 0) << command << '\n' << out;
  return status == 0 ? out : std::string();
}

}  // namespace countersign::x509
