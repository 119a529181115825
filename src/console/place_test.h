// For the tests of console: an Api over a real store in a temporary folder, operators of every
// role, and requests to it.
#pragma once

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "console/api.h"
#include "console/api_table.h"
#include "crypto/digest.h"
#include "crypto/os_entropy.h"
#include "ports/store_contract_fixture.h"
#include "store/sqlite/sqlite_store.h"
#include "store/temporary_folder_test.h"

namespace countersign::console::testing {

namespace json = boost::json;
using ports::contract::kNow;

struct OurEntropy final : Entropy {
  Result<> fill(std::span<Byte> out) noexcept override {
    if (broken) return countersign::fail(Failure::systemFailure, "test.entropy", "none left");
    return real.fill(out);
  }
  crypto::OsEntropy real;
  bool broken = false;
};

struct SetClock final : Clock {
  Time now() const noexcept override { return time; }
  Time time = kNow;
};

// The token of the operator of a role is "token-of-" and the name of the role, as is its name
// "the-"; there are besides one whose time has ended, one that is disabled, and one of no role.
inline Operator operator_of(const std::string& name, std::vector<Role> roles) {
  return {.name = "the-" + name,
          .roles = std::move(roles),
          .token_digest = crypto::sha256(view("token-of-" + name)),
          .certificate_fingerprint = crypto::sha256(view("certificate-of-" + name)),
          .expires = std::nullopt,
          .enabled = true};
}
inline Operators usual_operators() {
  Operators out;
  for (const RoleName& row : kRoles) out.push_back(operator_of(std::string(row.name), {row.role}));
  out.push_back(operator_of("expired", {Role::administrator}));
  out.back().expires = kNow;
  out.push_back(operator_of("disabled", {Role::administrator}));
  out.back().enabled = false;
  out.push_back(operator_of("nothing", {}));
  return out;
}

struct Told {
  int status = 0;
  std::string content_type;
  std::string body;
  ports::TextPairs headers;

  json::object object() const { return json::parse(body).as_object(); }
  json::array items() const { return object().at("items").as_array(); }
  std::string text(std::string_view name) const {
    const auto members = object();
    const auto* const value = members.if_contains(name);
    if (value == nullptr) return "(absent)";
    return value->is_string() ? std::string(value->as_string().c_str()) : json::serialize(*value);
  }
  std::string code() const { return text("code"); }
  std::string header(std::string_view name) const {
    for (const auto& [key, value] : headers)
      if (key == name) return value;
    return "";
  }
};

// Asks as one loop after another: decided, then performed.
class Place {
 public:
  Place() : store(open()), api(parts()) {}

  Told send(ports::WebRequest request) {
    request.peer = request.peer.empty() ? "192.0.2.1:40312" : request.peer;
    auto decided = api.admit(std::move(request));
    auto answer = std::holds_alternative<ports::WebResponse>(decided)
                      ? std::get<ports::WebResponse>(std::move(decided))
                      : api.perform(std::get<Api::Admitted>(decided));
    Told told{answer.status, std::move(answer.content_type),
              std::string(countersign::text(answer.body)), std::move(answer.headers)};
    if (const auto* admitted = std::get_if<Api::Admitted>(&decided))
      expect_as_in_table(admitted->route->answer, told);
    return told;
  }
  // As an operator of the role; `path` may have a query that needs no decoding.
  Told get(const std::string& path, const std::string& role = "administrator") {
    return send(request("GET", path, role));
  }
  Told remove(const std::string& path, const std::string& role = "administrator") {
    return send(request("DELETE", path, role));
  }
  Told post(const std::string& path, const std::string& body,
            const std::string& role = "administrator") {
    auto asked = request("POST", path, role);
    asked.content_type = "application/json";
    asked.body = to_bytes(body);
    return send(std::move(asked));
  }
  static ports::WebRequest request(const std::string& method, const std::string& path,
                                   const std::string& role) {
    const auto mark = std::min(path.find('?'), path.size());
    ports::WebRequest out{.method = method, .path = path.substr(0, mark)};
    if (!role.empty()) out.authorization = "Bearer token-of-" + role;
    for (std::size_t at = mark + 1; at < path.size();) {
      const auto end = std::min(path.find('&', at), path.size());
      const std::string pair = path.substr(at, end - at);
      out.query.emplace_back(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      at = end + 1;
    }
    return out;
  }

  // Certificates of these numbers, valid, with a DER of their own.
  void add_certificates(int first, int count) {
    for (int n = first; n < first + count; ++n) {
      ports::Commit commit;
      auto record = ports::contract::certificate(n);
      record.status = enrol::CertificateStatus::valid;
      commit.certificates.push_back(std::move(record));
      EXPECT_TRUE(ports::contract::commit_now(*store, std::move(commit)));
    }
  }
  static std::string serial(int n) { return x509::serial_text(ports::contract::serial(n)); }
  static std::string certificate_path(int n, const std::string& rest = "") {
    return "/api/v1/certificates/" + serial(n) + rest;
  }

  enrol::CmpProfile standard;
  std::string store_file() const { return folder_.file("store.db"); }
  enrol::AuditRow last_audit() { return store->audit(1).value().front(); }

 private:
  std::unique_ptr<store::sqlite::SqliteStore> open() {
    return store::sqlite::SqliteStore::open({.file = folder_.file("store.db"),
                                             .store_key = Secret(Bytes(32, 7)),
                                             .entropy = entropy,
                                             .opened_at = kNow})
        .value();
  }
  ApiParts parts() {
    return {
        .at = {.ledger = *store,
               .store = *store,
               .clock = clock,
               .entropy = entropy,
               .standard = standard,
               .publications = [this] { return publications; },
               .deliver = [this](const enrol::CredentialRecord& record, const std::string& secret,
                                 const std::string& address) -> Result<> {
                 if (address == "nobody")
                   return countersign::fail(Failure::systemFailure, "app.deliver",
                                            "no such mailbox");
                 delivered = record.reference + " " + secret + " " + address;
                 return {};
               },
               .signers = [this] { return signers; }},
        .operators = [this] { return operators; },
        .run_elsewhere = {},
        .log = [this](const ApiRecord& r) { note(r); }};
  }
  // What is sent is what the table, and so OpenAPI, says.
  static void expect_as_in_table(const Answer& answer, const Told& told) {
    if (told.status >= 300) return;
    EXPECT_EQ(told.status, answer.status);
    EXPECT_EQ(answer.shape == Answer::Shape::nothing, told.body.empty());
    if (told.content_type != "application/json") return;
    if (answer.shape == Answer::Shape::one) expect_fields(answer.fields, told.object());
    if (answer.shape != Answer::Shape::page) return;
    for (const json::array items = told.items(); const auto& item : items)
      expect_fields(answer.fields, item.as_object());
  }
  static void expect_fields(std::span<const Field> fields, const json::object& members) {
    for (const Field& field : fields) {
      const auto* const value = members.if_contains(field.name);
      if (field.need == Need::required) {
        EXPECT_TRUE(value != nullptr && !value->is_null()) << field.name;
      }
    }
    for (const auto& [name, value] : members) {
      const auto is_it = [&](const Field& field) { return field.name == name; };
      EXPECT_TRUE(std::ranges::any_of(fields, is_it)) << name << " is not in the table";
    }
  }
  void note(const ApiRecord& r) {
    const std::lock_guard lock(mutex_);
    log.push_back(std::to_string(r.status) + " " + std::string(r.code) + " " +
                  std::string(r.operator_name) + " " + std::string(r.detail));
  }

  store::TemporaryFolder folder_;
  std::mutex mutex_;

 public:
  OurEntropy entropy;
  SetClock clock;
  std::unique_ptr<store::sqlite::SqliteStore> store;
  std::shared_ptr<const server::Publications> publications;
  std::shared_ptr<const server::ProfileSigners> signers;
  std::shared_ptr<const Operators> operators = std::make_shared<const Operators>(usual_operators());
  std::string delivered;         // "<reference> <secret> <address>" of the last
  std::vector<std::string> log;  // "<status> <code> <operator> <detail>"
  Api api;
};

}  // namespace countersign::console::testing
