/* faults.h - a file system that fails when asked to: a VFS that stands between SQLite and
 * its own one for files, and read and pread for all else in the process.
 *
 *     faults_start();                  first of all in main: connections go through it
 *     watch(&faults[1], 17, 0);        the 17th write from here fails; 1: and all after
 *     …
 *     if (unwatch()) …                 how many did fail
 *
 * To be included before any other header. */
#ifndef FAULTS_H
#define FAULTS_H

#undef _FILE_OFFSET_BITS /* with it pread and pread64 would be one, below */
#include <dlfcn.h>
#include <errno.h>
#include <sqlite3.h>
#include <unistd.h>

/* --- faults ------------------------------------------------------------------------- */

enum {
    READ,
    WRITE,
    SYNC,
    TRUNCATE,
    LOCK,
    OPEN,
    DELETE,
    ACCESS,
    SIZE,
    SHM_MAP,
    SHM_LOCK,
    HOST_READ
};

typedef struct fault {
    const char *name;
    int operation, code;
    int part; /* of a write's bytes, one in so many is written; of a host's read */
} fault;

static const fault faults[] = {
    {"read", READ, SQLITE_IOERR_READ, 0},
    {"write", WRITE, SQLITE_IOERR_WRITE, 0},
    {"write, half of it", WRITE, SQLITE_IOERR_WRITE, 2},
    {"disk full", WRITE, SQLITE_FULL, 0},
    {"disk full, within a write", WRITE, SQLITE_FULL, 3},
    {"sync", SYNC, SQLITE_IOERR_FSYNC, 0},
    {"truncate", TRUNCATE, SQLITE_IOERR_TRUNCATE, 0},
    {"lock", LOCK, SQLITE_IOERR_LOCK, 0},
    {"busy", LOCK, SQLITE_BUSY, 0},
    {"open", OPEN, SQLITE_CANTOPEN, 0},
    {"delete", DELETE, SQLITE_IOERR_DELETE, 0},
    {"access", ACCESS, SQLITE_IOERR_ACCESS, 0},
    {"size", SIZE, SQLITE_IOERR_FSTAT, 0},
    {"shared memory", SHM_MAP, SQLITE_IOERR_SHMMAP, 0},
    {"lock of shared memory", SHM_LOCK, SQLITE_IOERR_SHMLOCK, 0},
    {"read(2)", HOST_READ, EIO, 0},
    {"read(2), one byte", HOST_READ, 0, 1},
};

#define N_FAULTS ((int)(sizeof faults / sizeof *faults))

static const fault *failing; /* NULL: nothing fails */
static long fail_at, done, failed;
static int forever;

/* fails - SQLITE_OK, or what becomes of this operation. */
static int fails(int operation) {
    if (!failing || failing->operation != operation) return SQLITE_OK;
    const long n = ++done;
    if (n != fail_at && !(forever && n > fail_at)) return SQLITE_OK;
    failed++;
    return failing->code ? failing->code : -1;
}

static void watch(const fault *f, long n, int on) {
    done = failed = 0;
    fail_at = n;
    forever = on;
    failing = f;
}

static long unwatch(void) {
    failing = NULL;
    return failed;
}

/* --- the file system between -------------------------------------------------------- */

typedef struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind this struct */
} shim_file;

#define REAL(file)            (((shim_file *)(file))->real)
#define FORWARD(file, f, ...) return REAL(file)->pMethods->f(REAL(file), ##__VA_ARGS__)
#define FAULTY(operation)                                                                \
    do {                                                                                 \
        const int shim_rc = fails(operation);                                            \
        if (shim_rc != SQLITE_OK) return shim_rc;                                        \
    } while (0)

static sqlite3_vfs *real_vfs;

static int shim_close(sqlite3_file *file) { FORWARD(file, xClose); }

static int shim_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at) {
    FAULTY(READ);
    FORWARD(file, xRead, bytes, n, at);
}

static int shim_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at) {
    const int rc = fails(WRITE);
    if (rc == SQLITE_OK) FORWARD(file, xWrite, bytes, n, at);
    if (failing->part)
        REAL(file)->pMethods->xWrite(REAL(file), bytes, n / failing->part, at);
    return rc;
}

static int shim_truncate(sqlite3_file *file, sqlite3_int64 size) {
    FAULTY(TRUNCATE);
    FORWARD(file, xTruncate, size);
}

/* No machine stops here: what the C library was given is there. */
static int shim_sync(sqlite3_file *file, int flags) {
    (void)file;
    (void)flags;
    return fails(SYNC);
}

static int shim_size(sqlite3_file *file, sqlite3_int64 *size) {
    FAULTY(SIZE);
    FORWARD(file, xFileSize, size);
}

static int shim_lock(sqlite3_file *file, int level) {
    FAULTY(LOCK);
    FORWARD(file, xLock, level);
}

static int shim_unlock(sqlite3_file *file, int level) { FORWARD(file, xUnlock, level); }

static int shim_reserved(sqlite3_file *file, int *is) {
    FAULTY(LOCK);
    FORWARD(file, xCheckReservedLock, is);
}

static int shim_control(sqlite3_file *file, int op, void *argument) {
    FORWARD(file, xFileControl, op, argument);
}

static int shim_sector(sqlite3_file *file) { FORWARD(file, xSectorSize); }

static int shim_device(sqlite3_file *file) { FORWARD(file, xDeviceCharacteristics); }

static int shim_shm_map(sqlite3_file *file, int page, int size, int extend,
                        void volatile **out) {
    *out = NULL;
    FAULTY(SHM_MAP);
    FORWARD(file, xShmMap, page, size, extend, out);
}

static int shim_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
    if (!(flags & SQLITE_SHM_UNLOCK)) FAULTY(SHM_LOCK);
    FORWARD(file, xShmLock, offset, n, flags);
}

static void shim_shm_barrier(sqlite3_file *file) {
    REAL(file)->pMethods->xShmBarrier(REAL(file));
}

static int shim_shm_unmap(sqlite3_file *file, int also_delete) {
    FORWARD(file, xShmUnmap, also_delete);
}

static const sqlite3_io_methods shim_methods = {
    .iVersion = 2,
    .xClose = shim_close,
    .xRead = shim_read,
    .xWrite = shim_write,
    .xTruncate = shim_truncate,
    .xSync = shim_sync,
    .xFileSize = shim_size,
    .xLock = shim_lock,
    .xUnlock = shim_unlock,
    .xCheckReservedLock = shim_reserved,
    .xFileControl = shim_control,
    .xSectorSize = shim_sector,
    .xDeviceCharacteristics = shim_device,
    .xShmMap = shim_shm_map,
    .xShmLock = shim_shm_lock,
    .xShmBarrier = shim_shm_barrier,
    .xShmUnmap = shim_shm_unmap,
};

static int shim_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                     int *out_flags) {
    shim_file *shim = (shim_file *)file;
    (void)vfs;
    file->pMethods = NULL;
    shim->real = (sqlite3_file *)(shim + 1);
    FAULTY(OPEN);
    const int rc = real_vfs->xOpen(real_vfs, name, shim->real, flags, out_flags);
    if (shim->real->pMethods) file->pMethods = &shim_methods;
    return rc;
}

static int shim_delete(sqlite3_vfs *vfs, const char *name, int sync) {
    (void)vfs;
    FAULTY(DELETE);
    return real_vfs->xDelete(real_vfs, name, sync);
}

static int shim_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    FAULTY(ACCESS);
    return real_vfs->xAccess(real_vfs, name, flags, out);
}

static int shim_register(void) {
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "faulty";
    vfs.pNext = NULL;
    vfs.szOsFile += (int)sizeof(shim_file);
    vfs.xOpen = shim_open;
    vfs.xDelete = shim_delete;
    vfs.xAccess = shim_access;
    return sqlite3_vfs_register(&vfs, 1) == SQLITE_OK;
}

/* read and pread for all libraries of the process. */
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off_t);

#pragma GCC visibility push(default)

ssize_t read(int file, void *bytes, size_t n) {
    const int rc = fails(HOST_READ);
    if (rc <= 0) return real_read(file, bytes, rc && n ? 1 : n);
    errno = rc;
    return -1;
}

ssize_t pread(int file, void *bytes, size_t n, off_t at) {
    const int rc = fails(HOST_READ);
    if (rc <= 0) return real_pread(file, bytes, rc && n ? 1 : n, at);
    errno = rc;
    return -1;
}

ssize_t pread64(int file, void *bytes, size_t n, off_t at) {
    return pread(file, bytes, n, at);
}

#pragma GCC visibility pop

/* faults_start - 0 if the C library's read or the VFS could not be put behind these. */
static int faults_start(void) {
    real_read = (ssize_t(*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    real_pread = (ssize_t(*)(int, void *, size_t, off_t))dlsym(RTLD_NEXT, "pread");
    return real_read && real_pread && shim_register();
}

#endif
