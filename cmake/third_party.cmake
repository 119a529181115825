# The libraries used; tools/setup installs them.

# A private OpenSSL made by tools/setup, where the system's is older than 3.5.
if(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
  set(private_folder "$ENV{XDG_CACHE_HOME}/countersign")
else()
  set(private_folder "$ENV{HOME}/.cache/countersign")
endif()
if(NOT OPENSSL_ROOT_DIR AND NOT DEFINED ENV{OPENSSL_ROOT_DIR} AND EXISTS "${private_folder}/openssl/.complete")
  set(OPENSSL_ROOT_DIR "${private_folder}/openssl")
endif()
set(OPENSSL_USE_STATIC_LIBS OFF)
find_package(OpenSSL 3.5 REQUIRED COMPONENTS Crypto SSL)
find_program(COUNTERSIGN_OPENSSL openssl HINTS "${OPENSSL_ROOT_DIR}/bin" REQUIRED)
# Keys in tokens. Where the provider is missing now, it can be named or installed later.
find_file(COUNTERSIGN_PKCS11_PROVIDER pkcs11.so NO_DEFAULT_PATH PATHS
  "${private_folder}/pkcs11-provider" "/usr/lib/${CMAKE_LIBRARY_ARCHITECTURE}/ossl-modules")

find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG REQUIRED COMPONENTS json url)
find_package(SQLite3 3.40 REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(QRENCODE REQUIRED IMPORTED_TARGET libqrencode>=4.0)
find_path(TOMLPLUSPLUS_INCLUDE toml++/toml.h REQUIRED)
