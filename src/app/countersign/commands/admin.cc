// admin: the REST API of a server, by its own description of it.
#include <algorithm>
#include <boost/json.hpp>

#include "app/common/terminal.h"
#include "app/countersign/api/answer.h"
#include "app/countersign/api/handbook.h"
#include "app/countersign/api/operation.h"
#include "app/countersign/api/order.h"
#include "app/countersign/api/refusal.h"
#include "app/countersign/api/session.h"
#include "app/countersign/commands.h"
#include "app/countersign/report.h"
#include "base/ascii.h"
#include "client/failure.h"

namespace countersign::app {
namespace {

namespace json = boost::json;
using namespace api;
using ports::WebResponse;

constexpr int kNotFound = 404;
constexpr const char* kJson = "application/json";

bool is_good(const WebResponse& answer) { return answer.status / 100 == 2; }

// An answer that is to be told as a refusal ends what was begun; an Error is of our own.
struct Desk {
  const Options& options;
  Session session;
  std::vector<Operation> operations;
  Bytes description;
};

json::value parsed(const WebResponse& answer) {
  boost::system::error_code broken;
  auto value = json::parse(text(answer.body), broken);
  return broken ? json::value() : value;
}

int refused(const Desk& desk, const WebResponse& answer) {
  return report_refusal(desk.options, answer,
                        desk.session.names_operator() ? Asked::by_somebody : Asked::by_nobody);
}

std::string quoted(const std::string& version) {
  return version == "*" || version.contains('"') ? version : '"' + version + '"';
}

Result<WebResponse> send(Desk& desk, const std::string& method, const std::string& target,
                         ports::TextPairs headers, Bytes body = {},
                         const std::string& body_type = kJson) {
  headers.emplace_back("Accept", desk.options.accept.value_or("*/*"));
  if (method == "POST" || method == "PUT" || method == "PATCH")
    headers.emplace_back("Content-Type", body_type);
  if (method == "POST") headers.emplace_back("Idempotency-Key", TRY(new_key()));
  if (desk.options.if_match) {
    const auto bad = [](char c) { return static_cast<Byte>(c) < 0x20; };
    if (std::ranges::any_of(*desk.options.if_match, bad))
      return client::wrong_usage("--if-match is the version, or the ETag, of an answer");
    headers.emplace_back("If-Match", quoted(*desk.options.if_match));
  }
  if (desk.options.verbose) notice(desk.options, method + " " + target);
  return desk.session.send(method, target, std::move(headers), std::move(body));
}

std::string type_of(const Order& order) {
  const auto& types = order.operation->body_types;
  return order.operation->takes_json() || types.empty() ? kJson : types.front();
}

// What is there, with what is to be changed; nobody else's change in between is overwritten.
Result<std::variant<WebResponse, int>> put(Desk& desk, const Order& order) {
  const std::string target = target_of(order);
  if (order.octets) return send(desk, "PUT", target, {}, *order.octets);
  const auto present = TRY(desk.session.send("GET", target));
  json::object body;
  ports::TextPairs headers;
  if (is_good(present)) {
    const auto value = parsed(present);
    for (const Field& field : order.operation->body)
      if (const auto* object = value.if_object())
        if (const auto* member = object->if_contains(field.name)) body[field.name] = *member;
    if (!desk.options.if_match) headers.emplace_back("If-Match", header(present, "etag"));
  } else if (present.status == kNotFound) {
    headers.emplace_back("If-None-Match", "*");
  } else {
    return refused(desk, present);
  }
  merge(order, body);
  return send(desk, "PUT", target, std::move(headers), to_bytes(json::serialize(body)));
}

// All pages as one.
Result<std::variant<WebResponse, int>> read_all(Desk& desk, Order order) {
  const auto given = [&](std::string_view name) {
    return std::ranges::any_of(order.query, [&](const auto& q) { return q.first == name; });
  };
  if (!given("limit")) order.query.emplace_back("limit", "1000");
  json::array items;
  for (;;) {
    auto page = TRY(send(desk, "GET", target_of(order), {}));
    if (!is_good(page)) return refused(desk, page);
    const auto value = parsed(page);
    const auto* object = value.if_object();
    const auto* some = object == nullptr ? nullptr : object->if_contains("items");
    if (some == nullptr || !some->is_array()) return page;
    items.insert(items.end(), some->get_array().begin(), some->get_array().end());
    const auto* next = object->if_contains("next");
    if (next == nullptr || !next->is_string()) {
      page.body = to_bytes(json::serialize(json::object{{"items", items}, {"next", nullptr}}));
      return page;
    }
    std::erase_if(order.query, [](const auto& q) { return q.first == "after"; });
    order.query.emplace_back("after", std::string(next->get_string()));
  }
}

Result<std::variant<WebResponse, int>> carry_out(Desk& desk, const Order& order) {
  const Operation& operation = *order.operation;
  if (operation.method == "PUT" && api::find(desk.operations, "GET", operation.path) != nullptr)
    return put(desk, order);
  if (operation.pages && desk.options.all) return read_all(desk, order);
  Bytes body;
  if (order.octets) body = *order.octets;
  if (!order.octets && operation.takes_json()) body = to_bytes(json::serialize(order.body));
  return send(desk, operation.method, target_of(order), {}, std::move(body), type_of(order));
}

void show_page(const Options& options, const Operation* operation, const json::object& page) {
  const auto* items = page.if_contains("items");
  const auto shown = table(Style(Stream::out), items->get_array(),
                           operation == nullptr ? std::vector<std::string>{} : operation->columns,
                           width_of(Stream::out));
  print(Stream::out, shown.text);
  if (items->get_array().empty()) notice(options, "there are none");
  if (!shown.left_out.empty()) {
    std::string names;
    for (const auto& name : shown.left_out) names += (names.empty() ? "" : ", ") + name;
    notice(options, "too wide for this terminal: " + names + "; --json has all");
  }
  const auto* next = page.if_contains("next");
  if (next != nullptr && next->is_string())
    notice(options, "more follow: --all, or --after " + std::string(next->get_string()));
}

void show(const Options& options, const Operation* operation, const WebResponse& answer) {
  const auto value = parsed(answer);
  const auto* object = value.if_object();
  if (answer.body.empty()) {
    if (options.json) return print(Stream::out, "{}\n");
    return print(Stream::out, Style(Stream::out).green("done") + "\n");
  }
  const bool in_json = answer.content_type.starts_with(kJson);
  if (!in_json || object == nullptr || options.json) {
    const std::string all(text(answer.body));
    const std::string shown = in_json ? harmless(all) : all;
    return print(Stream::out, shown.ends_with('\n') ? shown : shown + "\n");
  }
  const auto* items = object->if_contains("items");
  if (items != nullptr && items->is_array()) return show_page(options, operation, *object);
  print(Stream::out, one(Style(Stream::out), *object));
}

int conclude(const Desk& desk, const Operation* operation,
             const Result<std::variant<WebResponse, int>>& got) {
  if (!got) return report_failure(desk.options, got.error());
  if (const int* exit = std::get_if<int>(&*got)) return *exit;
  const auto& answer = std::get<WebResponse>(*got);
  if (!is_good(answer)) return refused(desk, answer);
  show(desk.options, operation, answer);
  return 0;
}

// call METHOD PATH
Result<std::variant<WebResponse, int>> call(Desk& desk) {
  const auto& words = desk.options.words;
  if (words.size() != 3)
    return client::wrong_usage("countersign admin call METHOD PATH, such as GET /status");
  const std::string method = ascii::upper_case(words[1]);
  std::string path = words[2];
  if (!path.starts_with('/')) path = "/" + path;
  if (!path.starts_with(kPrefix)) path = std::string(kPrefix) + path.substr(1);
  Bytes body;
  if (desk.options.body) body = TRY(read_body(*desk.options.body));
  return send(desk, method, path, {}, std::move(body));
}

// why TRANSACTION
int why(Desk& desk) {
  Options options = desk.options;
  options.words.front() = "transactions";
  options.words.insert(options.words.begin() + 1, "get");
  const auto order = read_order(desk.operations, options);
  if (!order) return report_failure(options, order.error());
  const auto answer = send(desk, "GET", target_of(*order), {});
  if (!answer || !is_good(*answer) || options.json) {
    if (!answer) return report_failure(options, answer.error());
    return conclude(desk, order->operation, std::variant<WebResponse, int>(*answer));
  }
  const auto value = parsed(*answer);
  if (const auto* object = value.if_object())
    print(Stream::out, timeline(Style(Stream::out), *object));
  return 0;
}

Result<Desk> open_desk(const Options& options) {
  auto session = TRY(Session::open(options));
  auto answer = TRY(session.send("GET", std::string(kPrefix) + "openapi.json"));
  auto operations = TRY(read_operations(answer.body));
  return Desk{options, std::move(session), std::move(operations), std::move(answer.body)};
}

int tell_what_there_is(const Desk& desk) {
  const auto& words = desk.options.words;
  if (desk.options.json) {
    print(Stream::out, harmless(text(desk.description)) + "\n");
    return 0;
  }
  const auto told = handbook(Style(Stream::out), desk.operations, words.size() > 1 ? words[1] : "");
  if (!told) return report_failure(desk.options, told.error());
  print(Stream::out, *told);
  return 0;
}

}  // namespace

int admin(const Options& options) {
  auto desk = open_desk(options);
  if (!desk) return report_failure(options, desk.error());
  const std::string first = options.words.empty() ? "help" : options.words.front();
  if (first == "help") return tell_what_there_is(*desk);
  if (first == "call") return conclude(*desk, nullptr, call(*desk));
  if (first == "why") return why(*desk);
  const auto order = read_order(desk->operations, options);
  if (!order) return report_failure(options, order.error());
  return conclude(*desk, order->operation, carry_out(*desk, *order));
}

}  // namespace countersign::app
