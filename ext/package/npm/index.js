// digitnet for Node: the library, and one line to load it.
//
//     const db = require('better-sqlite3')('mnist.db');
//     require('digitnet').load(db);
'use strict';
// Without ".so", which SQLite appends: given, it would tell of "digitnet.so.so" where a
// load fails, and not why digitnet.so did.
const path = require('path').join(__dirname, 'digitnet');

module.exports = {
    path,
    // db: whatever has loadExtension(path), as better-sqlite3 and node:sqlite do.
    load: (db) => { db.loadExtension(path); },
};
