#include "app/countersignd/qr.h"

#include <qrencode.h>

#include <memory>

namespace countersign::app {
namespace {

constexpr int kMargin = 4;  // modules; ISO/IEC 18004 §5.3.8
constexpr std::string_view kDarkOnLight = "\x1b[30;107m", kUsual = "\x1b[0m";

struct Free {
  void operator()(QRcode* code) const noexcept { QRcode_free(code); }
};

bool is_dark(const QRcode& code, int row, int column) {
  if (row < 0 || column < 0 || row >= code.width || column >= code.width) return false;
  return (code.data[row * code.width + column] & 1) != 0;
}

std::string_view block(bool upper, bool lower) {
  if (upper && lower) return "█";
  if (upper) return "▀";
  return lower ? "▄" : " ";
}

}  // namespace

Result<std::string> qr_code(std::string_view text) {
  const std::unique_ptr<QRcode, Free> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M));
  if (!code)
    return fail(Failure::systemFailure, "app.qr",
                "this is too long for a QR code; hand it over in another way");
  std::string out;
  for (int row = -kMargin; row < code->width + kMargin; row += 2) {
    out += kDarkOnLight;
    for (int column = -kMargin; column < code->width + kMargin; ++column)
      out += block(is_dark(*code, row, column), is_dark(*code, row + 1, column));
    out.append(kUsual).append("\n");
  }
  return out;
}

}  // namespace countersign::app
