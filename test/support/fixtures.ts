import { readFileSync } from "node:fs";

/** Reads a fixture; the caller says what is in it, for fixtures are written by hand or by the reference. */
export function readFixture<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), "utf8"));
}
