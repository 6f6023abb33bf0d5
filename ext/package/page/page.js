// page.js - what is drawn goes to the worker as a PNG, and what SQL says of it is shown.
'use strict';

const $ = id => document.getElementById(id);
const create = (name, text, attributes) => Object.assign(document.createElement(name),
    text === undefined ? {} : { textContent: text }, attributes);

// --- the database --------------------------------------------------------------------

const worker = new Worker('worker.js');
const waiting = new Map();
let asked = 0;

// ask - an action of the worker: a promise of { result, ms }. row is called for each row.
function ask(action, more, row) {
    return new Promise((resolve, reject) => {
        waiting.set(++asked, { resolve, reject, row });
        worker.postMessage({ id: asked, do: action, ...more });
    });
}

worker.onmessage = ({ data }) => {
    const one = waiting.get(data.id);
    if ('row' in data) return one.row(data.row);
    waiting.delete(data.id);
    if ('error' in data) one.reject(new Error(data.error));
    else one.resolve(data);
};
worker.onerror = event => say('answer', event.message || 'The worker could not be loaded.', true);

const query = (sql, params) => ask('sql', { sql, params });

// objects - the rows of one result as objects.
const objects = result => !result ? [] : result.values.map(row =>
    Object.fromEntries(result.columns.map((name, i) => [name, row[i]])));

function say(id, text, bad) {
    $(id).textContent = text;
    $(id).classList.toggle('error', Boolean(bad));
}

// telling - a handler whose errors show in an element.
const telling = (id, handle) => async event => {
    try {
        await handle(event);
    } catch (error) {
        say(id, error.message, true);
    }
};

// --- the sheet -----------------------------------------------------------------------

const sheet = $('sheet'), pen = sheet.getContext('2d', { willReadFrequently: true });
let blank = true, pointer = null, number = false;

function wipe() {
    sheet.width = number ? 1120 : 560;
    sheet.height = 560;
    sheet.classList.toggle('number', number);
    pen.fillStyle = '#fff';
    pen.fillRect(0, 0, sheet.width, sheet.height);
    pen.strokeStyle = '#1d2430';
    pen.lineWidth = number ? 24 : 34;
    pen.lineCap = pen.lineJoin = 'round';
    blank = true;
}

function place(event) {
    const box = sheet.getBoundingClientRect();
    return [(event.clientX - box.left) * sheet.width / box.width,
        (event.clientY - box.top) * sheet.height / box.height];
}

sheet.onpointerdown = event => {
    if (pointer !== null || event.button) return;
    pointer = event.pointerId;
    sheet.setPointerCapture(pointer);
    pen.beginPath();
    pen.moveTo(...place(event));
    pen.lineTo(...place(event));
    pen.stroke();
    blank = false;
    event.preventDefault();
};
sheet.onpointermove = event => {
    if (event.pointerId !== pointer) return;
    for (const each of event.getCoalescedEvents && event.getCoalescedEvents().length
        ? event.getCoalescedEvents() : [event]) pen.lineTo(...place(each));
    pen.stroke();
    look();
};
sheet.onpointerup = sheet.onpointercancel = event => {
    if (event.pointerId !== pointer) return;
    pointer = null;
    look();
};

const png = async () => new Uint8Array(await (await new Promise(done => sheet.toBlob(done, 'image/png'))).arrayBuffer());

// show - a picture in the middle of the sheet, as large as fits.
async function show(file) {
    try {
        const picture = await createImageBitmap(file);
        wipe();
        const scale = Math.min(sheet.width / picture.width, sheet.height / picture.height);
        const width = picture.width * scale, height = picture.height * scale;
        pen.imageSmoothingQuality = 'high';
        pen.drawImage(picture, (sheet.width - width) / 2, (sheet.height - height) / 2, width, height);
        blank = false;
        look();
    } catch (error) {
        say('answer', `${file.name} is no picture that this browser can read.`, true);
    }
}

$('png').onchange = event => {
    if (event.target.files[0]) show(event.target.files[0]);
    event.target.value = '';
};
sheet.ondragover = event => { event.preventDefault(); sheet.classList.add('over'); };
sheet.ondragleave = () => sheet.classList.remove('over');
sheet.ondrop = event => {
    event.preventDefault();
    sheet.classList.remove('over');
    if (event.dataTransfer.files[0]) show(event.dataTransfer.files[0]);
};
$('clear').onclick = () => { wipe(); look(); };
for (const kind of document.getElementsByName('kind'))
    kind.onchange = () => { number = kind.value === 'number'; wipe(); look(); };

// --- the answer ----------------------------------------------------------------------

const ONE = `WITH sheet AS (
    SELECT digit_image(?1) AS pixels)
SELECT digit_predict(pixels, ?2) AS label,
    digit_confidence(pixels, ?2) AS sure,
    digit_probabilities(pixels, ?2) AS chances,
    digit_png(pixels, 4) AS seen,
    digit_saliency(pixels, ?2) AS why
FROM sheet`;
const MANY = `SELECT digit_read(?1, ?2) AS label,
    digit_read_confidence(?1, ?2) AS sure;
SELECT label, confidence AS sure,
    digit_png(pixels, 4) AS seen
FROM digit_find(?1, ?2)`;
const percent = p => p > 0.9995 && p < 1 ? 'over 99.9 %' : `${(100 * p).toFixed(1)} %`;

// look - asks about the sheet as it is; while an answer is awaited, of all that changes
// the last is asked for.
let looking = false, again = false;
async function look() {
    again = looking;
    if (looking) return;
    looking = true;
    try {
        const sql = number ? MANY : ONE;
        $('asked').textContent = sql;
        if (blank) nothing();
        else {
            const params = [await png(), $('model').value];
            const { result, ms } = await query(sql, params);
            number ? readMany(result) : readOne(result);
            say('speed', `${ms.toFixed(1)} ms for the query, in the worker.`);
        }
    } catch (error) {
        say('answer', error.message, true);
    }
    looking = false;
    if (again) look();
}

function nothing() {
    say('answer', 'Draw on the sheet, or open a PNG.');
    $('seen').replaceChildren();
    $('chances').hidden = true;
    say('speed', '');
}

function answer(label, confidence) {
    $('answer').classList.remove('error');
    $('answer').replaceChildren(create('b', label), ' ', create('span', `${percent(confidence)} sure`));
}

function figure(bytes, text) {
    const picture = create('img', undefined, { alt: text, src: URL.createObjectURL(new Blob([bytes], { type: 'image/png' })) });
    picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
    const whole = create('figure');
    whole.append(picture, create('figcaption', text));
    return whole;
}

function readOne(results) {
    const [row] = objects(results[0]);
    answer(row.label, row.sure);
    $('seen').replaceChildren(figure(row.seen, 'As the model saw it'),
        figure(row.why, 'Orange spoke for it, blue against'));
    const chances = Object.entries(JSON.parse(row.chances));
    $('chances').tBodies[0].replaceChildren(...chances.map(([label, chance]) => {
        const line = create('tr'), bar = create('i'), cell = create('td');
        bar.style.width = `${chance * 70}%`;
        cell.append(bar, create('span', percent(chance)));
        line.append(create('th', label, { scope: 'row' }), cell);
        return line;
    }));
    $('chances').hidden = false;
}

function readMany(results) {
    const [whole] = objects(results[0]), digits = objects(results[1]);
    if (whole.label === null) say('answer', 'No digits were found.');
    else answer(whole.label, whole.sure);
    $('seen').replaceChildren(...digits.map(one => figure(one.seen, `${one.label}, ${percent(one.sure)}`)));
    $('chances').hidden = true;
}

// --- teaching ------------------------------------------------------------------------

// count - the drawings that are kept, and the models that are there.
async function count() {
    const { result } = await query(`SELECT label, count(*) AS n FROM drawings GROUP BY label ORDER BY label`);
    const labels = objects(result[0]);
    $('kept').replaceChildren(...labels.map(one => create('li', `${one.label} × ${one.n}`)));
    $('train').disabled = labels.length < 2;
    $('forget').disabled = !labels.length;
    // The first training makes their table.
    const { result: table } = await query("SELECT 1 FROM sqlite_master WHERE name = 'digitnet_models'");
    const models = table.length ? (await query('SELECT DISTINCT name FROM digitnet_models ORDER BY name')).result : [];
    const names = ['builtin', ...objects(models[0]).map(one => one.name)], chosen = $('model').value;
    $('model').replaceChildren(...[...new Set(names)].map(name => create('option', name, { value: name })));
    $('model').value = chosen;
    if (!$('model').value) $('model').value = 'builtin';
}

$('keep').onsubmit = telling('training', async event => {
    event.preventDefault();
    const label = $('label').value.trim();
    if (blank || !label) return say('training', blank ? 'The sheet is empty: draw first.' : 'Say what it is.', true);
    await query('INSERT INTO drawings(label, png, pixels) VALUES (?1, ?2, digit_image(?2))', [label, await png()]);
    await count();
    say('training', `Kept a drawing of “${label}”.`);
    wipe();
    look();
});

const TRAIN = `SELECT epoch, epochs, loss, accuracy FROM train_model('drawings', 'mine')
WHERE start = 'builtin' AND epochs = 20 AND augment = 1`;

$('train').onclick = telling('training', async () => {
    $('train').disabled = true;
    $('stop').hidden = false;
    try {
        let last;
        const { ms } = await ask('rows', { sql: TRAIN }, row => {
            last = row;
            say('training', `Epoch ${row.epoch} of 20, loss ${row.loss.toFixed(3)}`);
        });
        await count();
        $('model').value = 'mine';
        say('training', `Trained for ${last.epoch} epochs in ${(ms / 1000).toFixed(1)} s: the model “mine” answers now.`);
        look();
    } finally {
        $('stop').hidden = true;
        $('train').disabled = false;
    }
});
$('stop').onclick = () => worker.postMessage({ do: 'stop' });

$('forget').onclick = telling('training', async () => {
    await query('DELETE FROM drawings');
    await count();
    say('training', 'The drawings are forgotten.');
    $('label').focus();
});
$('model').onchange = look;

// --- SQL -----------------------------------------------------------------------------

const EXAMPLES = {
    'Which digit, and how sure': 'SELECT digit_predict(?1), digit_confidence(?1);',
    'The image in letters': 'SELECT digit_show(digit_image(?1));',
    'Your drawings': 'SELECT id, label, digit_predict(pixels) AS builtin_says, png FROM drawings;',
    'Models, after a training': 'SELECT name, version, epochs, loss, accuracy, layers, bytes FROM digitnet_models;',
    'Train a small network on digits drawn by code': `CREATE TABLE images AS SELECT * FROM synthetic_digits(1000);
SELECT epoch, loss, holdout_accuracy FROM train_model('images', 'small')
WHERE layers = 'mlp' AND epochs = 5;`,
    'Everything that can be called': "SELECT DISTINCT name FROM pragma_function_list WHERE name LIKE 'digit%' OR name LIKE '%_model' ORDER BY name;",
};
$('example').append(...Object.keys(EXAMPLES).map(name => create('option', name)));
$('example').onchange = () => { $('sql').value = EXAMPLES[$('example').value]; };
$('example').onchange();

function value(it) {
    const cell = create('td');
    if (!(it instanceof Uint8Array)) cell.textContent = it === null ? 'NULL' : it;
    else if (it[0] === 0x89 && it[1] === 0x50 && it[2] === 0x4e)
        cell.append(figure(it, `PNG, ${it.length} bytes`));
    else cell.textContent = `${it.length} bytes`;
    return cell;
}

const SHOWN = 200;
function table(result) {
    const whole = create('table'), head = whole.createTHead().insertRow(), body = whole.createTBody();
    head.append(...result.columns.map(name => create('th', name, { scope: 'col' })));
    for (const row of result.values.slice(0, SHOWN)) body.insertRow().append(...row.map(value));
    whole.createCaption().textContent = result.values.length > SHOWN
        ? `${result.values.length} rows, of which these are the first ${SHOWN}`
        : `${result.values.length} ${result.values.length === 1 ? 'row' : 'rows'}`;
    return whole;
}

$('ask').onsubmit = telling('rows', async event => {
    event.preventDefault();
    say('rows', 'Running …');
    const sql = $('sql').value;
    const { result, ms } = await query(sql, /\?1/.test(sql) ? [await png()] : null);
    $('rows').replaceChildren(...result.map(table), create('p', `${ms.toFixed(1)} ms`, { className: 'hint' }));
    await count();
});
$('sql').onkeydown = event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
        event.preventDefault();
        $('ask').requestSubmit();
    }
};

// --- take along ----------------------------------------------------------------------

function download(bytes, name) {
    const link = create('a', undefined, { download: name, href: URL.createObjectURL(new Blob([bytes])) });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say('taken', `${name}: ${(bytes.length / 1024).toFixed(0)} KB`);
}

$('save').onclick = telling('taken', async () => download((await ask('save')).result, 'digitnet.db'));
$('onnx').onclick = telling('taken', async () => {
    const model = $('model').value;
    const { result } = await query('SELECT export_model(?1)', [model]);
    download(result[0].values[0][0], `${model}.onnx`);
});
$('open').onchange = telling('taken', async event => {
    const [file] = event.target.files;
    if (!file) return;
    event.target.value = '';
    await ask('open', { bytes: new Uint8Array(await file.arrayBuffer()) });
    await count();
    say('taken', `${file.name} is open.`);
    look();
});

// --- start ---------------------------------------------------------------------------

// store - for the next time, when there may be no network: offline.js keeps the page, and
// the module that ran is put beside it.
async function store(variant) {
    if (!('serviceWorker' in navigator)) return;
    await navigator.serviceWorker.register('offline.js');
    await navigator.serviceWorker.ready;
    await (await caches.open('digitnet')).add(`digitnet-${variant}.wasm`);
}

// On a phone the answer comes first.
document.querySelector('details').open = matchMedia('(min-width: 760px)').matches;
wipe();
ask('about').then(({ result }) => {
    say('about', `SQLite ${result.version}; ` + (result.variant === 'fused'
        ? 'fused multiply-adds by relaxed SIMD.' : 'fused multiply-adds computed in software: this is slow.'));
    look();
    store(result.variant).catch(() => {}); // then it needs the network
    return count();
}).catch(error => say('answer', error.message, true));
