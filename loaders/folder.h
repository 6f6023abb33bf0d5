/* folder.h - the files of a folder with a folder for each class, in a fixed order.
 *
 *     folder_walk *walk;
 *     int rc = folder_open(&walk, "digits", ".png", NULL, error, sizeof error);
 *     while (rc == FOLDER_OK && (rc = folder_next(walk, error, sizeof error)) ==
 *     FOLDER_OK)
 *         … folder_path(walk), folder_label(walk) …
 *     folder_close(walk);                            // rc is FOLDER_END if all went well
 *
 *     digits/3/a.png        label 3
 *     digits/3/b.PNG        label 3
 *     digits/seven/a.png    label seven
 *     digits/stray.png      no label
 *     digits/3/notes.txt    not given; nor is anything deeper, nor what begins with a dot
 *
 * Names are in the order of their bytes, on any machine; a folder's files come where its
 * name stands. Only the names of two folders at a time are in memory.
 *
 * Fallible functions return a status and, if it is not FOLDER_OK or FOLDER_END, put one
 * sentence that begins with a path into error. */
#ifndef LOADERS_FOLDER_H
#define LOADERS_FOLDER_H

#include <stddef.h>
#include "stop.h"

enum {
    FOLDER_OK = 0,
    FOLDER_ERROR = 1,
    FOLDER_NOMEM = 2,
    FOLDER_END = 3,
    FOLDER_STOPPED = LOAD_STOPPED
};

typedef struct folder_walk folder_walk;

/* folder_open - starts with the files whose names end in suffix, in letters of either
 * case.
 * *out is the caller's to close, NULL after an error. suffix and stop are kept, not
 * copied;
 * stop, which may be NULL, is asked for each name in a folder. */
int folder_open(folder_walk **out, const char *dir, const char *suffix,
                const load_stop *stop, char *error, size_t error_size);
void folder_close(folder_walk *walk); /* takes NULL too */

/* folder_next - goes to the next file, the first after opening. Where there is none at
 * all it is an error, which says what lies there: "'d' has no .png files, nor has a
 * folder in it; there is 'd/train/7', a folder too deep: give the folder above it". */
int folder_next(folder_walk *walk, char *error, size_t error_size);

/* folder_path, folder_label - of the file it stands on; the label is its folder's name,
 * NULL for a file beside those folders. Both live until folder_next. */
const char *folder_path(const folder_walk *walk);
const char *folder_label(const folder_walk *walk);

#endif
