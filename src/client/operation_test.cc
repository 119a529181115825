#include "client/operation.h"

#include <gtest/gtest.h>

namespace countersign::client {
namespace {

std::string path_with(std::string_view path, std::string_view label = "initialization") {
  const auto out = labelled_path(path, label);
  return out ? *out : "!" + std::string(out.error().code);
}

// RFC 9483 §6.1
TEST(Operation, LabelStandsBehindTheWellKnownPaths) {
  EXPECT_EQ(path_with("/.well-known/cmp"), "/.well-known/cmp/initialization");
  EXPECT_EQ(path_with("/.well-known/cmp/"), "/.well-known/cmp/initialization");
  EXPECT_EQ(path_with("/.well-known/cmp/p/tls"), "/.well-known/cmp/p/tls/initialization");
  EXPECT_EQ(path_with("/.well-known/cmp", ""), "/.well-known/cmp") << "it has none";
  for (const auto* other :
       {"/.well-known/cmp/keyupdate", "/.well-known/cmp/p/tls/keyupdate", "/.well-known/cmp/p/",
        "/.well-known/cmpx", "/pkix/", "/", "/.well-known/cmp?x=y"})
    EXPECT_EQ(path_with(other), "!client.usage") << other;
}

}  // namespace
}  // namespace countersign::client
