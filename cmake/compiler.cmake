# How everything is compiled and linked: target countersign_settings.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
# The same RPATH in the build tree and installed; CMake pads one to be rewritten, with the current folder.
set(CMAKE_INSTALL_RPATH_USE_LINK_PATH ON)
set(CMAKE_BUILD_WITH_INSTALL_RPATH ON)

include(CheckPIESupported)
check_pie_supported()

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${CCACHE}")
endif()

add_library(countersign_settings INTERFACE)
target_include_directories(countersign_settings INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(countersign_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion)
if(COUNTERSIGN_WERROR)
  target_compile_options(countersign_settings INTERFACE -Werror)
endif()
target_compile_definitions(countersign_settings INTERFACE
  BOOST_ASIO_NO_DEPRECATED COUNTERSIGN_VERSION="${PROJECT_VERSION}")

# DT_RPATH, not DT_RUNPATH: libraries that themselves need libcrypto must get ours too, or two
# copies end up in one process.
target_link_options(countersign_settings INTERFACE -Wl,--disable-new-dtags -Wl,--as-needed)
find_program(MOLD mold)
if(MOLD)
  target_link_options(countersign_settings INTERFACE -fuse-ld=mold)
endif()

if(COUNTERSIGN_SANITIZE)
  target_compile_options(countersign_settings INTERFACE
    -fsanitize=${COUNTERSIGN_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(countersign_settings INTERFACE -fsanitize=${COUNTERSIGN_SANITIZE})
  target_compile_definitions(countersign_settings INTERFACE _GLIBCXX_ASSERTIONS)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # A check at every use of a pointer costs a quarter of the time to compile. AddressSanitizer stops
    # at a null pointer anyway, and the fuzzers' preset (clang) checks alignment and object sizes.
    if(COUNTERSIGN_SANITIZE MATCHES "undefined")
      target_compile_options(countersign_settings INTERFACE
        -fno-sanitize=null,alignment,object-size)
    endif()
    # gcc reports these falsely for instrumented code.
    target_compile_options(countersign_settings INTERFACE
      -Wno-maybe-uninitialized -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread
      -Wno-stringop-truncation -Wno-free-nonheap-object -Wno-nonnull -Wno-null-dereference)
  endif()
  if(COUNTERSIGN_SANITIZE MATCHES "thread")
    # TSan does not know atomic fences: gcc warns of each, and Asio can do without.
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
      target_compile_options(countersign_settings INTERFACE -Wno-tsan)
    endif()
    target_compile_definitions(countersign_settings INTERFACE BOOST_ASIO_DISABLE_FENCED_BLOCK)
  endif()
else()
  target_compile_options(countersign_settings INTERFACE
    -ffunction-sections -fdata-sections -fstack-protector-strong
    $<$<CONFIG:Release>:-U_FORTIFY_SOURCE$<SEMICOLON>-D_FORTIFY_SOURCE=2>)
  target_link_options(countersign_settings INTERFACE
    -Wl,--gc-sections -Wl,-z,relro -Wl,-z,now)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False on values moved out of an optional or an expected; clang-tidy and the sanitizers look for
    # what is really uninitialized, or freed and never allocated.
    target_compile_options(countersign_settings INTERFACE
      -Wno-maybe-uninitialized -Wno-free-nonheap-object)
  endif()
endif()
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False on a type of a source's anonymous namespace where that source is not the main file.
  target_compile_options(countersign_settings INTERFACE -Wno-subobject-linkage)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # False on frames of coroutines whose promise has an operator new of its own, as Asio's has.
  target_compile_options(countersign_settings INTERFACE -Wno-mismatched-new-delete)
  if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    # False on std::string's operator+ (gcc bug 105651).
    target_compile_options(countersign_settings INTERFACE -Wno-restrict)
  else()
    # False on a reference got from a look-up by a temporary key.
    target_compile_options(countersign_settings INTERFACE -Wno-dangling-reference)
  endif()
endif()
