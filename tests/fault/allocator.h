/* allocator.h - every allocation of the process, counted; the k-th fails, when that is
 * asked.
 *
 *     allocator_start();               first of all in main
 *     watch(17, 0);                    the 17th from here on fails; 1: and all after it
 *     …
 *     if (unwatch()) …                 how many did fail
 *
 * A program that includes this has malloc, calloc, realloc, aligned_alloc and
 * pthread_create of its own, and so they are everybody's in the process: SQLite's,
 * digitnet's, libpng's, zlib's and the C library's. A thread that cannot be started
 * counts as an allocation that fails. */
#ifndef ALLOCATOR_H
#define ALLOCATOR_H

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifdef __SANITIZE_ADDRESS__
#define REAL(name) __interceptor_##name

/* The C library's loader, when an allocation of its own fails, loses others: not ours. */
__attribute__((visibility("default"))) const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:dl_open_worker\nleak:_dl_map_object_deps\nleak:add_to_global_resize\n";
}
#else
#define REAL(name)           __libc_##name
#define __libc_aligned_alloc __libc_memalign
#endif
void *REAL(malloc)(size_t);
void *REAL(calloc)(size_t, size_t);
void *REAL(realloc)(void *, size_t);
void *REAL(aligned_alloc)(size_t, size_t);
void REAL(free)(void *);

static atomic_long made;    /* allocations since the watch began */
static atomic_long failed;  /* of these */
static atomic_long held;    /* blocks */
static atomic_long fail_at; /* 0: nobody watches */
static atomic_int forever;  /* those after it fail too */

#define NEVER (1L << 40) /* to count them all */

/* --- where allocations come from: SHORT=1 ------------------------------------------- */

#define MOST_SITES (1 << 20)

static uintptr_t library_start, library_end; /* in memory; 0: no sites are watched */
static uint32_t site[MOST_SITES]; /* of the k-th allocation; 0: not the library's */
static unsigned char failed_at[2][1 << 24]; /* whether one of such a site failed before */
static atomic_int moved; /* whether, since it was 0, a k-th one had another site than
                            before, or a thread was made */
static int steady; /* 1: the k-th has its site in every run, so no other is looked at */

static int library_find(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size;
    (void)context;
    if (!strstr(info->dlpi_name, "digitnet.so")) return 0;
    library_start = info->dlpi_addr;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_LOAD)
            library_end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr +
                          info->dlpi_phdr[i].p_memsz;
    return 1;
}

/* site_now - the calls within the library that this allocation came by, hashed to 24
 * bits. */
static uint32_t site_now(void) {
    void *calls[64];
    const int n = backtrace(calls, 64);
    uint64_t hash = 0;
    for (int i = 0; i < n; i++) {
        const uintptr_t at = (uintptr_t)calls[i] - library_start;
        if (at < library_end - library_start) hash = (hash ^ at) * 0x9e3779b97f4a7c15u;
    }
    return (uint32_t)(hash >> 40);
}

static void site_note(long k) {
    const uint32_t now = site_now();
    if (site[k] != now) moved = 1;
    site[k] = now;
}

/* site_is_new - whether no allocation of the k-th one's site has failed yet. */
static int site_is_new(long k, int all) {
    const uint32_t at = k < MOST_SITES ? site[k] : 0;
    if (at == 0 || failed_at[all][at]) return 0;
    return failed_at[all][at] = 1;
}

/* sites_watch - from here on, allocations that are counted (NEVER) are told apart by the
 * calls within digitnet.so, loaded before, that led to them. 0 if it is not there. */
static int sites_watch(void) {
    site_now(); /* the first time it allocates */
    return dl_iterate_phdr(library_find, NULL) == 1;
}

/* Whether a thread has begun its work: until then what it allocates is the C library's or
 * a sanitizer's, which cannot do without. */
static _Thread_local int at_work;

/* is_wanted - whether the k-th is the one to fail: the fail_at-th, or, where sites are
 * watched, the first of that one's site: threads that share their work out otherwise make
 * more or fewer before it. */
static int is_wanted(long k) {
    const long wanted = fail_at; /* 0 while a thread is made */
    if (!library_end || wanted >= MOST_SITES || !site[wanted]) return k == wanted;
    return !failed && (!steady || k == wanted) && site_now() == site[wanted];
}

/* fails - whether this one does. A debugger's place to stop. */
static int fails(void) {
    if (!fail_at || !at_work) return 0;
    const long k = ++made;
    if (library_end && fail_at == NEVER && k < MOST_SITES) site_note(k);
    if (!(forever && failed) && !is_wanted(k)) return 0;
    failed++;
    errno = ENOMEM;
    return 1;
}

/* Seen by all libraries of the process. */
#pragma GCC visibility push(default)

void *malloc(size_t n) {
    void *p = fails() ? NULL : REAL(malloc)(n);
    held += p != NULL;
    return p;
}

void *calloc(size_t n, size_t size) {
    void *p = fails() ? NULL : REAL(calloc)(n, size);
    held += p != NULL;
    return p;
}

void *realloc(void *old, size_t n) {
    if (!old) return malloc(n);
    return fails() ? NULL : REAL(realloc)(old, n);
}

void *aligned_alloc(size_t alignment, size_t n) {
    void *p = fails() ? NULL : REAL(aligned_alloc)(alignment, n);
    held += p != NULL;
    return p;
}

void free(void *p) {
    held -= p != NULL;
    REAL(free)(p);
}

static int (*create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

typedef struct thread_work {
    void *(*run)(void *);
    void *context;
} thread_work;

static void *thread_begin(void *p) {
    const thread_work work = *(thread_work *)p;
    REAL(free)(p);
    at_work = 1;
    return work.run(work.context);
}

/* What the C library keeps for its next thread is no block of anybody's: none is
 * counted. */
int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*run)(void *), void *context) {
    if (fails()) return EAGAIN;
    moved = 1;
    const long at = fail_at, before = held;
    thread_work *work = REAL(malloc)(sizeof *work);
    *work = (thread_work){run, context};
    fail_at = 0;
    const int rc = create(thread, attributes, thread_begin, work);
    if (rc) REAL(free)(work);
    fail_at = at;
    held = before;
    return rc;
}

#pragma GCC visibility pop

/* allocator_start - 0 if the C library's pthread_create is not found. */
static int allocator_start(void) {
    at_work = 1;
    create = (int (*)(pthread_t *, const pthread_attr_t *, void *(*)(void *),
                      void *))dlsym(RTLD_NEXT, "pthread_create");
    return create != NULL;
}

static void watch(long k, int on) {
    made = failed = 0;
    forever = on;
    fail_at = k;
}

static long unwatch(void) {
    fail_at = 0;
    return failed;
}

#endif
