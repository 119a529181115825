# countersign_bench: not part of a plain build, `./dev bench` asks for it.
file(GLOB bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cc")
if(bench_sources)
  find_package(benchmark REQUIRED)
  add_executable(countersign_bench EXCLUDE_FROM_ALL ${bench_sources})
  countersign_link(countersign_bench ${countersign_layers} app)
  target_link_libraries(countersign_bench PRIVATE
    benchmark::benchmark ${layer_links_app} SQLite::SQLite3 OpenSSL::SSL OpenSSL::Crypto)
  target_compile_definitions(countersign_bench PRIVATE
    COUNTERSIGN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    COUNTERSIGN_BIN_DIR="${COUNTERSIGN_BIN_DIR}"
    COUNTERSIGN_OPENSSL="${COUNTERSIGN_OPENSSL}")
  foreach(program countersignd countersign)
    if(TARGET ${program})
      add_dependencies(countersign_bench ${program})
    endif()
  endforeach()
endif()
