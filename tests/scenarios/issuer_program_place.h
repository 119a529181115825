// The issuer contract's places for a CA that a program asks, or a web service: OpenSSL's, of two
// files, behind one script.
#pragma once

#include <algorithm>
#include <boost/json.hpp>
#include <fstream>

#include "app/countersignd/webhook.h"
#include "base/os_clock.h"
#include "issuer/program/command.h"
#include "scenarios/issuer_place.h"
#include "support/process.h"
#include "support/web_service.h"

namespace countersign::test {

// SCRIPT FOLDER OPENSSL, with the question in its environment. It begins with what `mood` says.
inline constexpr const char* kTheirCa = R"sh(#!/bin/sh
set -eu
cd "$1"
case $(cat mood) in
holds) echo '{"pending": 30}'; exit 0 ;;
refuses) echo "we know no such customer" >&2; exit 65 ;;
esac
if [ "$COUNTERSIGN_OPERATION" = revoke ]; then
  grep -qx "$COUNTERSIGN_SERIAL" revoked.txt || echo "$COUNTERSIGN_SERIAL" >> revoked.txt
  echo '{"revoked": true}'
  exit 0
fi
if [ ! -f "$COUNTERSIGN_ID.pem" ]; then
  printf '%s' "$COUNTERSIGN_PUBLIC_KEY" > key.pub
  echo "keyUsage=critical,$COUNTERSIGN_KEY_USAGE" > ext.cnf
  echo "subjectAltName=$COUNTERSIGN_SAN" >> ext.cnf
  "$2" x509 -new -force_pubkey key.pub -subj "$COUNTERSIGN_SUBJECT_SLASHES" -CA ca.pem \
    -CAkey ca.key -days "$COUNTERSIGN_DAYS" -extfile ext.cnf -out new.pem
  mv new.pem "$COUNTERSIGN_ID.pem"
  echo "$COUNTERSIGN_ID" >> made.txt
fi
cat "$COUNTERSIGN_ID.pem"
)sh";

// Their certificates begin when they are made: the clock that is told is an hour ahead.
class ProgramPlace : public IssuerPlace {
 public:
  ports::RemoteIssuer& issuer() { return *issuer_; }
  void will(Turn turn) {
    turn_ = turn;
    mood(turn == Turn::grants ? "grants" : "refuses");
  }
  void hold() { mood("holds"); }
  void decide() { will(turn_); }
  std::size_t made() override { return lines("made.txt"); }
  std::size_t revoked() override { return lines("revoked.txt"); }

 protected:
  ProgramPlace() : IssuerPlace(OsClock().now() + Seconds{3600}) {
    shop_.certificate("ca", {"-subj", "/CN=Their CA", "-days", "3650", "-addext",
                             "basicConstraints=critical,CA:TRUE", "-addext",
                             "keyUsage=critical,keyCertSign,cRLSign"});
    std::ofstream(shop_.at("theirs.sh")) << kTheirCa;
    std::filesystem::permissions(shop_.at("theirs.sh"), std::filesystem::perms::owner_all);
    for (const char* list : {"made.txt", "revoked.txt"}) std::ofstream(shop_.at(list)).flush();
    mood("grants");
  }
  virtual std::unique_ptr<issuer::Courier> courier() = 0;

  void open() override {
    courier_ = courier();
    const auto ca = x509::certificates_from_file(to_bytes(read_file(shop_.at("ca.pem")))).value();
    issuer_ = std::make_unique<issuer::ProgramIssuer>(
        issuer::ProgramCa{.name = "theirs",
                          .ca = issuer::make_other_ca(ca).value(),
                          .timeout = Seconds{60},
                          .limits = {}},
        issuer::ProgramWorld{store(), *courier_, clock(), after(), take_late(), complain()});
  }
  void hang_up() override { courier_.reset(); }
  void forget() override { issuer_.reset(); }
  void hand_in() override { resume_due(*issuer_); }

  Workshop& shop() { return shop_; }

 private:
  // Whole at every moment, for who reads it meanwhile.
  void mood(const std::string& word) {
    std::ofstream(shop_.at("mood.new")) << word;
    std::filesystem::rename(shop_.at("mood.new"), shop_.at("mood"));
  }
  std::size_t lines(const std::string& name) const {
    return static_cast<std::size_t>(std::ranges::count(read_file(shop_.at(name)), '\n'));
  }

  Workshop shop_;
  Turn turn_ = Turn::grants;
  std::unique_ptr<issuer::Courier> courier_;
  std::unique_ptr<issuer::ProgramIssuer> issuer_;
};

class CommandPlace final : public ProgramPlace {
 public:
  static constexpr std::string_view kKind = "command";

  CommandPlace() { reopen(); }
  ~CommandPlace() override { shut(); }

 private:
  std::unique_ptr<issuer::Courier> courier() override {
    return std::make_unique<issuer::Command>(
        loop().get_executor(), shop().at("theirs.sh"),
        std::vector<std::string>{shop().at(""), COUNTERSIGN_OPENSSL});
  }
};

// The same script behind HTTP.
class WebhookPlace final : public ProgramPlace {
 public:
  static constexpr std::string_view kKind = "webhook";

  WebhookPlace() { reopen(); }
  ~WebhookPlace() override { shut(); }

 private:
  std::unique_ptr<issuer::Courier> courier() override {
    return std::make_unique<app::Webhook>(loop(), transport::http::HttpClientOptions{},
                                          service_.url("/issue"), Secret());
  }
  // One request at a time; nobody else runs programs here then.
  WebAnswer answer(const WebRequest& request) {
    Words words{"/usr/bin/env"};
    const boost::json::value question = boost::json::parse(request.body);
    for (const auto& [name, field] : question.as_object()) {
      std::string variable = "COUNTERSIGN_" + std::string(name) + "=";
      std::ranges::transform(variable, variable.begin(), ::toupper);
      if (field.is_string()) words.push_back(variable + std::string(field.get_string()));
      if (field.is_int64()) words.push_back(variable + std::to_string(field.get_int64()));
    }
    words.insert(words.end(), {shop().at("theirs.sh"), shop().at(""), COUNTERSIGN_OPENSSL});
    const Ran ran = shop().run(words);
    if (ran.exit == 0) return as_json(ran.out);
    if (ran.exit != 65) return {.status = "500 Internal Server Error", .body = ran.err};
    const boost::json::object refusal{{"refused", ran.err}};
    return {.status = "422 Unprocessable Content", .body = boost::json::serialize(refusal)};
  }
  static WebAnswer as_json(const std::string& said) {
    if (!said.starts_with("-----BEGIN")) return {.body = said};
    return {.body = boost::json::serialize(boost::json::object{{"certificate", said}})};
  }

  WebService service_{[this](const WebRequest& request) { return answer(request); }};
};

}  // namespace countersign::test
