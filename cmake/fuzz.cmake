# fuzz/<name>.cc defines LLVMFuzzerTestOneInput. With clang and COUNTERSIGN_FUZZ it becomes a
# libFuzzer program; in every other build it replays fuzz/corpus/<name> as a test.
file(GLOB fuzz_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/fuzz/*.cc")
set(fuzz_layers_texts issuer server console)  # beside the core
foreach(source IN LISTS fuzz_sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(fuzz_${name} "${source}")
  countersign_link(fuzz_${name} ${countersign_core} ${fuzz_layers_${name}})
  target_include_directories(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  if(COUNTERSIGN_FUZZ)
    target_link_options(fuzz_${name} PRIVATE -fsanitize=fuzzer)
  else()
    target_sources(fuzz_${name} PRIVATE "${PROJECT_SOURCE_DIR}/fuzz/support/replay_main.cc")
    add_test(NAME fuzz_replay_${name} COMMAND fuzz_${name} "${PROJECT_SOURCE_DIR}/fuzz/corpus/${name}")
    countersign_test_properties(fuzz_replay_${name})
  endif()
endforeach()
