// A small proof of work for forms that strangers send: finds the number whose SHA-256, together with the
// form's challenge, begins with enough zero bits. Written out because crypto.subtle needs HTTPS, and one
// call of it takes longer than the hash.

const SLICE = 1500; // hashes between two looks at the page

const K = new Uint32Array(64);
const H = new Uint32Array(8);
for (let prime = 2, i = 0; i < 64; prime += 1) {
  if ([...Array(prime).keys()].slice(2).some((n) => prime % n === 0)) continue;
  const bits = (root) => ((root - Math.floor(root)) * 2 ** 32) | 0;
  if (i < 8) H[i] = bits(Math.sqrt(prime));
  K[i] = bits(Math.cbrt(prime));
  i += 1;
}

const words = new Uint32Array(64);
const turn = (x, n) => (x >>> n) | (x << (32 - n));

function compress(state) {
  for (let i = 16; i < 64; i += 1) {
    const a = words[i - 15], b = words[i - 2];
    const s0 = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3), s1 = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = words[i - 16] + s0 + words[i - 7] + s1;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25), s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] += value; });
}

/** The SHA-256 of an ASCII text, as eight words. */
export function sha256(text) {
  const state = H.slice(), length = text.length, blocks = Math.ceil((length + 9) / 64);
  for (let block = 0; block < blocks; block += 1) {
    for (let i = 0; i < 16; i += 1) {
      let word = 0;
      for (let j = 0; j < 4; j += 1) {
        const at = block * 64 + i * 4 + j;
        word = (word << 8) | (at < length ? text.charCodeAt(at) : at === length ? 0x80 : 0);
      }
      words[i] = word;
    }
    if (block === blocks - 1) words[15] = length * 8;
    compress(state);
  }
  return state;
}

const pause = () => new Promise((done) => { setTimeout(done); });

/** The solution of a challenge: `challenge:number`. */
export async function solve(challenge) {
  const bits = Number(challenge.split(".")[1]);
  for (let number = 0; ; number += 1) {
    const text = `${challenge}:${number}`;
    if (bits === 0 || Math.clz32(sha256(text)[0]) >= bits) return text;
    if (number % SLICE === SLICE - 1) await pause();
  }
}

// Begins as soon as somebody touches the form, and is done before he has written a word.
for (const field of document.querySelectorAll("input[data-challenge]")) {
  let working = null;
  const begin = () => {
    working ??= solve(field.dataset.challenge).then((found) => { field.value = found; });
    return working;
  };
  field.form.addEventListener("focusin", begin, { once: true });
  field.form.addEventListener("submit", (event) => {
    if (field.value) return;
    event.preventDefault();
    begin().then(() => field.form.requestSubmit(event.submitter));
  });
}
