/* isa.c - which kernels this processor gets: see kernels.h. */
#include <stdlib.h>
#include <string.h>
#include "int8.h"
#include "kernels.h"

extern const dn_kernels dn_kernels_portable;
extern const dn_int8_kernels dn_int8_portable;

#if defined(__x86_64__) || defined(__i386__)
extern const dn_kernels dn_kernels_avx2, dn_kernels_avx512;
extern const dn_int8_kernels dn_int8_avx2, dn_int8_avx512, dn_int8_vnni;

/* The compiler's run-time support asks the processor, and the operating system whether it
 * saves the wide registers. */
static int has_avx2(void) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
}

static int has_avx512(void) {
    return has_avx2() && __builtin_cpu_supports("avx512f") &&
           __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
           __builtin_cpu_supports("avx512bw");
}

static int has_vnni(void) { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }
#endif

#if defined(DN_HAS_VFPV4) || (defined(DN_HAS_DOTPROD) && defined(__linux__))
#include <sys/auxv.h>
#endif

#ifdef DN_HAS_DOTPROD
extern const dn_int8_kernels dn_int8_dotprod;

/* Linux's HWCAP_ASIMDDP; elsewhere the compiler says that each processor has it. */
static int has_dotprod(void) {
#ifdef __linux__
    return (getauxval(AT_HWCAP) >> 20 & 1) != 0;
#else
    return 1;
#endif
}
#endif

#ifdef DN_HAS_VFPV4
extern const dn_kernels dn_kernels_vfpv4;

/* Linux's HWCAP_VFPv4, which each C library calls otherwise. */
static int has_vfpv4(void) { return (getauxval(AT_HWCAP) >> 16 & 1) != 0; }
#endif

const dn_kernels *dn_kernels_named(const char *name) {
#if defined(__x86_64__) || defined(__i386__)
    if (strcmp(name, "avx512") == 0) return has_avx512() ? &dn_kernels_avx512 : NULL;
    if (strcmp(name, "avx2") == 0) return has_avx2() ? &dn_kernels_avx2 : NULL;
#endif
#ifdef DN_HAS_VFPV4
    if (strcmp(name, "vfpv4") == 0) return has_vfpv4() ? &dn_kernels_vfpv4 : NULL;
#endif
    return strcmp(name, "portable") == 0 ? &dn_kernels_portable : NULL;
}

const dn_kernels *dn_kernels_best(void) {
    const char *asked = getenv("DIGITNET_ISA");
    const dn_kernels *kernels = asked ? dn_kernels_named(asked) : NULL;
    if (!kernels) kernels = dn_kernels_named("avx512");
    if (!kernels) kernels = dn_kernels_named("avx2");
    if (!kernels) kernels = dn_kernels_named("vfpv4");
    return kernels ? kernels : &dn_kernels_portable;
}

const dn_int8_kernels *dn_int8_named(const char *name) {
#if defined(__x86_64__) || defined(__i386__)
    if (strcmp(name, "vnni") == 0) return has_vnni() ? &dn_int8_vnni : NULL;
    if (strcmp(name, "avx512") == 0) return has_avx512() ? &dn_int8_avx512 : NULL;
    if (strcmp(name, "avx2") == 0) return has_avx2() ? &dn_int8_avx2 : NULL;
#endif
#ifdef DN_HAS_DOTPROD
    if (strcmp(name, "dotprod") == 0) return has_dotprod() ? &dn_int8_dotprod : NULL;
#endif
    return strcmp(name, "portable") == 0 ? &dn_int8_portable : NULL;
}

const dn_int8_kernels *dn_int8_best(void) {
    static const char *const names[] = {"vnni", "avx512", "avx2", "dotprod"};
    const char *asked = getenv("DIGITNET_ISA");
    const dn_int8_kernels *kernels = asked ? dn_int8_named(asked) : NULL;
    for (int i = 0; i < 4 && !kernels; i++) kernels = dn_int8_named(names[i]);
    return kernels ? kernels : &dn_int8_portable;
}

const char *dn_isa_name(void) { return dn_kernels_best()->name; }
