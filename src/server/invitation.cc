#include "server/invitation.h"

#include <boost/json.hpp>
#include <boost/url/url.hpp>

#include "x509/name.h"

namespace countersign::server {
namespace {

std::string url_of(const enrol::CredentialRecord& record, const std::string& public_url) {
  const std::string path = "/.well-known/cmp";
  return public_url + path + (record.cmp_profile.empty() ? "" : "/p/" + record.cmp_profile);
}

}  // namespace

std::string invitation(const enrol::CredentialRecord& record, const std::string& secret,
                       const std::string& public_url) {
  boost::urls::url out;
  out.set_scheme("countersign");
  out.set_path("enroll");
  auto params = out.params();
  params.append({"url", url_of(record, public_url)});
  params.append({"reference", record.reference});
  params.append({"secret", secret});
  if (record.names == "self")
    params.append({"subject", x509::to_text(x509::common_name(record.reference))});
  return {out.buffer().data(), out.buffer().size()};
}

std::string delivery_question(const enrol::CredentialRecord& record, const std::string& secret,
                              const std::string& public_url, const std::string& address) {
  return boost::json::serialize(
      boost::json::object{{"address", address},
                          {"reference", record.reference},
                          {"secret", secret},
                          {"names", record.names},
                          {"url", url_of(record, public_url)},
                          {"expires", record.expires ? to_iso(*record.expires) : ""},
                          {"note", record.note},
                          {"invitation", invitation(record, secret, public_url)}});
}

}  // namespace countersign::server
