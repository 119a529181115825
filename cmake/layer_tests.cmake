# One test program per layer, from the *_test.cc beside the sources. It links its layer and those
# above it, so that a layer which needs a lower one does not link.
find_package(GTest REQUIRED)
find_library(RAPIDCHECK rapidcheck REQUIRED)

# A test program and its ctest entry; or, where a second argument says so, so many entries with a
# part of its cases each, which may run beside one another.
function(countersign_add_test target)
  target_link_libraries(${target} PRIVATE GTest::gmock_main GTest::gmock GTest::gtest ${RAPIDCHECK} Threads::Threads)
  target_include_directories(${target} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(${target} PRIVATE
    COUNTERSIGN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    COUNTERSIGN_BIN_DIR="${COUNTERSIGN_BIN_DIR}"
    COUNTERSIGN_OPENSSL="${COUNTERSIGN_OPENSSL}")
  if(ARGC LESS 2)
    add_test(NAME ${target} COMMAND ${target})
    countersign_test_properties(${target})
    return()
  endif()
  math(EXPR last "${ARGV1} - 1")
  foreach(part RANGE ${last})
    add_test(NAME ${target}_${part} COMMAND ${target})
    countersign_test_properties(${target}_${part})
    set_property(TEST ${target}_${part} APPEND PROPERTY
      ENVIRONMENT "GTEST_TOTAL_SHARDS=${ARGV1}" "GTEST_SHARD_INDEX=${part}")
  endforeach()
endfunction()

function(countersign_layer_test layer)
  countersign_test_sources(sources ${ARGV1})
  if(sources)
    add_executable(${layer}_test ${sources})
    countersign_unite(${layer}_test)
    countersign_link(${layer}_test ${ARGN})
    countersign_add_test(${layer}_test)
  endif()
endfunction()

set(above)
foreach(layer IN LISTS countersign_core)
  list(APPEND above ${layer})
  countersign_layer_test(${layer} src/${layer} ${above})
endforeach()
# The adapters are tested against each other; the code itself does not include across.
list(APPEND above ${countersign_adapters})
foreach(layer IN LISTS countersign_adapters)
  countersign_layer_test(${layer} src/${layer} ${above})
endforeach()
countersign_layer_test(server src/server ${above} server)
countersign_layer_test(console src/console ${above} server console)
countersign_layer_test(client src/client ${above} client)
countersign_layer_test(agent src/agent ${above} client agent)
countersign_layer_test(app src/app/common ${above} client agent app)
countersign_layer_test(countersignd src/app/countersignd ${program_layers_countersignd} app countersignd)
countersign_layer_test(countersign src/app/countersign ${program_layers_countersign} app countersign)
