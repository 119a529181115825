// What people and programs hand in as text: bodies of the API by its table, TOML of objects, CSV,
// answers of programs that stand for a CA, rules of names and senders. The first octet chooses.
// Whatever arrives, reading it ends with a value or a refusal that has a sentence.
#include <cstdint>
#include <cstdlib>

#include "console/api_table.h"
#include "console/arguments.h"
#include "enrol/rights.h"
#include "enrol/sender_rule.h"
#include "issuer/program/words.h"
#include "server/csv.h"
#include "server/object_file.h"

namespace countersign {
namespace {

const Time kNow = *from_iso("2026-06-01");

void check(bool good) {
  if (!good) std::abort();
}

// The second octet is the number of the route.
void read_body(View input) {
  if (input.empty()) return;
  const auto table = console::api_table();
  const auto& route = table[input[0] % table.size()];
  const auto body = console::read_body(input.subspan(1), route.body, kNow);
  if (!body) return check(!body.error().detail.empty() && body.error().status == 400);
  for (const auto& field : route.body)
    if (field.need == console::Need::required) check(body->has(field.name));
}

void read_objects(std::string_view input) {
  const auto objects = server::read_objects(input, "toml");
  if (!objects) return check(!objects.error().reply_text.empty());
  const auto again = server::read_objects(server::write_objects(*objects), "toml");
  check(again && again->size() == objects->size());
}

void read_csv(std::string_view input) {
  const auto table = server::read_csv(input);
  if (!table) return check(!table.error().reply_text.empty());
  for (const auto& row : table->rows)
    if (row.wrong.empty()) check(row.fields.size() <= table->names.size());
}

void read_said(std::string_view input) {
  const auto said = issuer::read_said(input);
  check(said || !said.error().reply_text.empty());
  (void)issuer::has_taken(input);
}

void read_rules(std::string_view input) {
  const auto rule = enrol::check_name_rule(input);
  check(rule || !rule.error().reply_text.empty());
  if (rule && input != "self" && input != "any") (void)enrol::allows(input, "a.example");
  const auto rules = enrol::sender_rules({std::string(input)});
  if (!rules) return;
  for (const auto& one : *rules) check(enrol::sender_rules({enrol::to_text(one)}).has_value());
}

void read(View input) {
  if (input.empty()) return;
  const View rest = input.subspan(1);
  switch (input[0] % 5) {
    case 0:
      return read_body(rest);
    case 1:
      return read_objects(text(rest));
    case 2:
      return read_csv(text(rest));
    case 3:
      return read_said(text(rest));
    default:
      return read_rules(text(rest));
  }
}

}  // namespace
}  // namespace countersign

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  countersign::read({data, size});
  return 0;
}
