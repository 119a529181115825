#include "client/invitation.h"

#include <boost/url/parse.hpp>

namespace countersign::client {
namespace {

std::unexpected<Error> no_invitation(const std::string& what) {
  return fail(Failure::badRequest, "client.invitation",
              "what --invite names is no invitation: " + what +
                  "; give the whole line countersign:enroll?url=… as the operator handed it over");
}

}  // namespace

Result<Invitation> read_invitation(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return no_invitation("it is empty");
  text = text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
  const auto uri = boost::urls::parse_uri({text.data(), text.size()});
  if (!uri || uri->scheme() != "countersign" || uri->path() != "enroll")
    return no_invitation("it does not begin with countersign:enroll?");
  Invitation out;
  // RFC 3986 alone: a plus sign is one, and no space.
  for (const auto& param : uri->encoded_params()) {
    const std::string key = param.key.decode();
    if (key == "url") out.url = param.value.decode();
    if (key == "reference") out.reference = param.value.decode();
    if (key == "secret") out.secret = param.value.decode();
    if (key == "subject") out.subject = param.value.decode();
  }
  if (!out.url.starts_with("http://") && !out.url.starts_with("https://"))
    return no_invitation("its url is no http or https URL");
  if (out.reference.empty()) return no_invitation("it has no reference");
  if (out.secret.empty()) return no_invitation("it has no secret");
  return out;
}

}  // namespace countersign::client
