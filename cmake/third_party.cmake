# The libraries used; tools/setup installs them.

# A private OpenSSL made by tools/setup, where the system's is older than 3.5.
if(NOT OPENSSL_ROOT_DIR AND NOT DEFINED ENV{OPENSSL_ROOT_DIR})
  if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(private_openssl "$ENV{XDG_CACHE_HOME}/countersign/openssl")
  else()
    set(private_openssl "$ENV{HOME}/.cache/countersign/openssl")
  endif()
  if(EXISTS "${private_openssl}/.complete")
    set(OPENSSL_ROOT_DIR "${private_openssl}")
  endif()
endif()
set(OPENSSL_USE_STATIC_LIBS OFF)
find_package(OpenSSL 3.5 REQUIRED COMPONENTS Crypto SSL)
find_program(COUNTERSIGN_OPENSSL openssl HINTS "${OPENSSL_ROOT_DIR}/bin" REQUIRED)

find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json url)
find_package(SQLite3 3.40 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
