// The commands: a row here and a file commands/<verb>.cc each.
#pragma once

#include <array>

#include "app/countersign/options.h"

namespace countersign::app {

// Each prints what became of it and gives the exit code.
int enroll(const Options& options);
int request(const Options& options);
int renew(const Options& options);
int pkcs10(const Options& options);
int revoke(const Options& options);
int info(const Options& options);
int inspect(const Options& options);
int admin(const Options& options);

struct Command {
  std::string_view verb;
  unsigned bit;
  int (*run)(const Options& options);
  std::string_view summary;
};
inline constexpr std::array kCommands{
    Command{"enroll", kEnroll, enroll, "get a first certificate (ir)"},
    Command{"request", kRequest, request, "get a further certificate (cr)"},
    Command{"renew", kRenew, renew, "get the next certificate, for a new key (kur)"},
    Command{"pkcs10", kPkcs10, pkcs10, "get a certificate for a PKCS #10 request (p10cr)"},
    Command{"revoke", kRevoke, revoke, "revoke a certificate (rr)"},
    Command{"info", kInfo, info, "ask for CA certificates, the CRL and more (genm)"},
    Command{"inspect", kInspect, inspect, "say what a CMP message holds, field by field"},
    Command{"admin", kAdmin, admin,
            "administer a server over its REST API: countersign admin [OPTIONS] [RESOURCE [VERB] "
            "[NAME] [FIELD=VALUE …]]; alone, it lists what there is"},
};

}  // namespace countersign::app
