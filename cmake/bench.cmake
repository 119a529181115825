# bench/<name>.cc is the program bench_<name>: not part of a plain build, `./dev bench` asks for them.
find_package(benchmark REQUIRED)
add_custom_target(benchmarks)
file(GLOB bench_sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/bench/*.cc")
foreach(source IN LISTS bench_sources)
  get_filename_component(name "${source}" NAME_WE)
  add_executable(bench_${name} EXCLUDE_FROM_ALL ${source} "${PROJECT_SOURCE_DIR}/tests/support/process.cc")
  countersign_link(bench_${name} ${countersign_layers} app)
  target_link_libraries(bench_${name} PRIVATE
    benchmark::benchmark ${layer_links_app} SQLite::SQLite3 OpenSSL::SSL OpenSSL::Crypto)
  target_include_directories(bench_${name} PRIVATE "${PROJECT_SOURCE_DIR}/tests")
  target_compile_definitions(bench_${name} PRIVATE
    COUNTERSIGN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    COUNTERSIGN_BIN_DIR="${COUNTERSIGN_BIN_DIR}"
    COUNTERSIGN_OPENSSL="${COUNTERSIGN_OPENSSL}")
  add_dependencies(bench_${name} countersignd countersign)
  add_dependencies(benchmarks bench_${name})
endforeach()
