/* tvf.c - what table-valued functions share: see tvf.h. */
#include <assert.h>
#include <stdarg.h>
#include <string.h>
#include "argument.h"
#include "error.h"
#include "hash.h"
#include "tvf.h"

/* Columns that sqlite3_index_info.colUsed tells apart. */
#define MOST_COLUMNS 63

/* The SQLite from which on colUsed surely has what f(a, c = 3) uses. */
#define COLUMNS_TOLD 3038000

/* idxStr has a character for each column that is set: this one for column 0, and so
 * on. */
#define FIRST_LETTER '0'

/* What lies in front of each table: its declaration, of the same allocation. A union, so
 * that what follows is aligned. */
typedef union head {
    const char *declaration;
    sqlite3_int64 align[2];
} head;

static const char *declaration_of(const sqlite3_vtab *table) {
    return ((const head *)(const void *)table - 1)->declaration;
}

int ext_tvf_connect(sqlite3_vtab **out, size_t size, sqlite3 *db, const char *declaration,
                    int safety) {
    int rc = sqlite3_declare_vtab(db, declaration);
    if (rc == SQLITE_OK) rc = sqlite3_vtab_config(db, safety);
    if (rc != SQLITE_OK) return rc;
    const size_t length = strlen(declaration) + 1;
    head *all = sqlite3_malloc64(sizeof *all + size + length);
    if (!all) return SQLITE_NOMEM;
    memset(all, 0, sizeof *all + size);
    all->declaration = memcpy((char *)(all + 1) + size, declaration, length);
    *out = (sqlite3_vtab *)(all + 1);
    return SQLITE_OK;
}

int ext_tvf_disconnect(sqlite3_vtab *table) {
    sqlite3_free((head *)(void *)table - 1);
    return SQLITE_OK;
}

int ext_tvf_open(sqlite3_vtab_cursor **out, size_t size) {
    *out = sqlite3_malloc64(size);
    if (!*out) return SQLITE_NOMEM;
    memset(*out, 0, size);
    return SQLITE_OK;
}

/* --- the plan ----------------------------------------------------------------------- */

/* A plan while it is made. */
typedef struct plan {
    sqlite3_vtab *table;
    sqlite3_index_info *info;
    int first, end;        /* the hidden columns */
    int first_option;      /* of them; end: there are none */
    int shown;             /* see ext_tvf_plan_options */
    int set[MOST_COLUMNS]; /* the constraint that sets a column, or -1 */
    int op[MOST_COLUMNS];  /* another one on it, or 0 */
} plan;

/* word - a word of the declaration, as printf's "%.*s" takes it: the function's name for
 * -1, or a column's. */
static const char *word(const sqlite3_vtab *table, int column, int *size) {
    const char *at = declaration_of(table) + strlen("CREATE TABLE ");
    for (int i = -1; i < column; i++) at += strcspn(at, i < 0 ? "(" : ",") + 1;
    at += strspn(at, " ");
    *size = (int)strcspn(at, " (,)");
    return at;
}

/* set_error - what is wrong with a column, and how the query sets it. */
static int set_error(sqlite3_vtab *table, int column, const char *problem) {
    int n_function, n_name;
    const char *function = word(table, -1, &n_function),
               *name = word(table, column, &n_name);
    return ext_tvf_error(table, SQLITE_ERROR,
                         "%.*s: %.*s %s; set %.*s with WHERE %.*s = …", n_function,
                         function, n_name, name, problem, n_name, name, n_name, name);
}

int ext_tvf_unset(sqlite3_vtab *table, int column) {
    return set_error(table, column, "is used, but nothing sets it");
}

static int twice_error(const plan *p, int column) {
    int n_function, n_name;
    const char *function = word(p->table, -1, &n_function),
               *name = word(p->table, column, &n_name);
    return ext_tvf_error(p->table, SQLITE_ERROR, "%.*s: %.*s is given twice", n_function,
                         function, n_name, name);
}

static const char *op_name(int op) {
    switch (op) {
    case SQLITE_INDEX_CONSTRAINT_GT: return "is compared with >";
    case SQLITE_INDEX_CONSTRAINT_LE: return "is compared with <=";
    case SQLITE_INDEX_CONSTRAINT_LT: return "is compared with <";
    case SQLITE_INDEX_CONSTRAINT_GE: return "is compared with >=";
    case SQLITE_INDEX_CONSTRAINT_NE: return "is compared with <>";
    case SQLITE_INDEX_CONSTRAINT_LIKE: return "is compared with LIKE";
    case SQLITE_INDEX_CONSTRAINT_GLOB: return "is compared with GLOB";
    case SQLITE_INDEX_CONSTRAINT_MATCH: return "is compared with MATCH";
    case SQLITE_INDEX_CONSTRAINT_REGEXP: return "is compared with REGEXP";
    case SQLITE_INDEX_CONSTRAINT_ISNOT: return "is compared with IS NOT";
    case SQLITE_INDEX_CONSTRAINT_ISNULL: return "is compared with IS NULL";
    case SQLITE_INDEX_CONSTRAINT_ISNOTNULL: return "is compared with NOT NULL";
    default: return "is given to a function";
    }
}

int ext_tvf_tells_lists(void) {
    return SQLITE_VERSION_NUMBER >= 3038000 && sqlite3_libversion_number() >= 3038000;
}

int ext_tvf_may_lose(sqlite3_value *value, int type) {
    const int wanted = sqlite3_value_type(value);
    return type == SQLITE_TEXT && !ext_tvf_tells_lists() &&
           (wanted == SQLITE_INTEGER || wanted == SQLITE_FLOAT);
}

int ext_tvf_lost(sqlite3_vtab *table) {
    int n_function;
    const char *function = word(table, -1, &n_function);
    return ext_tvf_error(table, SQLITE_ERROR,
                         "%.*s: id is compared with a number, but ids are TEXT, and "
                         "SQLite %s, before 3.38, does not tell whether they may be "
                         "equal; compare with CAST(… AS TEXT)",
                         n_function, function,
                         SQLITE_VERSION_NUMBER < 3038000 ? SQLITE_VERSION
                                                         : sqlite3_libversion());
}

/* list_ask - whether a constraint is column IN (…); how: 1 takes its values at once, -1
 * does not. */
static int list_ask(sqlite3_index_info *info, int i, int how) {
#if SQLITE_VERSION_NUMBER >= 3038000
    return ext_tvf_tells_lists() && sqlite3_vtab_in(info, i, how);
#else
    (void)info, (void)i, (void)how;
    return 0;
#endif
}

int ext_tvf_is_list(sqlite3_index_info *info, int i) { return list_ask(info, i, -1); }
int ext_tvf_takes_list(sqlite3_index_info *info, int i) { return list_ask(info, i, 1); }

static int rowid_error(sqlite3_vtab *table) {
    int n_function;
    const char *function = word(table, -1, &n_function);
    return ext_tvf_error(table, SQLITE_ERROR,
                         "%.*s: its rowid is no row of the source, but a number within "
                         "this query; compare another column",
                         n_function, function);
}

/* constraint_take - looks at one constraint of the query. */
static int constraint_take(plan *p, int i) {
    const struct sqlite3_index_constraint *c = &p->info->aConstraint[i];
    if (c->iColumn < 0 && p->first < p->end) return rowid_error(p->table);
    const int column = c->iColumn, is_option = column >= p->first_option ||
                                               (column >= 0 && column == p->shown);
    if (!is_option && (column < p->first || column >= p->end)) return SQLITE_OK;
    if (c->op != SQLITE_INDEX_CONSTRAINT_EQ && c->op != SQLITE_INDEX_CONSTRAINT_IS) {
        if (column != p->shown) p->op[column] = c->op;
        return SQLITE_OK;
    }
    if (!c->usable) return SQLITE_CONSTRAINT;
    if (p->first_option < p->end && ext_tvf_is_list(p->info, i))
        return set_error(p->table, column, "has several values (IN)");
    /* f(1) WHERE argument = 2: the first is taken and SQLite checks the second itself,
     * against the value that xColumn gives back. No error, as new SQLites give one side
     * of an OR each argument twice. */
    if (p->set[column] < 0)
        p->set[column] = i;
    else if (p->first_option < p->end)
        return twice_error(p, column);
    return SQLITE_OK;
}

static int is_used(const plan *p, int column) {
    return p->info->colUsed >> column & 1 && p->set[column] < 0;
}

/* plan_check - whether each hidden column that the query uses is set, or may do without.
 * Without the first argument, SQLite may be looking at one side of an OR alone. */
static int plan_check(const plan *p) {
    for (int k = p->first; k < p->end; k++)
        if (p->op[k] && p->set[k] < 0) return set_error(p->table, k, op_name(p->op[k]));
    if (p->first == p->end || p->set[p->first] < 0) return SQLITE_OK;
    int meant = -1; /* f(a, c = 3) uses both b and c: the last */
    for (int k = p->first + 1; k < p->end; k++)
        if (is_used(p, k)) meant = k;
    return meant < 0 ? SQLITE_OK : ext_tvf_unset(p->table, meant);
}

static int plan_make(plan *p) {
    for (int k = 0; k < MOST_COLUMNS; k++) p->set[k] = -1, p->op[k] = 0;
    for (int i = 0; i < p->info->nConstraint; i++) {
        const int rc = constraint_take(p, i);
        if (rc != SQLITE_OK) return rc;
    }
    return plan_check(p);
}

/* plan_pass - the constraint that sets a column, if one does, becomes xFilter's next
 * value. */
static int plan_pass(plan *p, int column, int *n) {
    if (p->set[column] < 0) return 0;
    struct sqlite3_index_constraint_usage *usage = p->info->aConstraintUsage;
    usage[p->set[column]].argvIndex = ++*n;
    usage[p->set[column]].omit = 1;
    return 1;
}

int ext_tvf_best_index(sqlite3_vtab *table, sqlite3_index_info *info, int first_hidden,
                       int n_hidden, double cost, sqlite3_int64 rows) {
    const int end = first_hidden + n_hidden;
    plan p = {table, info, first_hidden, end, end, -1, {0}, {0}};
    const int rc = plan_make(&p);
    int n = 0;
    if (rc != SQLITE_OK) return rc;
    info->idxNum = 0;
    for (int k = 0; k < n_hidden; k++)
        if (plan_pass(&p, first_hidden + k, &n)) info->idxNum |= 1 << k;
    info->estimatedCost = cost;
    info->estimatedRows = rows;
    return SQLITE_OK;
}

/* uses_shown - whether the query uses a column that is shown. */
static int uses_shown(const plan *p) {
    for (int k = 0; k < p->first; k++)
        if (p->info->colUsed >> k & 1) return 1;
    return 0;
}

int ext_tvf_plan_options(sqlite3_vtab *table, sqlite3_index_info *info, int first_hidden,
                         int n_arguments, int shown, double cost, sqlite3_int64 rows) {
    int end = first_hidden, n = 0;
    for (const char *at = strstr(declaration_of(table), "HIDDEN"); at; end++)
        at = strstr(at + 1, "HIDDEN");
    assert(end <= MOST_COLUMNS);
    plan p = {table, info, first_hidden, end, first_hidden + n_arguments,
              shown, {0},  {0}};
    const int rc = plan_make(&p);
    if (rc != SQLITE_OK) return rc;
    char *columns = sqlite3_malloc(end + 1);
    if (!columns) return SQLITE_NOMEM;
    for (int k = 0; k < end; k++)
        if (plan_pass(&p, k, &n)) columns[n - 1] = (char)(FIRST_LETTER + k);
    columns[n] = 0;
    info->idxNum = uses_shown(&p) && sqlite3_libversion_number() < COLUMNS_TOLD;
    info->idxStr = columns;
    info->needToFreeIdxStr = 1;
    info->estimatedCost = cost;
    info->estimatedRows = rows;
    return SQLITE_OK;
}

sqlite3_value *ext_tvf_value(const char *idx_str, sqlite3_value **argv, int column) {
    const char *at = strchr(idx_str, FIRST_LETTER + column);
    return at ? argv[at - idx_str] : NULL;
}

uint64_t ext_tvf_columns(const char *idx_str) {
    uint64_t columns = 0;
    for (; *idx_str; idx_str++) columns |= (uint64_t)1 << (*idx_str - FIRST_LETTER);
    return columns;
}

int ext_tvf_no_null(sqlite3_vtab *table, const char *idx_str, sqlite3_value **argv,
                    int first_hidden, int n_arguments) {
    for (int i = 0; idx_str[i]; i++) {
        const int column = idx_str[i] - FIRST_LETTER;
        if (column >= first_hidden && column < first_hidden + n_arguments) continue;
        if (sqlite3_value_type(argv[i]) == SQLITE_NULL)
            return set_error(table, column,
                             "is compared with NULL, which equals nothing");
    }
    return SQLITE_OK;
}

int ext_tvf_equals(sqlite3_index_info *info, int column) {
    for (int i = 0; i < info->nConstraint; i++)
        if (info->aConstraint[i].iColumn == column && info->aConstraint[i].usable &&
            info->aConstraint[i].op == SQLITE_INDEX_CONSTRAINT_EQ &&
            sqlite3_stricmp(sqlite3_vtab_collation(info, i), "BINARY") == 0)
            return i;
    return -1;
}

sqlite3_value *ext_tvf_argument(int idx_num, sqlite3_value **argv, int k) {
    if (!(idx_num & 1 << k)) return NULL;
    int place = 0;
    for (int i = 0; i < k; i++) place += idx_num >> i & 1;
    return argv[place];
}

sqlite3_int64 ext_tvf_rowid(sqlite3_int64 row, sqlite3_value *const *arguments, int n) {
    uint64_t sum = HASH_START;
    for (int k = 0; k < n; k++) {
        const int type = arguments[k] ? sqlite3_value_type(arguments[k]) : SQLITE_NULL;
        const int is_number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
        sum = hash_word(sum, is_number ? SQLITE_FLOAT : (uint64_t)type);
        if (is_number) {
            const double number = sqlite3_value_double(arguments[k]);
            sum = hash_bytes(sum, (const unsigned char *)&number, sizeof number);
        } else if (type != SQLITE_NULL) {
            const void *bytes = sqlite3_value_blob(arguments[k]);
            if (bytes)
                sum = hash_bytes(sum, bytes, (size_t)sqlite3_value_bytes(arguments[k]));
        }
    }
    return (sqlite3_int64)((uint64_t)row + sum);
}

int ext_tvf_path(sqlite3_vtab *table, const char *usage, const char *argument,
                 sqlite3_value *value, const char **path) {
    static const char *const types[] = {"an INTEGER", "a REAL", "TEXT", "a BLOB", "NULL"};
    const int name = (int)strcspn(usage, "(");
    if (!value)
        return ext_tvf_error(table, SQLITE_ERROR, "%.*s: expected %s; '%s' is missing",
                             name, usage, usage, argument);
    int type = sqlite3_value_type(value);
    if (type != SQLITE_TEXT)
        return ext_tvf_error(table, SQLITE_ERROR,
                             "%.*s: '%s' is %s; expected TEXT, a path", name, usage,
                             argument, types[type - 1]);
    char error[EXT_ERROR_SIZE];
    const int rc = ext_text(path, value, argument, error);
    return rc == SQLITE_OK ? rc
                           : ext_tvf_error(table, rc, "%.*s: %s", name, usage, error);
}

int ext_tvf_error(sqlite3_vtab *table, int code, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sqlite3_free(table->zErrMsg);
    table->zErrMsg = sqlite3_vmprintf(format, args);
    va_end(args);
    if (table->zErrMsg) ext_text_mend(table->zErrMsg);
    return table->zErrMsg ? code : SQLITE_NOMEM;
}
