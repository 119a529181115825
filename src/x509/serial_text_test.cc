#include "x509/serial_text.h"

#include <gtest/gtest.h>

#include "x509/certificate.h"

namespace countersign::x509 {
namespace {

TEST(SerialText, IsReadAsItIsPrinted) {
  for (const char* text : {"01", "7F", "80", "0100", "FF00FF", "3FA1B2"})
    EXPECT_EQ(serial_text(serial_from_text(text).value()), text);
  EXPECT_EQ(serial_from_text("80").value(), (Bytes{0x00, 0x80})) << "positive";
  EXPECT_EQ(serial_from_text("fF").value(), (Bytes{0x00, 0xff}));
  EXPECT_EQ(serial_from_text("1").value(), (Bytes{0x01}));
  EXPECT_EQ(serial_from_text("0000").value(), (Bytes{0x00}));
  EXPECT_EQ(serial_from_text("0x3f:a1").value(), (Bytes{0x3f, 0xa1}));
  EXPECT_FALSE(serial_from_text(std::string(130, '1'))) << "longer than any";
  for (const char* text : {"", "x", "0x", "12 34", "-1"})
    EXPECT_FALSE(serial_from_text(text)) << text;
}

}  // namespace
}  // namespace countersign::x509
