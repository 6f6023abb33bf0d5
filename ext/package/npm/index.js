// digitnet for Node: the library, and one line to load it.
//
//     const db = require('better-sqlite3')('mnist.db');
//     require('digitnet').load(db);
'use strict';
const path = require('path').join(__dirname, 'digitnet.so');

module.exports = {
    path,
    // db: whatever has loadExtension(path), as better-sqlite3 and node:sqlite do.
    load: (db) => { db.loadExtension(path); },
};
