// The issuer contract over every issuer: each kind of authority, and the officer before them.
#include "ports/issuer_contract.h"

#include <algorithm>
#include <set>

#include "enrol/authority.h"
#include "scenarios/issuer_own_place.h"
#include "scenarios/issuer_program_place.h"
#include "scenarios/issuer_upstream_place.h"

namespace countersign::test {
namespace {

template <class... Places>
std::multiset<std::string> kinds(std::type_identity<std::tuple<Places...>>) {
  return {std::string(Places::kKind)...};
}

// One row for each issuer; those of no kind stand before others.
using Rows = std::tuple<LocalCaPlace, ManualPlace, CommandPlace, WebhookPlace, UpstreamPlace>;

TEST(IssuerContractRows, are_there_for_every_kind_of_authority) {
  auto rows = kinds(std::type_identity<Rows>());
  rows.erase("");
  const std::multiset<std::string> known(enrol::kAuthorityKinds.begin(),
                                         enrol::kAuthorityKinds.end());
  EXPECT_EQ(rows, known);
}

}  // namespace
}  // namespace countersign::test

namespace countersign::ports::contract {
using test::CommandPlace, test::LocalCaPlace, test::ManualPlace, test::UpstreamPlace,
    test::WebhookPlace;
}
INSTANTIATE_ISSUER_CONTRACT(LocalCa, LocalCaPlace);
INSTANTIATE_WAITING_ISSUER_CONTRACT(Manual, ManualPlace);
INSTANTIATE_REMOTE_ISSUER_CONTRACT(Command, CommandPlace);
INSTANTIATE_REMOTE_ISSUER_CONTRACT(Webhook, WebhookPlace);
INSTANTIATE_REMOTE_ISSUER_CONTRACT(UpstreamCmp, UpstreamPlace);
