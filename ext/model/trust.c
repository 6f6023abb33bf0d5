/* trust.c - whether main's models may be looked up: see trust.h. */
#include "../base/direct.h"
#include "../base/error.h"
#include "../base/schema.h"
#include "trust.h"

/* unkept - where SQLite does not keep schemas from calling what they must not. */
static unsigned unkept(sqlite3 *db, int is_trusted) {
    const int version = sqlite3_libversion_number();
    if (is_trusted) return EXT_IN_VIEWS;
    if (version < EXT_VIEWS_CLOSED) return EXT_IN_MAIN | EXT_IN_VIEWS;
    if (version >= EXT_CHECKS_CLOSED) return 0;
    return EXT_IN_MAIN | (ext_only_queries(db) ? EXT_VIRTUAL_ALONE : 0);
}

/* The names are those of all functions that look up a model; test_trust fails if one is
 * left out. */
int ext_model_trust(sqlite3 *db, char *error) {
    static const char *const names[] = {
        "digit_predict",   "digit_confidence",      "digit_probabilities",
        "digit_embedding", "digit_saliency",        "try_predict",
        "digit_read",      "digit_read_confidence", "digitnet_model"};
    char reason[EXT_ERROR_SIZE];
    int is_trusted = 0;
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, -1, &is_trusted);
    const unsigned which = unkept(db, is_trusted);
    if (!is_trusted && !which) return SQLITE_OK;
    const int rc =
        ext_schema_calls(db, names, sizeof names / sizeof *names, which, reason);
    if (rc == SQLITE_ERROR)
        sqlite3_snprintf(EXT_ERROR_SIZE, error,
                         is_trusted
                             ? "%s, and may not ask main's models; ask them by "
                               "predict_model, say PRAGMA trusted_schema = OFF, or "
                               "DETACH it"
                             : "%s, which SQLite %s lets it do though trusted_schema is "
                               "OFF; drop that, or use SQLite 3.50.4 or newer",
                         reason, sqlite3_libversion());
    else if (rc != SQLITE_OK)
        sqlite3_snprintf(EXT_ERROR_SIZE, error, "%s", reason);
    return rc;
}
