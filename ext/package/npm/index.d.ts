/** A database that can load extensions: better-sqlite3's, node:sqlite's, Bun's, Deno's. */
export interface Database {
    loadExtension(file: string, entrypoint?: string): unknown;
}

/** The library of this platform, without its ending, which SQLite appends. Throws if
 *  there is none. */
export function getLoadablePath(): string;

/** Loads digitnet into a database:
 *
 *      const db = new Database('mnist.db');
 *      load(db);
 *      db.prepare('SELECT digit_predict(?)').pluck().get(png);
 *
 *  node:sqlite wants `new DatabaseSync(path, { allowExtension: true })`. */
export function load(db: Database): void;
