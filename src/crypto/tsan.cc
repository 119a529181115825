// ThreadSanitizer does not see the atomic operations inside libcrypto, which is not instrumented,
// and so takes the memory that libcrypto publishes with them (its method cache, the extensions of a
// certificate) for raced. What libcrypto itself touches is left out; our own code is not.
#if defined(__SANITIZE_THREAD__)
extern "C" const char* __tsan_default_suppressions();  // its name is the sanitizer's
extern "C" const char* __tsan_default_suppressions() { return "called_from_lib:libcrypto.so.3\n"; }
#endif
