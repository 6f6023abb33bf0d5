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

require(path.resolve(folder))({ variant }).then(SQL => {
    assert.strictEqual(SQL.variant, variant);
    const db = new SQL.Database();
    for (const test of [values, statements, functions, digits, memory]) {
        const start = Date.now();
        test(SQL, db);
        console.log(`${test.name}: ${Date.now() - start} ms`);
    }
    db.close();
}).catch(error => {
    console.error(error);
    process.exit(1);
});
