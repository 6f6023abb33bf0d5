// ort.js - compares what ONNX Runtime says of images with what digitnet says of them.
//
//     sqlite3 … "SELECT hex(digit_image(pixels)) || ' ' ||
//         digit_probabilities(pixels) …" | node tests/onnx/ort.js FILE.onnx [nhwc]
//
// A line an image: its float32 values [h][w][c] in hex, and the probabilities as JSON, in
// the order of the classes. The file's input is [N, C, H, W], or with nhwc as the image
// lies; its dimensions but the first are taken as they come. An output that is no set of
// probabilities is taken for logits. Prints the largest difference; status 1 if it is
// above 1e-5.
//
// SIGMOID=1: outputs are taken as they are, for they need not add up to 1.
// ORT_ENGINE=onnxruntime-web takes the one that runs in browsers.
'use strict';
const fs = require('fs');
const readline = require('readline');
const places = [process.env.ORT_DIR, process.cwd()].filter(Boolean);
const engine = process.env.ORT_ENGINE || 'onnxruntime-node';
const ort = require(require.resolve(engine, { paths: places }));
const [file, shape, order, fixed] = process.argv.slice(2);
const [h, w, c] = shape.split('x').map(Number);
const size = h * w * c;

// From [h][w][c] to the order that the file wants.
function turned(image) {
  if (order !== 'chw' || c === 1) return image;
  const out = new Float32Array(size);
  for (let k = 0; k < c; k++)
    for (let i = 0; i < h * w; i++) out[k * h * w + i] = image[i * c + k];
  return out;
}

function probabilities(row) {
  if (process.env.SIGMOID) return row;
  const sum = row.reduce((a, b) => a + b, 0);
  if (row.every((v) => v >= 0) && Math.abs(sum - 1) < 1e-3) return row;
  const top = Math.max(...row), e = row.map((v) => Math.exp(v - top));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / total);
}

(async () => {
  const session = await ort.InferenceSession.create(fs.readFileSync(file), {
    intraOpNumThreads: 1, interOpNumThreads: 1,
  });
  const [input] = session.inputNames, [output] = session.outputNames;
  const dims = fixed.split('x').map(Number);
  let images = [], ours = [], n = 0, worst = 0;
  async function run() {
    if (!images.length) return;
    const data = new Float32Array(images.length * size);
    images.forEach((image, i) => data.set(turned(image), i * size));
    const tensor = new ort.Tensor('float32', data, [images.length, ...dims]);
    const result = (await session.run({ [input]: tensor }))[output];
    const classes = result.data.length / images.length;
    ours.forEach((p, i) => {
      const theirs = probabilities(Array.from(result.data.slice(i * classes, (i + 1) * classes)));
      if (theirs.length !== p.length) throw new Error('other classes');
      theirs.forEach((v, k) => { worst = Math.max(worst, Math.abs(v - p[k])); });
    });
    n += images.length;
    images = [];
    ours = [];
  }
  const batch = Number(process.env.BATCH || 64);
  for await (const line of readline.createInterface({ input: process.stdin })) {
    const [hex, json] = [line.slice(0, line.indexOf(' ')), line.slice(line.indexOf(' ') + 1)];
    const bytes = Buffer.from(hex, 'hex');
    if (bytes.length !== 4 * size) throw new Error(`an image of ${bytes.length} bytes`);
    images.push(Float32Array.from({ length: size }, (_, i) => bytes.readFloatLE(4 * i)));
    // Keys that are numbers would be sorted by JSON.parse: take the values as they stand.
    ours.push(json.match(/:(-?[0-9.e+-]+)[,}]/g).map((v) => Number(v.slice(1, -1))));
    if (images.length === batch) await run();
  }
  await run();
  const good = n > 0 && worst <= 1e-5;
  console.log(`${file.replace(/.*\//, '').padEnd(20)} ${String(n).padStart(6)} images, ` +
    `largest difference ${worst.toExponential(1)}` +
    `${engine.endsWith('web') ? ' by onnxruntime-web' : ''}${good ? '' : '  FAILED'}`);
  process.exit(good ? 0 : 1);
})().catch((error) => { console.log(`${file}: ${error.message}`); process.exit(1); });
