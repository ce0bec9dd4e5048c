/** A hash of a text in two unsigned 32-bit halves. Not for secrets: after a match the caller compares the texts. */
export interface TextHash {
  readonly high: number;
  readonly low: number;
}

/**
 * Two multiplicative lanes over the UTF-16 units, each finished by the mixing steps of MurmurHash3 (A. Appleby, public
 * domain: `fmix32`), so that the halves are close to uniform and independent. Hashes the text that a prefix and a rest
 * make up: joining them first would take longer than hashing.
 */
export function hashText(text: string, prefix = ""): TextHash {
  const length = prefix.length + text.length;
  let a = 0x9e3779b9 ^ length;
  let b = 0x7f4a7c15 ^ length;
  for (let index = 0; index < prefix.length; index += 1) {
    const unit = prefix.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b = (b << 13) | (b >>> 19);
  }
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    a = Math.imul(a ^ unit, 0x01000193);
    b = Math.imul(b ^ unit, 0x5bd1e995);
    b = (b << 13) | (b >>> 19);
  }
  return { high: mix(a ^ (b >>> 7)), low: mix(b ^ (a << 9)) };
}

function mix(bits: number): number {
  let h = bits;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
