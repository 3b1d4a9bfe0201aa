// Node's and the browser's part of try-anywhere. Usage: try-anywhere.mjs FOLDER NODE_MODULES BOUND
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { labels, latents } from "./latents.mjs";

const [folder, modules, bound] = process.argv.slice(2);
const scripts = dirname(fileURLToPath(import.meta.url));
const read = name => readFileSync(join(folder, name));
const facts = JSON.parse(read("facts.json"));
const java = { latents: read("latents"), labels: read("labels"), image: floats(read("image")), pixels: read("pixels") };
let failures = 0;

function floats(bytes) {
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function compare(where, runtime, made) {
  const same = Buffer.from(made.latents.buffer).equals(java.latents)
    && (facts.classes === 0 || Buffer.from(made.labels.buffer).equals(java.labels));
  let difference = 0, pixels = 0;
  java.image.forEach((value, i) => { difference = Math.max(difference, Math.abs(value - made.image[i])); });
  java.pixels.forEach((value, i) => { pixels += value !== made.pixels[i] ? 1 : 0; });
  const fits = made.image.length === java.image.length && made.pixels.length === java.pixels.length;
  const good = fits && same && difference <= Number(bound);
  failures += good ? 0 : 1;
  console.log(`${good ? "ok     " : "FAILED "} ${where} (${runtime}): latents ${same ? "the same bits as" : "DIFFER from"} Java's, `
    + `image within ${difference.toExponential(2)}, ${pixels} of ${java.pixels.length} pixels differ`);
  console.log(`figure anywhere.${where}.max_difference ${difference.toExponential(2)}`);
  console.log(`figure anywhere.${where}.pixels_differing ${pixels}`);
}

const seed = BigInt(facts.seed);
const made = {
  latents: latents(seed, 0, facts.rows, facts.prior),
  labels: labels(seed, 0, facts.rows, facts.classes),
};
const ort = createRequire(join(modules, "any.js"))("onnxruntime-node");
const session = await ort.InferenceSession.create(join(folder, "model.onnx"), { intraOpNumThreads: 1 });
const inputs = { latent: new ort.Tensor("float32", made.latents, [facts.rows, facts.prior.size]) };
if (facts.classes > 0) inputs.label = new ort.Tensor("int64", made.labels, [facts.rows]);
const { image, pixels } = await session.run(inputs);
compare("node", `node ${process.versions.node}, ONNX Runtime ${ort.env.versions.node}`,
  { ...made, image: image.data, pixels: pixels.data });

const chromium = ["chromium", "chromium-browser", "google-chrome"]
  .flatMap(name => process.env.PATH.split(delimiter).map(path => join(path, name))).find(existsSync);
if (chromium) {
  await browser();
} else {
  console.log("SKIPPED web: there is no Chromium here (Debian: apt-get install chromium)");
}
process.exit(failures === 0 ? 0 : 1);

/** Serves the page and what it needs to a Chromium, and waits for what it sends back. */
async function browser() {
  const types = { ".mjs": "text/javascript", ".html": "text/html", ".wasm": "application/wasm", ".json": "application/json" };
  const files = path =>
    path.startsWith("/ort/") ? join(modules, "onnxruntime-web", "dist", path.slice(5).replaceAll("/", ""))
      : ["/model.onnx", "/facts.json"].includes(path) ? join(folder, path)
        : ["/latents.mjs", "/try-anywhere.html"].includes(path) ? join(scripts, path) : "";
  const parts = {};
  let finish;
  const finished = new Promise(resolve => { finish = resolve; });
  const server = createServer((request, response) => {
    if (request.method === "POST") {
      const body = [];
      request.on("data", part => body.push(part)).on("end", () => {
        parts[request.url.slice(1)] = Buffer.concat(body);
        response.end();
        if (request.url === "/done" || request.url === "/problem") finish();
      });
      return;
    }
    const file = files(request.url);
    const found = file !== "" && existsSync(file);
    response.writeHead(found ? 200 : 404, { "content-type": types[extname(file)] ?? "application/octet-stream" });
    response.end(found ? readFileSync(file) : "");
  }).listen(0, "127.0.0.1");
  await new Promise(resolve => server.once("listening", resolve));
  const profile = mkdtempSync(join(tmpdir(), "try-anywhere-"));
  const page = `http://127.0.0.1:${server.address().port}/try-anywhere.html`;
  const child = spawn(chromium,
    ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`, page],
    { stdio: "ignore" });
  const ended = new Promise(resolve => child.once("exit", resolve));
  const timer = setTimeout(() => { parts.problem = Buffer.from("no answer in two minutes"); finish(); }, 120_000);
  await Promise.race([finished, ended]);
  clearTimeout(timer);
  child.kill();
  await ended;
  server.close();
  rmSync(profile, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  if (!parts.done) {
    failures++;
    console.log(`FAILED  web: ${parts.problem ?? "the browser ended without an answer"}`);
    return;
  }
  compare("web", parts.done, {
    latents: floats(parts.latents), labels: { buffer: parts.labels },
    image: floats(parts.image), pixels: parts.pixels,
  });
}
