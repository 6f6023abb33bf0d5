// digitnet-wasm for ES modules: digitnet-wasm.js has it.
import initSqlJs from './digitnet-wasm.js';

export default initSqlJs;
