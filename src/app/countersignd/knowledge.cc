#include "app/countersignd/knowledge.h"

#include <charconv>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include "enrol/catalogue.h"

namespace countersign::app {

Result<Secret> read_source(const std::string& option, const std::string& source) {
  const auto colon = source.find(':');
  const std::string kind = source.substr(0, colon);
  const std::string rest = colon == std::string::npos ? "" : source.substr(colon + 1);
  std::string line;
  if (kind == "pass")
    line = rest;
  else if (kind == "env") {
    const char* value = std::getenv(rest.c_str());
    line = value == nullptr ? "" : value;
  } else if (kind == "file") {
    std::ifstream in(rest);
    std::getline(in, line);
  } else if (kind == "stdin") {
    std::getline(std::cin, line);
  } else {
    return fail(Failure::systemFailure, "app.secret-source",
                option + " takes pass:TEXT, env:NAME, file:PATH or stdin:");
  }
  Secret out{view(line)};
  wipe({reinterpret_cast<Byte*>(line.data()), line.size()});
  if (out.empty())
    return fail(Failure::systemFailure, "app.secret-empty",
                "what " + option + " gets from " + kind + ": is empty");
  return out;
}

Result<std::optional<std::int64_t>> read_uses(const std::string& text) {
  if (text == "any") return std::nullopt;
  std::int64_t uses = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), uses);
  if (error != std::errc{} || end != text.data() + text.size() || uses < 1)
    return fail(Failure::systemFailure, "app.uses", "--uses takes a number from 1, or any");
  return uses;
}

Result<std::optional<Time>> read_expiry(const std::string& text, Time now) {
  if (text.empty()) return std::nullopt;
  if (const auto lives = parse_duration(text)) return now + *lives;
  if (const auto at = from_iso(text)) return *at;
  return fail(Failure::systemFailure, "app.expires",
              "--expires takes a duration (24h, 30d) or a date (2027-01-31)");
}

std::string uses_text(const std::optional<std::int64_t>& left, std::int64_t granted) {
  return left ? std::to_string(*left) + " of " + std::to_string(granted)
              : std::string("any number");
}

Result<std::shared_ptr<const enrol::Catalogue>> catalogue_of(ports::Ledger& ledger) {
  return enrol::build_catalogue({}, TRY(ledger.objects())).catalogue;
}

namespace {

template <class Map>
Result<> check_known(std::string_view what, const std::string& name, const Map& known) {
  if (name.empty() || known.contains(name)) return {};
  std::string list;
  for (const auto& [one, value] : known) (list += list.empty() ? "" : ", ") += one;
  if (list.empty()) list = "none";
  return fail(Failure::systemFailure, "app.profile",
              "there is no " + std::string(what) + ' ' + name + "; there are " + list);
}

}  // namespace

Result<> check_profile(const enrol::Catalogue& catalogue, const std::string& name) {
  return check_known("RA profile", name, catalogue.ra_profiles());
}

Result<> check_subscriber(const enrol::Catalogue& catalogue, const std::string& name) {
  return check_known("subscriber", name, catalogue.subscribers());
}

Result<> check_cmp_profile(const enrol::Catalogue& catalogue, const std::string& name) {
  std::map<std::string, bool> known;
  for (const auto& [one, endpoint] : catalogue.endpoints())
    known.emplace(endpoint.cmp_profile, true);
  return check_known("CMP profile", name, known);
}

}  // namespace countersign::app
