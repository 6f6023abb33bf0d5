// index.js - SQLite with digitnet in it, in a browser's page or Worker and in Node. The
// interface is that of sql.js:
//
//     const SQL = await initSqlJs();
//     const db = new SQL.Database();              // or of a file's bytes
//     db.exec('SELECT digit_predict(?)', [png]);  // [{ columns: […], values: [[7]] }]
//     db.export();                                // the file's bytes
//
// The module that emcc made stands before this text: digitnetModule. Of its two
// WebAssembly files that with fused multiply-adds is taken where the processor has them,
// so that results have the same bits as the native library's; else the one which computes
// them, to the same bits, more slowly.

const OK = 0, ROW = 100, DONE = 101;
const INTEGER = 1, FLOAT = 2, TEXT = 3, BLOB = 4, NULL = 5;
const COPIED = -1; // SQLITE_TRANSIENT: SQLite makes a copy

// (1 + 2^-12)² - (1 + 2^-11) by f32x4.relaxed_madd is 2^-24 where it rounds once, and 0
// where twice. The one function of this module returns that.
const PROBE = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 125, 3, 2, 1, 0,
    7, 5, 1, 1, 102, 0, 0, 10, 31, 1, 29, 0, 67, 0, 8, 128, 63, 253, 19, 67, 0, 8, 128, 63,
    253, 19, 67, 0, 16, 128, 191, 253, 19, 253, 133, 2, 253, 31, 0, 11]);

function fuses() {
    try {
        if (!WebAssembly.validate(PROBE)) return false;
        return new WebAssembly.Instance(new WebAssembly.Module(PROBE)).exports.f() === 2 ** -24;
    } catch (error) {
        return false;
    }
}

async function initSqlJs(config = {}) {
    const variant = config.variant || (fuses() ? 'fused' : 'soft');
    const where = config.locateFile || ((file, folder) => folder + file);
    const file = `digitnet-${variant}.wasm`;
    // In Node, emcc's script would fetch the file.
    const onDisk = typeof process === 'object' && process.versions && process.versions.node && !config.wasmBinary
        ? { wasmBinary: require('fs').readFileSync(where(file, __dirname + '/')) } : {};
    const M = await digitnetModule({ ...config, ...onDisk, locateFile: (_, folder) => where(file, folder) });
    const at = pointer => pointer >>> 0;
    const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

    // --- values, there and back ------------------------------------------------------

    // allocate - memory for bytes, or an error as SQLite words it.
    function allocate(size) {
        const pointer = at(M._malloc(size || 1));
        if (!pointer) throw new Error('out of memory');
        return pointer;
    }

    // withText - calls use(pointer, bytes) with a text that ends with a zero.
    function withText(text, use) {
        const size = M.lengthBytesUTF8(text), pointer = allocate(size + 1);
        try {
            M.stringToUTF8(text, pointer, size + 1);
            return use(pointer, size);
        } finally {
            M._free(pointer);
        }
    }

    // withWords - the same of SQL or of a name, which SQLite reads to its first zero.
    function withWords(words, what, use) {
        if (typeof words !== 'string') throw new TypeError(`${what} is of type ${typeof words}; expected a string`);
        if (words.includes('\0')) throw new Error(`zero byte in ${what}`);
        return withText(words, use);
    }

    function withBytes(bytes, use) {
        const pointer = allocate(bytes.length);
        try {
            M.HEAPU8.set(bytes, pointer);
            return use(pointer, bytes.length);
        } finally {
            M._free(pointer);
        }
    }

    const copied = (pointer, size) => M.HEAPU8.slice(at(pointer), at(pointer) + size);

    // asBytes - what is bound as a BLOB, or a database's file: bytes of any view.
    function asBytes(value) {
        if (value instanceof ArrayBuffer) return new Uint8Array(value);
        if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
        if (Array.isArray(value)) return Uint8Array.from(value);
        return null;
    }

    // put - a value by one of two families of functions: sqlite3_bind_…(statement, place,
    // …) and sqlite3_result_…(context, …).
    function put(value, to, first) {
        if (value === null || value === undefined) return to.none(...first);
        if (typeof value === 'boolean') value = Number(value);
        if (typeof value === 'number') {
            if (!Number.isSafeInteger(value) || Object.is(value, -0)) return to.double(...first, value);
            value = BigInt(value);
        }
        if (typeof value === 'bigint') {
            if (value !== BigInt.asIntN(64, value)) throw new Error('an integer is beyond 64 bits');
            return to.integer(...first, Number(value & 0xffffffffn), Number(value >> 32n));
        }
        if (typeof value === 'string')
            return withText(value, (pointer, size) => to.text(...first, pointer, size, COPIED));
        const bytes = asBytes(value);
        if (!bytes) throw new Error(`SQLite has no type for a value of type ${typeof value}`);
        return withBytes(bytes, (pointer, size) => to.blob(...first, pointer, size, COPIED));
    }

    const bound = {
        none: M._sqlite3_bind_null, double: M._sqlite3_bind_double,
        integer: M._digitnet_wasm_bind, text: M._sqlite3_bind_text, blob: M._sqlite3_bind_blob,
    };
    const returned = {
        none: M._sqlite3_result_null, double: M._sqlite3_result_double,
        integer: M._digitnet_wasm_result, text: M._sqlite3_result_text,
        blob: M._sqlite3_result_blob,
    };

    // take - a value by sqlite3_column_…(statement, place) or sqlite3_value_…(value).
    function take(from, where, bigints) {
        switch (from.type(...where)) {
        case INTEGER:
            return bigints ? BigInt(M.UTF8ToString(at(from.text(...where)))) : from.double(...where);
        case FLOAT: return from.double(...where);
        case TEXT: {
            const pointer = from.text(...where);
            return utf8.decode(copied(pointer, from.bytes(...where)));
        }
        case BLOB: {
            const pointer = from.blob(...where);
            return copied(pointer, from.bytes(...where));
        }
        default: return null;
        }
    }

    const columns = {
        type: M._sqlite3_column_type, double: M._sqlite3_column_double,
        text: M._sqlite3_column_text, blob: M._sqlite3_column_blob, bytes: M._sqlite3_column_bytes,
    };
    const values = {
        type: M._sqlite3_value_type, double: M._sqlite3_value_double,
        text: M._sqlite3_value_text, blob: M._sqlite3_value_blob, bytes: M._sqlite3_value_bytes,
    };

    // --- a statement -----------------------------------------------------------------

    class Statement {
        constructor(pointer, db) {
            this.pointer = pointer;
            this.db = db;
        }

        // Values for ?, ?1, in order; or an object of those for :name, @name, $name.
        bind(params) {
            this.open();
            this.reset();
            M._sqlite3_clear_bindings(this.pointer);
            if (params === null || params === undefined) return true;
            if (Array.isArray(params)) {
                const wanted = M._sqlite3_bind_parameter_count(this.pointer);
                if (params.length > wanted)
                    throw new Error(`${params.length} values for ${wanted} parameters`);
                params.forEach((value, i) => this.db.check(put(value, bound, [this.pointer, i + 1])));
            } else
                for (const [name, value] of Object.entries(params)) {
                    const place = withWords(name, 'a parameter', p => M._sqlite3_bind_parameter_index(this.pointer, p));
                    if (place) this.db.check(put(value, bound, [this.pointer, place]));
                }
            return true;
        }

        bindSome(params) {
            if (Array.isArray(params))
                params = params.slice(0, M._sqlite3_bind_parameter_count(this.pointer));
            if (params) this.bind(params);
        }

        // Whether there is a row.
        step() {
            this.open();
            const status = M._sqlite3_step(this.pointer);
            if (status === ROW || status === DONE) return status === ROW;
            const error = this.db.error(status);
            this.reset();
            throw error;
        }

        // The row that step() came to, or the first one with these parameters; [] if
        // there is none.
        get(params, config) {
            this.open();
            if (params !== null && params !== undefined && this.bind(params)) this.step();
            const row = [], count = M._sqlite3_data_count(this.pointer);
            for (let i = 0; i < count; i++)
                row.push(take(columns, [this.pointer, i], config && config.useBigInt));
            return row;
        }

        getColumnNames() {
            this.open();
            const names = [], count = M._sqlite3_column_count(this.pointer);
            for (let i = 0; i < count; i++)
                names.push(M.UTF8ToString(at(M._sqlite3_column_name(this.pointer, i))));
            return names;
        }

        getAsObject(params, config) {
            const row = this.get(params, config);
            return Object.fromEntries(this.getColumnNames().map((name, i) => [name, row[i]]));
        }

        getSQL() {
            this.open();
            return M.UTF8ToString(at(M._sqlite3_sql(this.pointer)));
        }

        run(params) {
            if (params !== null && params !== undefined) this.bind(params);
            this.step();
            return this.reset();
        }

        // Its status tells of the last step once more, which has told itself.
        reset() {
            this.open();
            M._sqlite3_reset(this.pointer);
            return true;
        }

        free() {
            if (!this.pointer) return false;
            M._sqlite3_finalize(this.pointer);
            this.db.statements.delete(this);
            this.pointer = 0;
            return true;
        }

        open() {
            if (!this.pointer) throw new Error('Statement closed');
        }
    }

    // --- a database ------------------------------------------------------------------

    // SQLite calls it when a function is replaced, or refused, or its database closed.
    const forget = M.addFunction(place => M.removeFunction(place), 'vi');

    class Database {
        // Empty, or of a file's bytes; it lies in memory.
        constructor(file) {
            const bytes = file === null || file === undefined ? new Uint8Array(0) : asBytes(file);
            if (!bytes) throw new TypeError(`a database of type ${typeof file}; expected the bytes of its file`);
            this.statements = new Set();
            const out = allocate(4);
            try {
                const status = withText(':memory:', name => M._sqlite3_open(name, out));
                this.pointer = at(M.HEAP32[out >> 2]);
                this.check(status);
                if (bytes.length) this.fill(bytes);
            } catch (error) {
                this.close();
                throw error;
            } finally {
                M._free(out);
            }
        }

        // What deserialize is given is SQLite's: 1 frees it, 2 lets it grow.
        fill(bytes) {
            const pointer = at(M._sqlite3_malloc64(bytes.length, 0));
            if (!pointer) throw new Error('out of memory');
            M.HEAPU8.set(bytes, pointer);
            // In memory there is no log: a database of WAL mode says so in two bytes.
            if (bytes.length > 19 && bytes[18] === 2) M.HEAPU8.fill(1, pointer + 18, pointer + 20);
            const status = withText('main', name => M._sqlite3_deserialize(
                this.pointer, name, pointer, bytes.length, 0, bytes.length, 0, 1 | 2));
            this.check(status);
        }

        open() {
            if (!this.pointer) throw new Error('Database closed');
        }

        error(status) {
            const text = this.pointer ? M.UTF8ToString(at(M._sqlite3_errmsg(this.pointer))) : '';
            // A wrong call, such as a name that is too long, leaves no message.
            const told = text && text !== 'not an error';
            return new Error(told ? text : M.UTF8ToString(at(M._sqlite3_errstr(status))));
        }

        check(status) {
            if (status !== OK) throw this.error(status);
        }

        // each statement of a text: use(statement), which is then freed.
        statementsOf(sql, use) {
            this.open();
            withWords(sql, 'SQL', (start, size) => {
                const out = allocate(8);
                try {
                    for (let next = start; next < start + size;) {
                        this.check(M._sqlite3_prepare_v2(this.pointer, next, -1, out, out + 4));
                        next = at(M.HEAP32[(out >> 2) + 1]);
                        const statement = this.own(at(M.HEAP32[out >> 2]));
                        if (!statement) continue; // white space, or a comment
                        try {
                            use(statement);
                        } finally {
                            statement.free();
                        }
                    }
                } finally {
                    M._free(out);
                }
            });
        }

        own(pointer) {
            if (!pointer) return null;
            const statement = new Statement(pointer, this);
            this.statements.add(statement);
            return statement;
        }

        // Runs all statements, and returns nothing of what they found. Each gets as many
        // of the values as it has parameters.
        run(sql, params) {
            this.statementsOf(sql, statement => {
                statement.bindSome(params);
                while (statement.step()) {}
            });
            return this;
        }

        // Runs all statements: for each that has rows, its columns and all rows.
        exec(sql, params, config) {
            const results = [];
            this.statementsOf(sql, statement => {
                statement.bindSome(params);
                let result = null;
                while (statement.step()) {
                    if (!result) results.push(result = { columns: statement.getColumnNames(), values: [] });
                    result.values.push(statement.get(null, config));
                }
            });
            return results;
        }

        // Calls row(object) for each row of one statement, then done().
        each(sql, params, row, done, config) {
            if (typeof params === 'function') [params, row, done, config] = [null, params, row, done];
            const statement = this.prepare(sql, params);
            try {
                while (statement.step()) row(statement.getAsObject(null, config));
            } finally {
                statement.free();
            }
            return done && done();
        }

        // The first statement of a text, to be freed when it is done with.
        prepare(sql, params) {
            this.open();
            const out = allocate(4);
            let statement;
            try {
                this.check(withWords(sql, 'SQL', text => M._sqlite3_prepare_v2(this.pointer, text, -1, out, 0)));
                statement = this.own(at(M.HEAP32[out >> 2]));
            } finally {
                M._free(out);
            }
            if (!statement) throw new Error('Nothing to prepare');
            try {
                if (params) statement.bind(params);
            } catch (error) {
                statement.free();
                throw error;
            }
            return statement;
        }

        // The bytes of the file that this database would be.
        export() {
            this.open();
            const size = allocate(8);
            let bytes = 0;
            try {
                bytes = withText('main', name => M._sqlite3_serialize(this.pointer, name, size, 0));
                const length = at(M.HEAP32[size >> 2]);
                if (!bytes && length) throw new Error('out of memory');
                return copied(bytes, length);
            } finally {
                M._sqlite3_free(bytes);
                M._free(size);
            }
        }

        // A function of SQL by one of JavaScript, with as many arguments as that has.
        // What it throws is the SQL function's error.
        create_function(name, call) {
            this.open();
            const run = (context, count, arguments_) => {
                try {
                    const given = [];
                    for (let i = 0; i < count; i++)
                        given.push(take(values, [M.HEAP32[(at(arguments_) >> 2) + i]]));
                    put(call(...given), returned, [context]);
                } catch (error) {
                    withText(String(error && error.message || error),
                        (text, size) => M._sqlite3_result_error(context, text, size));
                }
            };
            this.check(withWords(name, 'a name', text => {
                const place = M.addFunction(run, 'viii');
                return M._sqlite3_create_function_v2(this.pointer, text, call.length, 1 /* UTF-8 */,
                    place, place, 0, 0, forget);
            }));
            return this;
        }

        getRowsModified() {
            this.open();
            return M._sqlite3_changes(this.pointer);
        }

        close() {
            if (!this.pointer) return;
            for (const statement of [...this.statements]) statement.free();
            M._sqlite3_close_v2(this.pointer);
            this.pointer = 0;
        }
    }

    // FS is Emscripten's file system, in memory: where read_mnist and read_png look.
    return { Database, Statement, FS: M.FS, variant };
}

if (typeof module === 'object' && module.exports) {
    module.exports = initSqlJs;
    module.exports.default = initSqlJs;
}
