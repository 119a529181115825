// The names of a request as the rules of a template have them. Rules over values; owns nothing.
//
// Errors, Failure::badCertTemplate: "template.subject-rule" and "template.san-rule", which name the
// part that is missing or does not fit; and where the template refuses what is outside of it,
// "template.subject-outside" and "template.san".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "crmf/crmf.h"
#include "enrol/device.h"
#include "enrol/records.h"
#include "enrol/rights.h"
#include "enrol/template.h"

namespace countersign::enrol {

struct NameSources {
  const CredentialRecord* credential = nullptr;  // of a MAC'd sender
  const DeviceRecord* device = nullptr;
  const message::Sender& sender;
  // kur: whoever updates by the certificate has no other credential, so what came from the first
  // one stays.
  const CertificateRecord* updated = nullptr;
};

struct ShapedNames {
  crmf::CertTemplate wish;    // with the names that are to be granted
  std::string modifications;  // what differs from those that were asked for, for people
  // Of those names, the ones that are the request's word; nullopt: all of them are.
  std::optional<x509::Name> asked_subject = {};
  std::optional<std::vector<x509::GeneralName>> asked_names = {};
  Named named = Named::in_full;
};

Result<ShapedNames> shape_names(const Template& t, const crmf::CertTemplate& wish,
                                const NameSources& sources);

}  // namespace countersign::enrol
