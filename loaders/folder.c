/* folder.c - the files of a folder with a folder for each class: see folder.h. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include "file.h"
#include "folder.h"

/* The names in one folder, sorted. */
typedef struct name_list {
    char **names; /* [n] malloc'd, as is each */
    size_t n, room;
    size_t next; /* the one that comes next */
} name_list;

struct folder_walk {
    char *dir;
    const char *suffix;
    const load_stop *stop;
    name_list outer, inner; /* of dir; of the folder whose files are being given */
    char *folder;           /* dir/label, NULL outside */
    char *path;             /* of the file it stands on */
    int found;              /* whether there was one */
    char *passed;           /* the first name that was passed over, with its folder */
};

static int no_memory(char *error, size_t error_size) {
    snprintf(error, error_size, "out of memory while reading a folder");
    return FOLDER_NOMEM;
}

static void list_clear(name_list *list) {
    for (size_t i = 0; i < list->n; i++) free(list->names[i]);
    free(list->names);
    *list = (name_list){0};
}

static int list_add(name_list *list, const char *name) {
    if (list->n == list->room) {
        const size_t room = list->room ? 2 * list->room : 64;
        char **names = realloc(list->names, room * sizeof *names);
        if (!names) return FOLDER_NOMEM;
        list->names = names;
        list->room = room;
    }
    const size_t size = strlen(name) + 1;
    char *copy = malloc(size);
    if (!copy) return FOLDER_NOMEM;
    memcpy(copy, name, size);
    list->names[list->n++] = copy;
    return FOLDER_OK;
}

static int interrupted(char *error, size_t error_size) {
    snprintf(error, error_size, "interrupted while reading a folder");
    return FOLDER_STOPPED;
}

/* merge - two neighbouring runs, sorted by their bytes, into one: [a, b),
 * [b, c). */
static void merge(char **to, char **from, size_t a, size_t b, size_t c) {
    size_t i = a, k = b;
    for (size_t at = a; at < c; at++)
        to[at] = k == c || (i < b && strcmp(from[i], from[k]) <= 0) ? from[i++]
                                                                    : from[k++];
}

/* list_sort - by bytes. Not qsort, which cannot be stopped: a million names take a
 * second. */
static int list_sort(name_list *list, const load_stop *stop) {
    const size_t n = list->n;
    char **other = malloc((n ? n : 1) * sizeof *other);
    if (!other) return FOLDER_NOMEM;
    int rc = FOLDER_OK;
    for (size_t run = 1; run < n && rc == FOLDER_OK; run *= 2) {
        for (size_t a = 0; a < n && rc == FOLDER_OK; a += 2 * run) {
            const size_t b = n - a < run ? n : a + run, c = n - b < run ? n : b + run;
            if (load_stopped(stop)) rc = FOLDER_STOPPED;
            merge(other, list->names, a, b, c);
        }
        if (rc != FOLDER_OK) break; /* all names are still where they were */
        char **names = list->names;
        list->names = other;
        other = names;
    }
    free(other);
    list->room = n; /* what either array has room for */
    return rc;
}

/* list_read - all names in a folder but those that begin with a dot. */
static int list_read(name_list *list, const char *path, const load_stop *stop,
                     char *error, size_t error_size) {
    char name[FILE_NAME];
    int rc = FOLDER_OK;
    list_clear(list);
    file_name(name, path);
    DIR *dir = opendir(path);
    if (!dir && errno == ENOMEM) return no_memory(error, error_size);
    if (!dir) return file_failure(name, "cannot be opened", errno, error, error_size);
    while (rc == FOLDER_OK) {
        if (load_stopped(stop)) {
            rc = FOLDER_STOPPED;
            break;
        }
        errno = 0;
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno)
                rc = file_failure(name, "cannot be read", errno, error, error_size);
            break;
        }
        if (entry->d_name[0] == '.') continue;
        rc = list_add(list, entry->d_name);
    }
    closedir(dir);
    if (rc == FOLDER_OK) rc = list_sort(list, stop);
    if (rc == FOLDER_NOMEM) no_memory(error, error_size);
    if (rc == FOLDER_STOPPED) interrupted(error, error_size);
    return rc;
}

/* join - folder/name, malloc'd; NULL if there is no memory. */
static char *join(const char *folder, const char *name) {
    const size_t size = strlen(folder) + 1 + strlen(name) + 1;
    char *path = malloc(size);
    if (path) snprintf(path, size, "%s/%s", folder, name);
    return path;
}

static int is_wanted(const folder_walk *walk, const char *name) {
    const size_t n = strlen(name), end = strlen(walk->suffix);
    return n > end && strcasecmp(name + n - end, walk->suffix) == 0;
}

static int is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* pass_over - remembers a name that is not wanted, if it is the first. */
static int pass_over(folder_walk *walk, const char *folder, const char *name) {
    if (!walk->passed) walk->passed = join(folder, name);
    return walk->passed ? FOLDER_OK : FOLDER_NOMEM;
}

/* nothing_found - says what lies in a folder that has no file to give. */
static int nothing_found(const folder_walk *walk, char *error, size_t error_size) {
    char name[FILE_NAME], passed[FILE_NAME];
    file_name(name, walk->dir);
    if (!walk->passed) {
        snprintf(error, error_size, "%s has no %s files, nor has a folder in it", name,
                 walk->suffix);
        return FOLDER_ERROR;
    }
    file_name(passed, walk->passed);
    snprintf(
        error, error_size, "%s has no %s files, nor has a folder in it; there is %s%s",
        name, walk->suffix, passed,
        is_folder(walk->passed) ? ", a folder too deep: give the folder above it" : "");
    return FOLDER_ERROR;
}

int folder_open(folder_walk **out, const char *dir, const char *suffix,
                const load_stop *stop, char *error, size_t error_size) {
    int rc = FOLDER_NOMEM;
    folder_walk *walk = calloc(1, sizeof *walk);
    *out = NULL;
    if (!walk) return no_memory(error, error_size);
    size_t n = strlen(dir);
    while (n > 1 && dir[n - 1] == '/') n--; /* 'digits/' gives digits/3/a.png as well */
    walk->suffix = suffix;
    walk->stop = stop;
    walk->dir = malloc(n + 1);
    if (walk->dir) {
        memcpy(walk->dir, dir, n);
        walk->dir[n] = 0;
        rc = list_read(&walk->outer, walk->dir, stop, error, error_size);
    } else
        no_memory(error, error_size);
    if (rc == FOLDER_OK)
        *out = walk;
    else
        folder_close(walk);
    return rc;
}

void folder_close(folder_walk *walk) {
    if (!walk) return;
    list_clear(&walk->inner);
    list_clear(&walk->outer);
    free(walk->passed);
    free(walk->path);
    free(walk->folder);
    free(walk->dir);
    free(walk);
}

int folder_next(folder_walk *walk, char *error, size_t error_size) {
    for (;;) {
        free(walk->path);
        walk->path = NULL;
        while (walk->inner.next < walk->inner.n) {
            const char *name = walk->inner.names[walk->inner.next++];
            if (!is_wanted(walk, name)) {
                if (pass_over(walk, walk->folder, name) != FOLDER_OK)
                    return no_memory(error, error_size);
                continue;
            }
            walk->found = 1;
            walk->path = join(walk->folder, name);
            return walk->path ? FOLDER_OK : no_memory(error, error_size);
        }
        free(walk->folder);
        walk->folder = NULL;
        if (walk->outer.next == walk->outer.n)
            return walk->found ? FOLDER_END : nothing_found(walk, error, error_size);
        if (load_stopped(walk->stop)) return interrupted(error, error_size);
        const char *name = walk->outer.names[walk->outer.next++];
        walk->path = join(walk->dir, name);
        if (!walk->path) return no_memory(error, error_size);
        if (is_folder(walk->path)) {
            walk->folder = walk->path;
            walk->path = NULL;
            int rc = list_read(&walk->inner, walk->folder, walk->stop, error, error_size);
            if (rc != FOLDER_OK) return rc;
        } else if (is_wanted(walk, name)) {
            walk->found = 1;
            return FOLDER_OK;
        } else if (pass_over(walk, walk->dir, name) != FOLDER_OK)
            return no_memory(error, error_size);
    }
}

const char *folder_path(const folder_walk *walk) { return walk->path; }

const char *folder_label(const folder_walk *walk) {
    return walk->folder ? walk->outer.names[walk->outer.next - 1] : NULL;
}
