# Several sources in one run of the compiler: most of its time goes into headers that all of them
# include. Which ones go together depends on their names alone, the same in every preset: a new source
# changes no other group, and what is tested is what is shipped. Two of one group may not give one
# name to different things in their anonymous namespaces, nor to one that the other takes from
# elsewhere: give it a better name, or the source a place in the list below.
set(countersign_compiled_alone
  src/app/countersign/api/refusal.cc
  src/app/countersignd/operator.cc
  src/app/countersignd/trust.cc
  src/client/examine_test.cc
  src/client/question_test.cc
  src/client/root_update_test.cc
  src/console/arguments_test.cc
  src/console/certificates_test.cc
  src/console/doorkeeper_test.cc
  src/console/requests.cc
  src/console/unknown_vendors.cc
  src/crypto/keys_test.cc
  src/crypto/public_key.cc
  src/crypto/token_uri_test.cc
  src/crypto/weak_key_test.cc
  src/enrol/approval_test.cc
  src/enrol/controls_test.cc
  src/enrol/examine_test.cc
  src/enrol/grant_other_extensions_test.cc
  src/enrol/name_limits_test.cc
  src/enrol/name_rule.cc
  src/enrol/name_rule_test.cc
  src/enrol/pop_test.cc
  src/enrol/ra_profile_table.cc
  src/enrol/sender_rule_test.cc
  src/enrol/shape_names_test.cc
  src/enrol/subscriber.cc
  src/enrol/subscriber_check.cc
  src/enrol/template_test.cc
  src/enrol/tokens_test.cc
  src/issuer/making.cc
  src/issuer/manual/notices_test.cc
  src/issuer/program/memo.cc
  src/issuer/program/words_test.cc
  src/issuer/upstream_cmp/errand_exchange.cc
  src/protect/header_check_test.cc
  src/protect/lightweight_check.cc
  src/protect/lightweight_check_test.cc
  src/protect/signature_authentication_test.cc
  src/server/config_test.cc
  src/server/csv_test.cc
  src/store/sqlite/credentials.cc
  src/store/sqlite/key_change_test.cc
  src/store/sqlite/objects.cc
  src/store/sqlite/orders.cc
  src/store/sqlite/sqlite_store_test.cc
  src/store/sqlite/tokens.cc
  src/transport/http/link.cc
  src/transport/http/server.cc
  src/transport/http/web_rules.cc
  src/transport/http/web_test.cc
  src/transport/http/welcome.cc
  src/x509/crl_test.cc
  src/x509/csr_test.cc
  src/x509/name_test.cc
  src/x509/name_text.cc
  tests/programs/webhook_authority_test.cc
)

# About eight sources to a group; the number of groups is a power of two, so that it seldom changes.
function(countersign_unite target)
  if(NOT CMAKE_UNITY_BUILD)
    return()
  endif()
  get_target_property(sources ${target} SOURCES)
  list(LENGTH sources in_one)
  set(groups 1)
  while(in_one GREATER 8)
    math(EXPR groups "${groups} * 2")
    math(EXPR in_one "(${in_one} + 1) / 2")
  endwhile()
  foreach(source IN LISTS sources)
    file(RELATIVE_PATH name "${PROJECT_SOURCE_DIR}" "${source}")
    if(name IN_LIST countersign_compiled_alone)
      continue()
    endif()
    string(MD5 digest "${name}")
    string(SUBSTRING "${digest}" 0 4 number)
    math(EXPR group "0x${number} % ${groups}")
    set_property(SOURCE "${source}" PROPERTY UNITY_GROUP "${target}_${group}")
  endforeach()
  set_property(TARGET ${target} PROPERTY UNITY_BUILD_MODE GROUP)
endfunction()
