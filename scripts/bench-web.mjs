// The part of bench-web that runs in Node. Usage: bench-web.mjs NODE_MODULES BATCH FILE...
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const ROUNDS = 9;
const MILLISECONDS = 300;

const [modules, batchText, ...files] = process.argv.slice(2);
const batch = Number(batchText);
const dist = join(modules, "onnxruntime-web", "dist/");
const ort = await import(pathToFileURL(join(dist, "ort.wasm.min.mjs")));
ort.env.wasm.wasmPaths = pathToFileURL(dist).href;
ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

/** Numbers in -1 to 1, the same in every run; how fast a graph is does not depend on them. */
function latents(count) {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * 12.9898));
}

const timed = [];
for (const file of files) {
  const session = await ort.InferenceSession.create(readFileSync(file));
  const inputs = {};
  for (const { name, type, shape } of session.inputMetadata) {
    const columns = shape.slice(1).reduce((product, size) => product * size, 1);
    inputs[name] = type === "int64"
      ? new ort.Tensor("int64", BigInt64Array.from({ length: batch }, (_, i) => BigInt(i % 10)), [batch])
      : new ort.Tensor("float32", latents(batch * columns), [batch, columns]);
  }
  timed.push({ file, session, inputs, rates: [] });
}

/** CPU time, so that other work on the machine shows less. */
async function rate({ session, inputs }) {
  const start = process.cpuUsage();
  const end = performance.now() + MILLISECONDS;
  let count = 0;
  do {
    await session.run(inputs);
    count += batch;
  } while (performance.now() < end);
  return count / (process.cpuUsage(start).user / 1e6);
}

for (let round = -1; round < ROUNDS; round++) {
  for (const one of timed) {
    const images = await rate(one);
    if (round >= 0) one.rates.push(images); // the first round warms up
  }
}
const median = numbers => [...numbers].sort((a, b) => a - b)[numbers.length >> 1];
const first = await image(timed[0]);
for (const [at, one] of timed.entries()) {
  const ratios = one.rates.map((value, round) => value / timed[0].rates[round]);
  const made = await image(one);
  const difference = made.reduce((most, value, i) => Math.max(most, Math.abs(value - first[i])), 0);
  console.log(`${one.file} batch ${batch}: ${median(one.rates).toFixed(1)} images/s, `
    + `${median(ratios).toFixed(3)} (${Math.min(...ratios).toFixed(3)} to ${Math.max(...ratios).toFixed(3)}) of the first, `
    + `largest difference ${difference.toExponential(2)}`);
  console.log(`figure web.${at + 1}.ratio ${median(ratios).toFixed(3)}`);
}

async function image({ session, inputs }) {
  return (await session.run(inputs)).image.data;
}
