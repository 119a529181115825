# One object library per layer, in the order of tools/layers.txt. Layers do not link each other:
# whoever links a program names the layers in it, so a wrong link fails.

set(countersign_core base der crypto x509 crmf message protect transaction enrol ports)
set(countersign_adapters issuer store transport)
set(countersign_upper server console client agent)
set(countersign_layers ${countersign_core} ${countersign_adapters} ${countersign_upper})

set(layer_links_crypto OpenSSL::SSL OpenSSL::Crypto Threads::Threads)
set(layer_links_store Boost::headers Boost::json SQLite::SQLite3 Threads::Threads)
set(layer_links_issuer Boost::headers Boost::json Threads::Threads)
set(layer_links_transport OpenSSL::SSL OpenSSL::Crypto Boost::headers Boost::url Threads::Threads)
set(layer_links_server Boost::headers Boost::json Boost::url fmt::fmt spdlog::spdlog Threads::Threads)
set(layer_links_console Boost::headers Boost::json Boost::url fmt::fmt Threads::Threads)
set(layer_links_client Boost::headers Boost::json Boost::url fmt::fmt Threads::Threads)
set(layer_links_agent Boost::headers Boost::json fmt::fmt spdlog::spdlog Threads::Threads)
set(layer_links_app Boost::headers Boost::json Boost::url fmt::fmt spdlog::spdlog CLI11::CLI11 Threads::Threads)
# Of countersignd alone.
set(layer_links_countersignd PkgConfig::QRENCODE)

# The sources under a folder that are no tests.
function(countersign_sources out folder)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*.cc")
  list(FILTER found EXCLUDE REGEX "_test\\.cc$")
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

# The tests under a folder.
function(countersign_test_sources out folder)
  file(GLOB_RECURSE found CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/${folder}/*_test.cc")
  set(${out} "${found}" PARENT_SCOPE)
endfunction()

function(countersign_object_library target links)
  add_library(${target} OBJECT ${ARGN})
  countersign_unite(${target})
  target_link_libraries(${target} PUBLIC countersign_settings ${links})
endfunction()

# Links the named layers, those that have sources, into a program.
function(countersign_link target)
  target_link_libraries(${target} PRIVATE countersign_settings)
  foreach(layer IN LISTS ARGN)
    if(TARGET layer_${layer})
      target_link_libraries(${target} PRIVATE layer_${layer})
    endif()
  endforeach()
endfunction()

# A sanitizer's finding is a failure, with a stack; a test that hangs is one too.
function(countersign_test_properties name)
  set_tests_properties(${name} PROPERTIES TIMEOUT 600
    ENVIRONMENT "UBSAN_OPTIONS=print_stacktrace=1;TSAN_OPTIONS=halt_on_error=1 second_deadlock_stack=1")
endfunction()

if(COUNTERSIGN_PKCS11_PROVIDER)
  set_source_files_properties("${PROJECT_SOURCE_DIR}/src/crypto/token.cc" PROPERTIES
    COMPILE_DEFINITIONS "COUNTERSIGN_PKCS11_PROVIDER=\"${COUNTERSIGN_PKCS11_PROVIDER}\"")
endif()

foreach(layer IN LISTS countersign_layers)
  countersign_sources(sources src/${layer})
  if(sources)
    countersign_object_library(layer_${layer} "${layer_links_${layer}}" ${sources})
    if(COUNTERSIGN_FUZZ)
      set_target_properties(layer_${layer} PROPERTIES EXCLUDE_FROM_ALL ON)
    endif()
  endif()
endforeach()
