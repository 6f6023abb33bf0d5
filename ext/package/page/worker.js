// worker.js - the database, in a Worker: the page never waits for it. It is asked by
// messages { id, do, … } and answers { id, result } or { id, error }; a training tells
// { id, row } after each epoch, where { do: 'stop' } ends it.
'use strict';
importScripts('digitnet-wasm.js');

const SCHEMA = `CREATE TABLE IF NOT EXISTS drawings(
    id INTEGER PRIMARY KEY, label TEXT NOT NULL, png BLOB NOT NULL, pixels BLOB NOT NULL)`;

let SQL, db, stopped = false;
const ready = initSqlJs().then(made => {
    SQL = made;
    db = new SQL.Database();
    db.run(SCHEMA);
});

const actions = {
    about: () => ({ variant: SQL.variant, version: db.exec('SELECT sqlite_version()')[0].values[0][0] }),
    sql: ({ sql, params }) => db.exec(sql, params),
    save: () => db.export(),

    open({ bytes }) {
        const other = new SQL.Database(bytes);
        try {
            other.run(SCHEMA); // an error if these bytes are no database
        } catch (error) {
            other.close();
            throw error;
        }
        db.close();
        db = other;
    },

    // A row of the first statement after another, with time between for those who wait.
    async rows({ sql, params, id }) {
        const statement = db.prepare(sql, params);
        stopped = false;
        try {
            while (!stopped && statement.step()) {
                postMessage({ id, row: statement.getAsObject() });
                await new Promise(done => setTimeout(done));
            }
        } finally {
            statement.free();
        }
    },
};

// One after another, in the order they came.
let last = ready;
onmessage = ({ data }) => {
    if (data.do === 'stop') {
        stopped = true;
        return;
    }
    last = last.catch(() => {}).then(async () => {
        await ready;
        const start = performance.now();
        const result = await actions[data.do](data);
        postMessage({ id: data.id, result, ms: performance.now() - start });
    }).catch(error => postMessage({ id: data.id, error: error.message }));
};
