// A scenario file, read. The format, by example (every line but comments):
//
//   # RFC 9810 §5.3.22: what it is about
//   server  confirm-wait=60s issuer=scripted        settings, see read_setting() in runner.cc
//   client  protection=pbmac1                       pbm, pbmac1, pbm-gmac, hmac, kmac, signature
//   t=0    client sends  ir requests=2 -> ip 0:accepted 1:waiting
//   t=0    issuer answers 0 issued                  before the message is answered, or late
//   t=5    client gets   ip 0:accepted              the answer to the last `sends` without ->
//   t=5    client resends -> same                   the last message's octets; or: resends 1
//   t=5    server restarts                          and `forgets replies`
//   t=9    server has    0 valid                    status of the certificate of certReqId 0
//   t=9    server has    identity revoked reason=1  and the reason; as an officer does it:
//   t=9    server revokes identity reason=1
//   audit  issued(0) confirmed(0)
//
// An answer is a list of words, as wording.h has them; caPubs, implicitConfirm, confirm-by=…,
// code=…, protected=… (no, mac, signature) and extraCerts=… (signer,issuing,root) may be left out,
// and !word says that one of these is absent.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/time.h"

namespace countersign::test {

struct Step {
  int line = 0;
  Seconds at{0};
  std::string who;   // client, issuer, server
  std::string verb;  // sends, gets, resends, answers, restarts, forgets, revokes, has
  std::vector<std::string> words;
  std::map<std::string, std::string> options;
  std::vector<std::string> answer;  // after ->
  bool answered = false;            // there was a ->
  std::string option(const std::string& name, const std::string& otherwise = "") const {
    const auto found = options.find(name);
    return found == options.end() ? otherwise : found->second;
  }
  bool has(const std::string& name) const { return options.contains(name); }
};

struct Script {
  std::string name;
  std::string comment;
  std::map<std::string, std::string> server, client;
  std::vector<Step> steps;
  bool audited = false;
  std::vector<std::string> audit;
};

// Throws std::runtime_error with file and line.
Script read_script(const std::filesystem::path& file);
std::vector<Script> all_scripts();

}  // namespace countersign::test
