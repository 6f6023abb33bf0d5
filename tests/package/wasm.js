// wasm.js - the interface of the package digitnet-wasm, in Node:
//
//     node tests/package/wasm.js build/wasm/digitnet-wasm soft
'use strict';
const assert = require('assert');
const fs = require('fs');
const path = require('path');

const [folder, variant] = process.argv.slice(2);
const one = (db, sql, params, config) => db.exec(sql, params, config)[0].values[0][0];

function values(SQL, db) {
    const bytes = Uint8Array.of(0, 1, 255);
    const row = db.exec('SELECT ?1, ?2, ?3, ?4, ?5, ?6', [null, 7, 1.5, 'größe 数', bytes, true])[0];
    assert.deepStrictEqual(row.columns, ['?1', '?2', '?3', '?4', '?5', '?6']);
    assert.deepStrictEqual(row.values, [[null, 7, 1.5, 'größe 数', bytes, 1]]);
    assert.strictEqual(one(db, 'SELECT typeof(?)', [2 ** 52]), 'integer');
    assert.strictEqual(one(db, 'SELECT ?', [-(2n ** 63n)], { useBigInt: true }), -(2n ** 63n));
    assert.strictEqual(one(db, 'SELECT :a || @b', { ':a': 'x', '@b': 'y', ':none': 1 }), 'xy');
    assert.throws(() => db.exec('SELECT ?', [2n ** 63n]), /64 bits/);
    assert.throws(() => db.exec('SELECT ?', [Symbol('s')]), /type/);
    assert.throws(() => db.prepare('SELECT ?', [1, 2]), /2 values for 1/);
}

// A text may have zero bytes, and begin with a byte order mark; SQL and names have none.
function zeros(SQL, db) {
    for (const text of ['a\0b', '\0', 'ß'.repeat(20) + '\0数', '\ufeffa']) {
        assert.strictEqual(one(db, 'SELECT ?', [text]), text);
        assert.strictEqual(one(db, 'SELECT hex(?)', [text]), Buffer.from(text).toString('hex').toUpperCase());
    }
    db.create_function('same', a => a);
    assert.strictEqual(one(db, 'SELECT same(?)', ['a\0b']), 'a\0b');
    for (const sql of ['SELECT 1;\0', '\0', 'SELECT 1\0;', '\0SELECT 1', ' -- \0'])
        for (const use of ['exec', 'run', 'prepare', 'each'])
            assert.throws(() => db[use](sql, () => {}), /zero byte in SQL/);
    assert.throws(() => db.create_function('f\0g', () => 1), /zero byte in a name/);
    assert.throws(() => db.exec('SELECT :a', { ':a\0': 1 }), /zero byte in a parameter/);
    assert.throws(() => db.exec(['SELECT 1']), /SQL is of type object/);
}

function statements(SQL, db) {
    db.run('CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2), (3, 4); -- and no more\n');
    assert.strictEqual(db.getRowsModified(), 2);
    assert.deepStrictEqual(db.exec('SELECT a FROM t; SELECT 1 WHERE 0; SELECT b FROM t WHERE a = 3').map(r => r.values),
        [[[1], [3]], [[4]]]);
    assert.deepStrictEqual(db.exec('SELECT 1; SELECT ?1 + ?2', [2, 3]).map(r => r.values), [[[1]], [[5]]]);
    const s = db.prepare('SELECT a, b FROM t WHERE a > ?', [0]);
    assert.ok(s.step());
    assert.deepStrictEqual(s.getAsObject(), { a: 1, b: 2 });
    assert.ok(s.step() && !s.step());
    assert.deepStrictEqual(s.get([2]), [3, 4]);
    assert.deepStrictEqual(s.get([4]), []);
    assert.deepStrictEqual(s.getAsObject([4]), { a: undefined, b: undefined });
    assert.strictEqual(s.getSQL(), 'SELECT a, b FROM t WHERE a > ?');
    assert.ok(s.free() && !s.free());
    assert.throws(() => s.step(), /Statement closed/);
    const seen = [];
    db.each('SELECT a FROM t', row => seen.push(row.a), () => seen.push('done'));
    assert.deepStrictEqual(seen, [1, 3, 'done']);
    assert.throws(() => db.exec('selec'), /syntax error/);
    assert.throws(() => db.prepare(' -- nothing'), /Nothing/);
}

function functions(SQL, db) {
    db.create_function('plus', (a, b) => a + b).create_function('bad', () => { throw new Error('no such luck'); });
    assert.strictEqual(one(db, 'SELECT plus(2, 3)'), 5);
    assert.strictEqual(one(db, "SELECT plus('a', 'ß')"), 'aß');
    assert.throws(() => db.exec('SELECT bad()'), /no such luck/);
    db.create_function('plus', (a, b) => a - b);
    assert.strictEqual(one(db, 'SELECT plus(2, 3)'), -1);
}

function digits(SQL, db) {
    const png = fs.readFileSync('tests/drawn/7/109-nib-kraft-rgb8.png');
    assert.strictEqual(one(db, 'SELECT digit_predict(?)', [png]), 7);
    SQL.FS.mkdir('/digits');
    SQL.FS.mkdir('/digits/7');
    SQL.FS.writeFile('/digits/7/a.png', png);
    assert.deepStrictEqual(db.exec("SELECT label, digit_predict(pixels) FROM read_png('/digits')")[0].values, [[7, 7]]);
    db.run('CREATE TABLE images AS SELECT * FROM synthetic_digits(100, 5)');
    const trained = JSON.parse(one(db, `SELECT train_model('images', 'small', '{"layers": "mlp", "epochs": 2, "threads": 4}')`));
    assert.strictEqual(trained.epochs, 2);
    assert.throws(() => db.exec("SELECT digit_predict('seven')"), /digit_predict: .*TEXT/);
    assert.throws(() => db.exec('SELECT digit_predict(?)', [png.subarray(0, 200)]), /digit_predict: /);
    const file = db.export();
    const copy = new SQL.Database(file);
    assert.strictEqual(one(copy, "SELECT same FROM verify_model('small')"), 1);
    copy.close();
    for (const bytes of [file.buffer, Array.from(file), new DataView(file.buffer)]) {
        const other = new SQL.Database(bytes);
        assert.strictEqual(one(other, 'SELECT count(*) FROM images'), 100);
        other.close();
    }
    for (const none of [undefined, null, [], new Uint8Array(0)])
        new SQL.Database(none).close();
    for (const no of ['digits.db', {}, 7, true])
        assert.throws(() => new SQL.Database(no), TypeError);
    file.set([2, 2], 18); // WAL mode
    const logged = new SQL.Database(file);
    assert.strictEqual(one(logged, 'SELECT count(*) FROM images'), 100);
    logged.close();
    assert.throws(() => logged.exec('SELECT 1'), /Database closed/);
    assert.throws(() => new SQL.Database(Uint8Array.from({ length: 4096 }, (_, i) => i)).exec('SELECT * FROM t'), /not a database/);
}

// What memory there is not is SQLite's error, after which the database goes on.
function memory(SQL, db) {
    const large = "(zeroblob(800000000) || x'00')";
    assert.throws(() => db.exec(`SELECT ${large}, ${large}, ${large}`), /out of memory/);
    assert.strictEqual(one(db, 'SELECT digit_predict(pixels) FROM images LIMIT 1 OFFSET 3'), 3);
}

// What is refused, or replaced, leaves nothing behind. M is emcc's module: its calls are
// counted, and a failure is what stands in for one of its functions.
function leaks(SQL, db) {
    let counted = 0;
    const counting = (name, by) => {
        const plain = M[name];
        M[name] = (...all) => { counted += by; return plain(...all); };
        return () => { M[name] = plain; };
    };
    // during - how much is left after action, which fails as told.
    function during(names, action, error) {
        const ends = Object.entries(names).map(([name, by]) => counting(name, by));
        counted = 0;
        if (error) assert.throws(action, error);
        else action();
        ends.forEach(end => end());
        return counted;
    }
    function instead(name, other, action) {
        const plain = M[name];
        M[name] = other;
        try {
            action();
        } finally {
            M[name] = plain;
        }
    }

    const connections = { _sqlite3_open: 1, _sqlite3_close_v2: -1 };
    instead('_sqlite3_malloc64', () => 0, () => assert.strictEqual(
        during(connections, () => new SQL.Database(db.export()), /out of memory/), 0));
    const before = db.statements.size;
    assert.throws(() => db.prepare('SELECT ?', [1, 2]), /2 values for 1/);
    assert.strictEqual(db.statements.size, before);

    const places = { addFunction: 1, removeFunction: -1 };
    assert.strictEqual(during(places, () => db.create_function('n'.repeat(300), () => 1), /bad parameter/), 0);
    const other = new SQL.Database();
    assert.strictEqual(during(places, () => {
        for (const name of ['f', 'F', 'f', 'Ä', 'ä']) other.create_function(name, () => name);
        assert.deepStrictEqual(other.exec('SELECT f(), Ä(), ä()')[0].values, [['f', 'Ä', 'ä']]);
    }), 3);
    assert.strictEqual(during(places, () => other.close()), -3);

    const heap = M.HEAPU8;
    assert.strictEqual(during({ _sqlite3_serialize: 1, _sqlite3_free: -1 }, () =>
        instead('HEAPU8', { slice() { throw new RangeError('no room'); } }, () => db.export()), /no room/), 0);
    assert.strictEqual(M.HEAPU8, heap);
}

let M;
require(path.resolve(folder))({ variant, preRun: [module => { M = module; }] }).then(SQL => {
    assert.strictEqual(SQL.variant, variant);
    const db = new SQL.Database();
    for (const test of [values, zeros, statements, functions, digits, leaks, memory]) {
        const start = Date.now();
        test(SQL, db);
        console.log(`${test.name}: ${Date.now() - start} ms`);
    }
    db.close();
}).catch(error => {
    console.error(error);
    process.exit(1);
});
