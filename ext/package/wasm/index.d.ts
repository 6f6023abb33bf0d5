// index.d.ts - SQLite with digitnet as WebAssembly: sql.js's interface, without
// iterateStatements, create_aggregate and updateHook.

declare function initSqlJs(config?: initSqlJs.InitConfig): Promise<initSqlJs.SqlJsStatic>;

declare namespace initSqlJs {
    /** A value as SQLite has it: NULL, INTEGER or REAL, TEXT, BLOB. INTEGERs are numbers,
     *  beyond 2^53 inexact ones, unless useBigInt is set. */
    type SqlValue = null | number | bigint | string | Uint8Array;

    /** Values to bind, in order or by name: ['a', 7], { ':name': 'a' }. */
    type BindValue = SqlValue | undefined | boolean | ArrayBuffer | ArrayBufferView;
    type BindParams = BindValue[] | Record<string, BindValue> | null;

    interface QueryExecResult {
        columns: string[];
        values: SqlValue[][];
    }

    interface Config {
        /** INTEGERs as bigint. */
        useBigInt?: boolean;
    }

    /** Its methods throw an Error with SQLite's message. */
    class Statement {
        bind(values?: BindParams): boolean;
        /** Whether there is a row. */
        step(): boolean;
        /** [] where there is no row. */
        get(params?: BindParams, config?: Config): SqlValue[];
        getAsObject(params?: BindParams, config?: Config): Record<string, SqlValue>;
        getColumnNames(): string[];
        getSQL(): string;
        run(values?: BindParams): boolean;
        reset(): boolean;
        free(): boolean;
    }

    class Database {
        /** Empty, or of the bytes of a database's file. */
        constructor(data?: ArrayBufferView | ArrayBuffer | number[] | null);
        run(sql: string, params?: BindParams): this;
        exec(sql: string, params?: BindParams, config?: Config): QueryExecResult[];
        each(sql: string, params: BindParams, row: (row: Record<string, SqlValue>) => void,
             done?: () => void, config?: Config): void;
        each(sql: string, row: (row: Record<string, SqlValue>) => void, done?: () => void,
             config?: Config): void;
        prepare(sql: string, params?: BindParams): Statement;
        /** The bytes of the database's file. */
        export(): Uint8Array;
        create_function(name: string, call: (...values: any[]) => BindValue): this;
        getRowsModified(): number;
        close(): void;
    }

    interface SqlJsStatic {
        Database: typeof Database;
        Statement: typeof Statement;
        /** Emscripten's file system, in memory: where read_mnist and read_png look. */
        FS: any;
        /** Which module runs: with fused multiply-adds of the processor, or computed. */
        variant: 'fused' | 'soft';
    }

    interface InitConfig {
        /** Where a file of the package is, if not beside digitnet-wasm.js. */
        locateFile?: (file: string, folder: string) => string;
        /** The bytes of the WebAssembly, if it need not be fetched; say which in variant. */
        wasmBinary?: ArrayBuffer | Uint8Array;
        variant?: 'fused' | 'soft';
    }
}

export = initSqlJs;
