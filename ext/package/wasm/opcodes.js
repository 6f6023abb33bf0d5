// opcodes.js - gives f32x4.relaxed_madd the opcode of today's WebAssembly.
//
//     node opcodes.js built.wasm digitnet-fused.wasm
//
// Emscripten 3.1.6 is older than the standard: it writes fd af 01 for what is fd 85 02
// now, and nothing else of relaxed SIMD. Instructions are told from the numbers in them
// by reading all of them; what is not known here is an error.
'use strict';
const fs = require('fs');

const [from, to] = process.argv.slice(2);
const bytes = fs.readFileSync(from);
let place = 8, changed = 0;

// A number of seven bits a byte, as long as it is.
function leb() {
    let value = 0, shift = 0, byte;
    do {
        byte = bytes[place++];
        value += (byte & 127) * 2 ** shift;
        shift += 7;
    } while (byte & 128);
    return value;
}

function lebs(n) {
    for (let i = 0; i < n; i++) leb();
}

// What follows 0xfc: memory.copy and its kin.
function wide() {
    const code = leb();
    if (code > 17) throw new Error(`unknown instruction fc ${code} at ${place}`);
    lebs(code < 8 ? 0 : [2, 1, 2, 1, 2, 1, 2, 1, 1, 1][code - 8]);
}

// What follows 0xfd: vectors.
function vector() {
    const start = place, code = leb();
    if (code <= 11 || code === 92 || code === 93) lebs(2);      // loads and stores
    else if (code <= 13) place += 16;                           // v128.const, i8x16.shuffle
    else if (code >= 21 && code <= 34) place += 1;              // of a lane
    else if (code >= 84 && code <= 91) { lebs(2); place += 1; } // loads and stores of a lane
    else if (code === 175) {
        if (place !== start + 2) throw new Error(`an opcode is longer than it need be at ${start}`);
        bytes[start] = 0x85;
        bytes[start + 1] = 0x02;
        changed++;
    } else if (code > 255) throw new Error(`unknown instruction fd ${code} at ${start}`);
}

function instruction() {
    const code = bytes[place++];
    if (code === 0xfc) wide();
    else if (code === 0xfd) vector();
    else if (code >= 0x02 && code <= 0x04) leb();               // block, loop, if
    else if (code === 0x0c || code === 0x0d || code === 0x10) leb();
    else if (code === 0x0e) lebs(leb() + 1);                    // br_table
    else if (code === 0x11) lebs(2);                            // call_indirect
    else if (code >= 0x20 && code <= 0x24) leb();               // locals, globals
    else if (code >= 0x28 && code <= 0x3e) lebs(2);             // loads and stores
    else if (code === 0x3f || code === 0x40) leb();
    else if (code === 0x41 || code === 0x42) leb();
    else if (code === 0x43) place += 4;
    else if (code === 0x44) place += 8;
    else if (!(code <= 0x01 || code === 0x05 || code === 0x0b || code === 0x0f || code === 0x1a ||
               code === 0x1b || code >= 0x45 && code <= 0xc4))
        throw new Error(`unknown instruction ${code.toString(16)} at ${place - 1}`);
}

function body() {
    const end = leb() + place;
    for (let groups = leb(); groups > 0; groups--) {
        leb();
        place++;
    }
    while (place < end) instruction();
    if (place !== end) throw new Error(`a function does not end at ${end}`);
}

while (place < bytes.length) {
    const section = bytes[place++], end = leb() + place;
    if (section === 10) for (let functions = leb(); functions > 0; functions--) body();
    place = end;
}
if (!changed) throw new Error(`${from}: no multiply-adds are in it`);
fs.writeFileSync(to, bytes);
console.log(`  ${to}: ${changed} multiply-adds`);
