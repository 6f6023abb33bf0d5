// web.js - the page in headless Chromium, told by its DevTools' pipe what a hand does:
//
//     node web.js FOLDER TMP [PICTURE.png]
//
// FOLDER is build/page, which it serves; in TMP is node_modules/axe-core, if it is to be
// asked, and there the database is saved. A line for each check, then "N passed, M
// failed". With PICTURE it takes that instead, of the page with a digit on it.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');

const [folder, tmp, picture] = process.argv.slice(2);
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.wasm': 'application/wasm' };
let passed = 0, failed = 0;

function check(name, ok, more = '') {
    console.log(`${ok ? 'ok     ' : 'FAILED '} ${name}${ok ? '' : ': ' + more}`);
    ok ? passed++ : failed++;
}

const serve = () => new Promise(done => {
    const server = http.createServer((request, answer) => {
        const name = path.join(folder, path.normalize(new URL(request.url, 'http://x').pathname).replace(/\/$/, '/index.html'));
        if (!fs.existsSync(name)) return answer.writeHead(404).end();
        answer.writeHead(200, { 'Content-Type': TYPES[path.extname(name)] || 'text/plain' });
        answer.end(fs.readFileSync(name));
    });
    server.listen(0, '127.0.0.1', () => done(server));
});

// --- the browser ---------------------------------------------------------------------

const chromium = spawn(process.env.BROWSER || 'chromium', ['--headless', '--no-sandbox', '--disable-gpu',
    '--disable-dev-shm-usage', '--hide-scrollbars', '--remote-debugging-pipe', `--user-data-dir=${tmp}/profile`],
{ stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
const waiting = new Map(), complaints = [];
let sent = 0, session, text = '';

chromium.stdio[4].setEncoding('utf8').on('data', data => {
    const parts = (text + data).split('\0');
    text = parts.pop();
    for (const part of parts) {
        const message = JSON.parse(part);
        if (message.id) {
            const { resolve, reject } = waiting.get(message.id);
            message.error ? reject(new Error(message.error.message)) : resolve(message.result);
        } else if (message.method === 'Runtime.exceptionThrown')
            complaints.push(message.params.exceptionDetails.exception?.description);
        else if (message.method === 'Log.entryAdded' && message.params.entry.level === 'error')
            complaints.push(message.params.entry.text);
    }
});

function tell(method, params = {}) {
    return new Promise((resolve, reject) => {
        waiting.set(++sent, { resolve, reject });
        chromium.stdio[3].write(JSON.stringify({ id: sent, method, params, sessionId: session }) + '\0');
    });
}

async function run(expression) {
    const { result, exceptionDetails } = await tell('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(exceptionDetails.exception?.description || expression);
    return result.value;
}

// until - waits for an expression to be true; how long a busy machine takes is no matter.
async function until(expression, seconds = 30) {
    for (const end = Date.now() + 1000 * seconds; Date.now() < end;) {
        if (await run(expression)) return true;
        await new Promise(done => setTimeout(done, 50));
    }
    console.log(`        waited in vain for ${expression}; ` + (await run("document.querySelector('main').innerText")).slice(-700));
    return false;
}

const write = text => tell('Input.insertText', { text });
const click = id => run(`document.getElementById('${id}').click()`);
const written = id => run(`document.getElementById('${id}').innerText`);

// --- a hand --------------------------------------------------------------------------

// draw - strokes, each a list of [x, y] in hundredths of the sheet's height, by mouse.
async function draw(strokes) {
    const box = await run(`(sheet => { sheet.scrollIntoView({ block: 'center' });
        const { left, top, height } = sheet.getBoundingClientRect(); return { left, top, height } })(document.getElementById('sheet'))`);
    const mouse = (type, [x, y], buttons) => tell('Input.dispatchMouseEvent', {
        type, x: box.left + x * box.height / 100, y: box.top + y * box.height / 100,
        button: 'left', buttons, clickCount: 1 });
    for (const stroke of strokes) {
        await mouse('mousePressed', stroke[0], 1);
        for (let i = 1; i < stroke.length; i++)
            for (let part = 1; part <= 4; part++)
                await mouse('mouseMoved', stroke[i].map((to, axis) =>
                    stroke[i - 1][axis] + (to - stroke[i - 1][axis]) * part / 4), 1);
        await mouse('mouseReleased', stroke[stroke.length - 1], 0);
    }
}

const shifted = (strokes, dx, dy = 0, scale = 1) => strokes.map(stroke => stroke.map(([x, y]) => [x * scale + dx, y * scale + dy]));
const ring = (x, y, rx, ry) => [Array.from({ length: 25 }, (_, i) => [x + rx * Math.sin(i / 24 * 2 * Math.PI), y - ry * Math.cos(i / 24 * 2 * Math.PI)])];
const SEVEN = [[[28, 24], [72, 22], [60, 45], [50, 62], [44, 82]]];
const ONE = [[[50, 18], [49, 40], [50, 60], [50, 82]]];
const CROSS = [[[25, 25], [75, 75]], [[75, 25], [25, 75]]];
const ring0 = ring(50, 50, 26, 30);

async function size(width, dark) {
    await tell('Emulation.setDeviceMetricsOverride', { width, height: 900, deviceScaleFactor: 1, mobile: width < 600 });
    await tell('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }] });
}

async function faultless(width, name = `${width} px`) {
    // A phone would make its window as wide as what sticks out.
    const wide = await run('document.documentElement.scrollWidth') - width;
    check(`${name}: nothing sticks out`, wide <= 0, `${wide} px`);
    const axe = path.join(tmp, 'node_modules/axe-core/axe.min.js');
    if (!fs.existsSync(axe)) return console.log(`skipped ${name}: axe-core is not here`);
    await run(fs.readFileSync(axe, 'utf8') + '; 0');
    const found = await run(`axe.run().then(found => found.violations.map(v => v.id + ' ' + v.nodes[0].html))`);
    check(`${name}: axe finds nothing`, !found.length, found.join('\n'));
}

const answered = label => until(`document.querySelector('#answer b')?.textContent === ${JSON.stringify(label)}`);

// --- what is tried -------------------------------------------------------------------

async function reads(width) {
    check(`${width} px: an empty sheet asks to be drawn on`, await until(`/Draw on the sheet/.test(document.getElementById('answer').innerText)`));
    await draw(SEVEN);
    check(`${width} px: a drawn 7 is read`, await answered('7'), await written('answer'));
    check(`${width} px: ten probabilities and two pictures`, await until(`document.querySelectorAll('#chances tbody tr').length === 10 &&
        [...document.querySelectorAll('#seen img')].filter(i => i.naturalWidth).length === 2`));
    await faultless(width);
}

async function numbers() {
    await run(`document.querySelector('[name=kind][value=number]').click()`);
    await draw([...shifted(ONE, 10), ...shifted(SEVEN, 60), ...shifted(ring0, 120)]);
    check('a drawn number is read', await answered('170'), await written('answer'));
    await run(`document.querySelector('[name=kind][value=digit]').click()`);
}

async function files() {
    const { root } = await tell('DOM.getDocument');
    const { nodeId } = await tell('DOM.querySelector', { nodeId: root.nodeId, selector: '#png' });
    await click('clear');
    await tell('DOM.setFileInputFiles', { nodeId, files: [path.resolve('tests/drawn/4', fs.readdirSync('tests/drawn/4')[0])] });
    check('a PNG file is read', await answered('4'), await written('answer'));
}

async function teaches() {
    for (const [label, strokes] of [['cross', CROSS], ['ring', ring0]])
        for (const [dx, dy, scale] of [[0, 0, 1], [8, 10, 0.8], [20, 16, 0.7]]) {
            await click('clear');
            await draw(shifted(strokes, dx, dy, scale));
            await run(`document.getElementById('label').value = '${label}'; document.getElementById('keep').requestSubmit()`);
            await until(`/Kept a drawing of “${label}”/.test(document.getElementById('training').innerText) && document.getElementById('answer').innerText.startsWith('Draw')`);
            await run(`document.getElementById('training').textContent = ''`);
        }
    check('six drawings are kept', (await written('kept')).replace(/\s+/g, ' ') === 'cross × 3 ring × 3', await written('kept'));
    await run(`window.frames_ = 0; (function next() { frames_++; requestAnimationFrame(next) })()`);
    await click('train');
    check('they train a model', await until(`/Trained for 20 epochs/.test(document.getElementById('training').innerText)`, 150), await written('training'));
    check('meanwhile the page goes on', await run('frames_') > 10, await run('frames_'));
    for (const [label, strokes] of [['cross', shifted(CROSS, 14, 8, 0.85)], ['ring', ring(47, 52, 20, 27)]]) {
        await click('clear');
        await draw(strokes);
        check(`it reads another ${label}`, await answered(label), await written('answer'));
    }
}

// Stopped as soon as its first epoch shows, and opened again from what was saved.
async function stops() {
    await run(`new MutationObserver(() => /Epoch 1 /.test(document.getElementById('training').innerText) &&
        document.getElementById('stop').click()).observe(document.getElementById('training'), { childList: true })`);
    await click('train');
    check('a training is stopped', await until(`/Trained for ([1-9]|1\\d) epochs/.test(document.getElementById('training').innerText)`), await written('training'));
    const { root } = await tell('DOM.getDocument');
    const { nodeId } = await tell('DOM.querySelector', { nodeId: root.nodeId, selector: '#open' });
    await tell('DOM.setFileInputFiles', { nodeId, files: [path.resolve('README.md')] });
    check('what is no database is refused', await until(`/not a database/.test(document.querySelector('#taken.error')?.innerText)`), await written('taken'));
    const sql = text => run(`query(${JSON.stringify(text)}).then(() => 0)`);
    await sql("CREATE TRIGGER keep BEFORE DELETE ON drawings BEGIN SELECT RAISE(ABORT, 'they stay'); END");
    await click('forget');
    check('drawings that cannot be forgotten are an error', await until(`/they stay/.test(document.querySelector('#training.error')?.innerText)`), await written('training'));
    await sql('DROP TRIGGER keep');
    await click('forget');
    check('drawings are forgotten', await until(`document.getElementById('kept').innerText === ''`));
    await tell('DOM.setFileInputFiles', { nodeId, files: [path.resolve(tmp, 'digitnet.db')] });
    check('the saved database is opened', await until(`/ring × 3/.test(document.getElementById('kept').innerText)`), await written('taken'));
}

async function asks() {
    await run(`document.getElementById('sql').value = 'SELECT 6 * 7 AS n; SELECT digit_show(digit_image(?1))'; document.getElementById('sql').focus()`);
    await tell('Input.dispatchKeyEvent', { type: 'keyDown', key: 'Enter', code: 'Enter', windowsVirtualKeyCode: 13, modifiers: 2 });
    check('SQL is answered, by the keyboard alone', await until(`/\\b42\\b[^]*[█▄▀]/.test(document.getElementById('rows').innerText)`));
    await run(`document.getElementById('sql').value = 'SELECT digit_predict(7)'; document.getElementById('ask').requestSubmit()`);
    check('an error is told', await until(`/digit_predict: .*INTEGER/.test(document.querySelector('#rows.error')?.innerText)`));
    await click('save');
    const file = path.join(tmp, 'digitnet.db');
    for (let i = 0; i < 100 && !fs.existsSync(file); i++) await new Promise(done => setTimeout(done, 100));
    check('the database is saved', fs.existsSync(file));
    await click('onnx');
    for (let i = 0; i < 100 && !fs.existsSync(path.join(tmp, 'mine.onnx')); i++) await new Promise(done => setTimeout(done, 100));
    check('the model is saved as ONNX', fs.existsSync(path.join(tmp, 'mine.onnx')));
}

async function offline(server) {
    await until(`caches.open('digitnet').then(cache => cache.keys()).then(keys => keys.some(key => /wasm$/.test(key.url)))`);
    server.closeAllConnections();
    await new Promise(done => server.close(done));
    complaints.length = 0;
    await tell('Page.reload');
    await new Promise(done => setTimeout(done, 300));
    check('it works without a network', await until(`/SQLite/.test(document.getElementById('about')?.innerText)`));
}

async function open(address) {
    await tell('Page.navigate', { url: address });
    await until(`document.readyState === 'complete' && /SQLite/.test(document.getElementById('about')?.innerText)`);
}

(async () => {
    const server = await serve(), address = `http://127.0.0.1:${server.address().port}/`;
    const { targetId } = await tell('Target.createTarget', { url: 'about:blank' });
    session = (await tell('Target.attachToTarget', { targetId, flatten: true })).sessionId;
    for (const domain of ['Page', 'Runtime', 'Log', 'DOM']) await tell(`${domain}.enable`);
    await tell('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: path.resolve(tmp) }).catch(() => {});
    await size(1120);
    await open(address);
    console.log(`        ${await written('about')}`);
    if (picture) {
        await draw(SEVEN);
        await answered('7');
        await until(`document.querySelectorAll('#seen img').length === 2`);
        await run('scrollTo(0, 0)');
        await tell('Emulation.setDeviceMetricsOverride', { width: 1120, height: 860, deviceScaleFactor: 1, mobile: false });
        await new Promise(done => setTimeout(done, 500));
        const { data } = await tell('Page.captureScreenshot', { format: 'png' });
        fs.writeFileSync(picture, Buffer.from(data, 'base64'));
        return server.close();
    }
    await reads(1120);
    await numbers();
    await files();
    await teaches();
    await asks();
    await stops();
    await faultless(1120, '1120 px, with rows');
    await size(1120, true);
    await faultless(1120, '1120 px, dark');
    check('nothing was complained of', !complaints.length, complaints.join('\n'));
    await size(390);
    await open(address);
    await reads(390);
    await offline(server);
})().catch(error => check('the test itself', false, error.stack)).finally(() => {
    chromium.kill();
    if (!picture) console.log(`${passed} passed, ${failed} failed`);
    process.exit(failed ? 1 : 0);
});
