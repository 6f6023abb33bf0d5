// peer_onnx.js - ONNX Runtime, as a peer of tests/bench/bench.c (see peer.h).
//
//     echo 'infer mlp 64 1 0.5' | ORT_DIR=/where/it/is/installed node peer_onnx.js FOLDER
//
// FOLDER holds NAME.onnx, as peer_torch.py writes them. onnxruntime-node is looked for in
// $ORT_DIR, then where node looks by itself. One session for each network and number of
// threads; one run has its cost in JavaScript, which is a part of what is measured.
'use strict';
const path = require('path');
const readline = require('readline');
const places = [process.env.ORT_DIR, process.cwd()].filter(Boolean);
const ort = require(require.resolve('onnxruntime-node', { paths: places }));
const folder = process.argv[2] || '.';
const sessions = {};

function session(name, threads) {
  const options = {
    intraOpNumThreads: threads, interOpNumThreads: 1, graphOptimizationLevel: 'all',
  };
  const key = `${name} ${threads}`;
  sessions[key] ||= ort.InferenceSession.create(path.join(folder, `${name}.onnx`), options);
  return sessions[key];
}

const seconds = () => Number(process.hrtime.bigint()) / 1e9;

async function infer(name, batch, threads, time) {
  const s = await session(name, threads);
  const data = new Float32Array(batch * 784).map((_, i) => (i % 29) / 29);
  const x = new ort.Tensor('float32', data, [batch, 1, 28, 28]);
  for (let i = 0; i < 3; i++) await s.run({ x });
  const start = seconds();
  let n = 0;
  do {
    for (let i = 0; i < 4; i++) await s.run({ x });
    n += 4;
  } while (seconds() - start < time);
  return (n * batch / (seconds() - start)).toFixed(1);
}

async function answer(words) {
  if (words[0] === 'version') {
    const file = require.resolve('onnxruntime-node', { paths: places });
    const root = file.slice(0, file.lastIndexOf('onnxruntime-node') + 'onnxruntime-node'.length);
    return `ONNX Runtime ${require(path.join(root, 'package.json')).version}`;
  }
  if (words[0] === 'net') return 'ok';
  if (words[0] === 'infer') return infer(words[1], ...words.slice(2).map(Number));
  return `error: cannot ${words[0]}`;
}

(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    let text;
    try {
      text = await answer(line.trim().split(/\s+/));
    } catch (problem) {
      text = 'error: ' + String(problem.message || problem).split('\n')[0];
    }
    process.stdout.write(text + '\n');
  }
})();
