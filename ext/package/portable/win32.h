/* win32.h - what the sources ask of POSIX and mingw-w64 has not, or otherwise: put before
 * each of a library for Windows by -include; win32.c has the functions.
 *
 * Paths are UTF-8, as SQLite's are; Windows' own calls take UTF-16. So calls of stat go
 * to win32.c, and those of open, opendir, readdir and closedir by the linker's --wrap. No
 * source knows of it. */
#ifndef WIN32_H
#define WIN32_H

#include <sys/stat.h>
#include <sys/types.h>

/* The system's headers make stat, the struct and the function, a _stat64; the function,
 * which is not linked but imported, is what is followed by a bracket. */
int win32_stat(const char *path, struct _stat64 *st);
#define _stat64(path, st) win32_stat(path, st)

/* Files are bytes, are not inherited, and are waited for by nobody. */
#define O_NONBLOCK 0
#define O_NOCTTY   _O_BINARY
#define O_CLOEXEC  _O_NOINHERIT

/* There are no signals to keep from threads: mingw-w64's pthread_sigmask is nothing. */
typedef int sigset_t;
#define sigfillset(set) ((void)(set))

/* sysconf - of what _SC_NPROCESSORS_ONLN stands for alone. */
#define _SC_NPROCESSORS_ONLN 84
long sysconf(int name);

/* pread - as POSIX has it: the file's position stays. */
ssize_t pread(int fd, void *bytes, size_t n, off_t at);

#endif
