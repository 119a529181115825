// The sanitizers refuse libraries that are opened with RTLD_DEEPBIND, as pkcs11-provider opens a
// PKCS #11 module. Where one of them is in the program, they are opened without it.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#include <dlfcn.h>

extern "C" void* dlopen(const char* file, int mode) noexcept {
  using Function = void* (*)(const char*, int);
  static const auto next = reinterpret_cast<Function>(::dlsym(RTLD_NEXT, "dlopen"));
  return next(file, mode & ~RTLD_DEEPBIND);
}
#endif
