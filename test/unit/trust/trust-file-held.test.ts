import { existsSync, mkdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { TrustFile } from "../../../src/trust/trust-file.ts";
import { temporaryFolder } from "../../support/places.ts";

// The trust file stands in a home, where other processes write it as well, and anything may lie in its place.

afterEach(() => vi.restoreAllMocks());

function trustFile() {
  const folder = join(temporaryFolder(), "state");
  mkdirSync(folder, { mode: 0o700 });
  return { file: new TrustFile({ folder, home: undefined }), path: join(folder, "trust.json") };
}

const root = (index: number) => ({ path: "/p", id: `${index}`.padStart(32, "0"), notes: "n".repeat(100) });

test.each([
  ["a folder", (path: string) => mkdirSync(path)],
  ["a link", (path: string) => symlinkSync("elsewhere", path)],
])("%s in the place of the next one is refused at once, and stays", (_, put) => {
  const { file, path } = trustFile();
  put(`${path}.new`);
  const wait = vi.spyOn(Atomics, "wait");
  expect(() => file.update((content) => content)).toThrow(`${path}.new is no plain file`);
  expect(wait).not.toHaveBeenCalled();
  expect(existsSync(path)).toBe(false);
});

test("what another process has just begun is waited for once, and not by each thing that is to be kept", () => {
  const { file, path } = trustFile();
  writeFileSync(`${path}.new`, "");
  let now = performance.now();
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const wait = vi.spyOn(Atomics, "wait").mockImplementation(() => {
    now += 500;
    return "timed-out";
  });
  const change = () => file.update((content) => content);
  expect(change).toThrow(`another process keeps ${path}.new`);
  expect(wait).toHaveBeenCalledTimes(7);
  for (let attempt = 0; attempt < 5; attempt += 1) expect(change).toThrow(`another process keeps ${path}.new`);
  expect(wait.mock.calls.length).toBeLessThan(14);
  now += 60_000;
  renameSync(`${path}.new`, `${path}.done`);
  expect(change()).toEqual({ version: 1, roots: [] });
});

test("a process that was held up until it was taken for dead puts nothing in the place of what another has begun", () => {
  const { file, path } = trustFile();
  file.update((content) => ({ ...content, roots: [root(1)] }));
  const late = () =>
    file.update((content) => {
      renameSync(`${path}.new`, `${path}.taken-away`);
      writeFileSync(`${path}.new`, "half of what anoth");
      return { ...content, roots: [root(2)] };
    });
  expect(late).toThrow(`another process has taken ${path}.new for left behind`);
  expect(readFileSync(`${path}.new`, "utf8")).toBe("half of what anoth");
  expect(file.read().roots).toEqual([root(1)]);
});

test("nothing is kept that would be more than is read", () => {
  const { file, path } = trustFile();
  const roots = Array.from({ length: 1_000 }, (_, index) => root(index));
  file.update((content) => ({ ...content, roots }));
  const many = Array.from({ length: 10 }, () => roots).flat();
  expect(() => file.update((content) => ({ ...content, roots: many }))).toThrow("would be larger than 1048576 bytes");
  expect(file.read().roots).toHaveLength(1_000);
  expect(existsSync(`${path}.new`)).toBe(false);
});

test.each([
  ["brackets", "[".repeat(3_000_000)],
  ["roots that are none", `{"version": 1, "roots": [${"1,".repeat(700_000)}1]}`],
])("a file of %s is more than is read", (_, text) => {
  const { file, path } = trustFile();
  writeFileSync(path, text, { mode: 0o600 });
  expect(() => file.read()).toThrow("is larger than 1048576 bytes");
});

test("what is read again is what stands there now, the same and another", () => {
  const { file, path } = trustFile();
  const put = (text: string) => writeFileSync(path, text, { mode: 0o600 });
  put('{"version": 1, "roots": [1]}');
  expect([file.read().roots, file.read().roots]).toEqual([[1], [1]]);
  put("[".repeat(100_000));
  for (let time = 0; time < 3; time += 1) expect(() => file.read()).toThrow("is not JSON");
  put('{"version": 1, "roots": [2]}');
  expect(file.read().roots).toEqual([2]);
});
