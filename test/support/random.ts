/**
 * A stream of numbers from 0 to 1, the same for the same seed on every machine. Source: S. Vigna's SplitMix idea in 32
 * bits, with the finaliser of A. Appleby's MurmurHash3. Good enough to simulate runs, and not for anything else.
 */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    return ((mixed ^ (mixed >>> 16)) >>> 0) / 2 ** 32;
  };
}
