/* glibc.h - which versions of glibc's functions a portable library asks for: put before
 * each of its sources by -include.
 *
 * The linker takes the newest version of a symbol, which an older glibc lacks. Those
 * below are of glibc 2.17 or older, and all that is used has one. stat and fstat, no
 * functions before 2.33, are in glibc.c. tests/package/portable.sh sees that no symbol is
 * newer. */
#if defined(__x86_64__)
#define OLD_GLIBC "GLIBC_2.2.5"
#elif defined(__aarch64__)
#define OLD_GLIBC "GLIBC_2.17"
#else
#error "ext/package/portable/glibc.h knows x86-64 and arm64"
#endif

__asm__(".symver pthread_create,pthread_create@" OLD_GLIBC);
__asm__(".symver pthread_join,pthread_join@" OLD_GLIBC);
__asm__(".symver pthread_sigmask,pthread_sigmask@" OLD_GLIBC);
__asm__(".symver pow,pow@" OLD_GLIBC);
__asm__(".symver __xstat64,__xstat64@" OLD_GLIBC);
__asm__(".symver __fxstat64,__fxstat64@" OLD_GLIBC);
