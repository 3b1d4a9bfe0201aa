// Djinn's latents in JavaScript: sample i of seed s is the same picture here, in Java and on a server.
//
//   import { latents, labels } from "./latents.mjs";
//   const prior = JSON.parse(metadata["djinn.latent"]); // {size, distribution, low, high}
//   const z = new ort.Tensor("float32", latents(42n, 0, 16, prior), [16, prior.size]);
//
// Philox4x32-10 under the key s on the counter (i low, i high, block, stream) gives four words; word
// x is the uniform (x + ½) / 2³², spread over the bounds or put through AS 241's inverse normal.

const LATENT = 0, LABEL = 1;
const word = (value, at) => Number(BigInt.asUintN(32, BigInt(value) >> BigInt(32 * at)));

/** The latents of `count` samples from number `first` on: Float32Array, row by row. */
export function latents(seed, first, count, prior) {
  const out = new Float32Array(count * prior.size);
  for (let row = 0; row < count; row++) {
    for (let j = 0; j < prior.size; j += 4) {
      const words = philox(seed, BigInt(first) + BigInt(row), j / 4, LATENT);
      for (let k = 0; k < 4 && j + k < prior.size; k++) {
        const u = (words[k] + 0.5) / 2 ** 32;
        out[row * prior.size + j + k] = // stored as a float: the one rounding
          prior.distribution === "normal" ? normal(u) : prior.low + u * (prior.high - prior.low);
      }
    }
  }
  return out;
}

/** The labels of those samples where nobody states one: BigInt64Array. */
export function labels(seed, first, count, classes) {
  return BigInt64Array.from({ length: count }, (_, row) =>
    BigInt(Math.floor((philox(seed, BigInt(first) + BigInt(row), 0, LABEL)[0] + 0.5) / 2 ** 32 * classes)));
}

/** Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (2011). */
function philox(seed, index, block, stream) {
  let k0 = word(seed, 0), k1 = word(seed, 1);
  let [c0, c1, c2, c3] = [word(index, 0), word(index, 1), block, stream];
  for (let round = 0; round < 10; round++) {
    const a = 0xD2511F53, b = 0xCD9E8D57;
    [c0, c1, c2, c3] = [
      (high(b, c2) ^ c1 ^ k0) >>> 0, Math.imul(b, c2) >>> 0,
      (high(a, c0) ^ c3 ^ k1) >>> 0, Math.imul(a, c0) >>> 0];
    k0 = (k0 + 0x9E3779B9) >>> 0;
    k1 = (k1 + 0xBB67AE85) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** The upper 32 bits of a product, in parts that a double holds exactly. */
function high(a, b) {
  const ah = a >>> 16, al = a & 0xFFFF, bh = b >>> 16, bl = b & 0xFFFF;
  const middle = ah * bl + Math.floor((al * bl) / 65536);
  return ah * bh + Math.floor(middle / 65536) + Math.floor((al * bh + middle % 65536) / 65536);
}

/** PPND7 of Wichura's AS 241. */
function normal(p) {
  const q = p - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return q * (((59.109374720 * r + 159.29113202) * r + 50.434271938) * r + 3.3871327179)
      / (((67.187563600 * r + 78.757757664) * r + 17.895169469) * r + 1.0);
  }
  const r = Math.sqrt(-log(Math.min(p, 1 - p))) - 1.6;
  const distance = (((0.17023821103 * r + 1.3067284816) * r + 2.7568153900) * r + 1.4234372777)
    / ((0.12021132975 * r + 0.73700164250) * r + 1.0);
  return q < 0 ? -distance : distance;
}

/** fdlibm's logarithm, for x below ½: Math.log may differ in the last bit from browser to browser. */
function log(x) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, x);
  const upper = view.getUint32(0), fraction = upper & 0xFFFFF;
  const carry = (fraction + 0x95F64) & 0x100000; // brings x into [√½, √2)
  const k = (upper >> 20) - 1023 + (carry >> 20);
  view.setUint32(0, fraction | (carry ^ 0x3FF00000));
  const f = view.getFloat64(0) - 1;
  const LN2_HIGH = 0.6931471803691238, LN2_LOW = 1.9082149292705877e-10;
  if (((2 + fraction) & 0xFFFFF) < 3) { // |f| < 2⁻²⁰
    const r = f * f * (0.5 - 0.3333333333333333 * f);
    return f === 0 ? k * LN2_HIGH + k * LN2_LOW : k * LN2_HIGH - ((r - k * LN2_LOW) - f);
  }
  const s = f / (2 + f), z = s * s, w = z * z;
  const r = z * (0.6666666666666735 + w * (0.2857142874366239 + w * (0.1818357216161805 + w * 0.14798198605116586)))
    + w * (0.3999999999940942 + w * (0.22222198432149784 + w * 0.15313837699209373));
  if (((fraction - 0x6147A) | (0x6B851 - fraction)) > 0) {
    const half = 0.5 * f * f;
    return k * LN2_HIGH - ((half - (s * (half + r) + k * LN2_LOW)) - f);
  }
  return k * LN2_HIGH - ((s * (f - r) - k * LN2_LOW) - f);
}
