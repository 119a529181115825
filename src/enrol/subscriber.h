// Subscribers: whose certificates they are, a customer, a department, a person. What secrets and
// certificates have one, is under its rules, and stops with it.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "enrol/field.h"

namespace countersign::enrol {

struct Subscriber {
  std::string name;
  std::string full_name, email, note;
  std::string names = "any";          // what it may ask for, whatever its secrets allow
  std::vector<std::string> profiles;  // RA profiles that it may have; empty: all
};
std::span<const Field<Subscriber>> subscriber_fields();

}  // namespace countersign::enrol
