// Lines under one another, each `name  value  (remark)`, indented by structure.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace countersign::client {

class Page {
 public:
  void line(std::string_view name, std::string_view value, std::string_view remark = {});
  // Indents everything that `inside` writes.
  template <class Inside>
  void group(std::string_view name, std::string_view remark, Inside&& inside) {
    line(name, "", remark);
    ++depth_;
    inside();
    --depth_;
  }
  std::string take() && { return std::move(text_); }

 private:
  std::string text_;
  int depth_ = 0;
};

std::string shown(View octets);                // hexadecimal, long ones cut with their length
std::string printable(std::string_view text);  // control characters replaced

}  // namespace countersign::client
