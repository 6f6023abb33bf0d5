// digitnet for Node, Bun and Deno: where the library is, and one line to load it. The
// library itself is in a package for each platform, of which npm installs the one it
// runs on.
'use strict';

const platforms = @PLATFORMS@;

// The platform as our packages are called: of Node's words, with the C library on Linux.
function platform() {
    const system = process.platform === 'win32' ? 'windows' : process.platform;
    const name = `${system}-${process.arch}`;
    if (system !== 'linux') return name;
    const report = process.report && process.report.getReport().header;
    return report && !report.glibcVersionRuntime ? `${name}-musl` : name;
}

// Without its ending, which SQLite appends: given, SQLite would tell of "digitnet.so.so"
// where a load fails, and not why digitnet.so did.
function getLoadablePath() {
    const name = platform();
    if (!platforms.includes(name)) {
        throw new Error(`digitnet: there is no library for ${name}; there are those for ` +
            `${platforms.join(', ')}: build it from the sources by make`);
    }
    try {
        const file = require.resolve(`digitnet-${name}/package.json`);
        return require('path').join(require('path').dirname(file), 'digitnet');
    } catch (error) {
        throw new Error(`digitnet: the package digitnet-${name} is not installed: npm leaves ` +
            'it out with --omit=optional, or if node_modules came from another platform; run ' +
            'npm install', { cause: error });
    }
}

function load(db) {
    db.loadExtension(getLoadablePath());
}

module.exports = { getLoadablePath, load };
