/* check.h - the little that a unit test needs.
 *
 *     int main(void) {
 *         CHECK(1 + 1 == 2);
 *         CHECK_STR(strstr("a digit", "digit"), "digit");
 *         return check_done("test_name");    // prints "test_name: 2 passed, 0 failed"
 *     }
 *
 * A check that fails prints its place and the run goes on. For one test program, which
 * is one .c file: the counters are static. */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int check_passed, check_failed;

#define CHECK(condition)    check_true((condition) != 0, #condition, __FILE__, __LINE__)
#define CHECK_STR(is, want) check_strings((is), (want), #is, __FILE__, __LINE__)

static inline int check_true(int ok, const char *what, const char *file, int line) {
    if (ok)
        check_passed++;
    else
        check_failed++, printf("%s:%d: failed: %s\n", file, line, what);
    return ok;
}

static inline int check_strings(const char *is, const char *want, const char *what,
                                const char *file, int line) {
    int ok = is && want && strcmp(is, want) == 0;
    if (ok)
        check_passed++;
    else
        check_failed++,
            printf("%s:%d: failed: %s\n    is:     %s\n    wanted: %s\n", file, line,
                   what, is ? is : "(NULL)", want ? want : "(NULL)");
    return ok;
}

/* The exit status: 0 only if something was checked and all of it passed. */
static inline int check_done(const char *name) {
    printf("%s: %d passed, %d failed\n", name, check_passed, check_failed);
    return check_failed > 0 || check_passed == 0;
}

/* check_emulated - whether an emulator or valgrind runs this, which takes its time
 * indeed. */
static inline int check_emulated(void) { return getenv("RUN") != NULL; }

/* check_sanitised - whether this and the library are: that takes its time, too. What
 * numbers come out is the plain build's matter; so where many images only make a share
 * more exact, and all go the same way through the code, some are enough. */
static inline int check_sanitised(void) {
    const char *san = getenv("SAN");
    return san && *san;
}

#endif
