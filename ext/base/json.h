/* json.h - what of JSON we write: strings, numbers, class names.
 *
 * All append to an sqlite3_str, which remembers if memory ran out. */
#ifndef EXT_JSON_H
#define EXT_JSON_H

#include "../../core/dn.h"
#include "ext.h"

/* ext_json_object - SQLITE_OK for a text that is a JSON object, and for NULL; else an
 * error and a sentence in error [EXT_ERROR_SIZE]: "name is 'json'; expected a JSON object
 * like example". \u0000 in it is an error too. json_each alone takes a scalar for a
 * member without a key. */
int ext_json_object(sqlite3 *db, const char *json, const char *name, const char *example,
                    char *error);

/* ext_json_string - size bytes of UTF-8 between quotes, with what must be escaped
 * escaped. */
void ext_json_string(sqlite3_str *out, const char *text, size_t size);

/* ext_json_label - a class's name: a number or a string; as_key, always a string. */
void ext_json_label(sqlite3_str *out, const dn_label *label, int as_key);

/* ext_json_labels - the JSON array of n class names, sqlite3_malloc'd; NULL: out of
 * memory. */
char *ext_json_labels(const dn_label *labels, int n);

/* ext_json_float - the shortest decimal that reads back as the same float; null for one
 * that is not finite. */
void ext_json_float(sqlite3_str *out, float value);

/* ext_json_real - up to 15 significant digits, whatever the locale. Finite only. */
void ext_json_real(sqlite3_str *out, double value);

/* ext_json_round - the double closest to value's first 15 digits: what ext_json_real
 * writes, and what reading it gives again, on any SQLite. */
double ext_json_round(double value);

#endif
