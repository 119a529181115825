#include "app/countersign/api/answer.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/time.h"

namespace countersign::app::api {
namespace {

namespace json = boost::json;

constexpr std::size_t kGap = 2;
constexpr std::size_t kAlwaysShown = 2;  // columns
constexpr std::size_t kWidest = 120;     // of a table inside of something else

// As a terminal counts: one column each, but for the octets that go on a character of UTF-8.
std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char c) { return (static_cast<Byte>(c) & 0xc0) != 0x80; }));
}

std::string padded(std::string text, std::size_t columns) {
  const auto now = columns_of(text);
  if (now < columns) text.append(columns - now, ' ');
  return text;
}

std::string text_of(const json::value& value) {
  if (value.is_null()) return "";
  if (const auto* string = value.if_string()) return harmless(std::string(*string));
  if (const auto* object = value.if_object()) {
    std::string out;
    for (const auto& [name, each] : *object)
      out += (out.empty() ? "" : " ") + harmless(std::string(name)) + "=" + text_of(each);
    return out;
  }
  const auto* list = value.if_array();
  if (list == nullptr) return harmless(json::serialize(value));
  std::string out;
  for (const auto& each : *list) out += (out.empty() ? "" : ", ") + text_of(each);
  return out;
}

std::string cell(const json::object& item, const std::string& column) {
  const auto* value = item.if_contains(column);
  std::string out = value == nullptr ? "" : text_of(*value);
  std::ranges::replace_if(out, [](char c) { return c == '\n' || c == '\t'; }, ' ');
  return out;
}

bool is_table(const json::value& value) {
  const auto* list = value.if_array();
  return list != nullptr && !list->empty() &&
         std::ranges::all_of(*list, [](const auto& each) { return each.is_object(); });
}

struct Column {
  std::string name;
  std::size_t width = 0;
};

std::vector<Column> columns_with_content(const json::array& items, std::vector<std::string> names) {
  for (const auto& item : items)
    for (const auto& member : item.get_object())
      if (std::ranges::find(names, member.key()) == names.end()) names.emplace_back(member.key());
  std::vector<Column> out;
  for (const std::string& name : names) {
    std::size_t width = 0;
    for (const auto& item : items)
      width = std::max(width, columns_of(cell(item.get_object(), name)));
    if (width > 0) out.push_back({name, std::max(width, columns_of(name))});
  }
  return out;
}

std::string indented(const std::string& text, std::size_t by) {
  std::string out(by, ' ');
  for (std::size_t i = 0; i < text.size(); ++i) {
    out += text[i];
    if (text[i] == '\n' && i + 1 < text.size()) out.append(by, ' ');
  }
  return out;
}

bool is_empty(const json::value& value) {
  const auto* list = value.if_array();
  const auto* string = value.if_string();
  return value.is_null() || (list != nullptr && list->empty()) ||
         (string != nullptr && string->empty());
}

std::string lines(const Style& style, const json::object& thing, std::size_t depth);

// Things in a thing: a table, or, where that is too wide to be read, one below the other without
// what they do not have.
std::string rows_text(const Style& style, const json::array& rows, std::size_t depth) {
  std::size_t width = 0;
  for (const Column& column : columns_with_content(rows, {})) width += column.width + kGap;
  if (width <= kWidest) return indented(table(style, rows, {}, std::nullopt).text, 2 * depth);
  std::string out;
  for (const auto& row : rows) {
    json::object full;
    for (const auto& [name, value] : row.get_object())
      if (!is_empty(value)) full.emplace(name, value);
    out += (out.empty() ? "" : "\n") + lines(style, full, depth);
  }
  return out;
}

std::string lines(const Style& style, const json::object& thing, std::size_t depth) {
  std::size_t width = 0;
  for (const auto& member : thing) width = std::max(width, columns_of(member.key()));
  std::string out;
  for (const auto& [name, value] : thing) {
    const std::string label = std::string(2 * depth, ' ') + std::string(name) + ":";
    if (is_table(value)) {
      out += style.dim(label) + "\n" + rows_text(style, value.get_array(), depth + 1);
    } else if (const auto* object = value.if_object(); object != nullptr && !object->empty()) {
      out += style.dim(label) + "\n" + lines(style, *object, depth + 1);
    } else {
      const std::string text = value.is_object() ? "" : text_of(value);
      const std::string shown =
          text.contains('\n') ? "\n" + indented(text, 2 * depth + 2) : " " + text;
      const std::string line = style.dim(padded(label, width + 1 + 2 * depth)) + shown;
      out += line.substr(0, line.find_last_not_of(" \n") + 1) + "\n";
    }
  }
  return out;
}

std::string elapsed(const std::optional<Time>& since, const std::optional<Time>& at) {
  if (!since || !at || *at == *since) return "";
  return "+" + to_text(std::chrono::duration_cast<Seconds>(*at - *since));
}

std::string event_text(const Style& style, const json::object& event,
                       const std::optional<Time>& first) {
  const std::string at = cell(event, "at");
  const std::string code = cell(event, "code");
  const std::string name = padded(cell(event, "event"), 18);
  std::string out = style.dim(padded(at, 22)) + style.dim(padded(elapsed(first, from_iso(at)), 8)) +
                    (code.empty() ? style.bold(name) : style.red(name)) + " " +
                    cell(event, "sender") + "\n";
  const std::string indent(30, ' ');
  for (const char* more : {"subject", "serial", "code", "detail"})
    if (const std::string text = cell(event, more); !text.empty())
      out.append(indent).append(style.dim(padded(std::string(more) + ":", 9))).append(text) += '\n';
  return out;
}

}  // namespace

Table table(const Style& style, const json::array& items, const std::vector<std::string>& names,
            std::optional<std::size_t> width) {
  Table out;
  auto columns = columns_with_content(items, names);
  const auto needed = [&] {
    std::size_t sum = 0;
    for (const Column& column : columns) sum += column.width + kGap;
    return sum < kGap ? 0 : sum - kGap;
  };
  while (width && needed() > *width && columns.size() > kAlwaysShown) {
    out.left_out.insert(out.left_out.begin(), columns.back().name);
    columns.pop_back();
  }
  if (columns.empty()) return out;
  columns.back().width = 0;  // nothing stands behind it
  const auto line = [&](auto text, auto show) {
    for (const Column& column : columns)
      out.text += show(padded(text(column.name), column.width)) +
                  (&column == &columns.back() ? "\n" : std::string(kGap, ' '));
  };
  line([](const std::string& name) { return name; },
       [&](const std::string& text) { return style.dim(text); });
  for (const auto& item : items)
    line([&](const std::string& name) { return cell(item.get_object(), name); },
         [](const std::string& text) { return text; });
  return out;
}

std::string one(const Style& style, const json::object& thing) { return lines(style, thing, 0); }

std::string timeline(const Style& style, const json::object& transaction) {
  std::string out = "transaction " + style.bold(cell(transaction, "transaction")) + "\n";
  const auto* events = transaction.if_contains("events");
  std::optional<Time> first;
  if (events == nullptr || !is_table(*events)) return out;
  for (const auto& event : events->get_array()) {
    const auto at = from_iso(cell(event.get_object(), "at"));
    if (!first) first = at;
    out += event_text(style, event.get_object(), first);
  }
  return out;
}

}  // namespace countersign::app::api
