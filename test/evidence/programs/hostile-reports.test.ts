import { execFile } from "node:child_process";
import { createReadStream, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readJunit } from "../../../src/evidence/reports/junit.ts";
import { readTap } from "../../../src/evidence/reports/tap.ts";
import { readVitest } from "../../../src/evidence/reports/vitest.ts";
import { bundleProgram } from "../../support/bundle.ts";
import { temporaryFolder } from "../../support/places.ts";

const MIB = 1024 * 1024;
const laughs = `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY l0 "ha">${Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join("")}]><testsuite name="&l9;"><testcase/></testsuite>`;
const nested = (depth: number) => `${"<testsuite>".repeat(depth)}<testcase/>${"</testsuite>".repeat(depth)}`;

test.each([
  ["billion laughs", laughs, /DOCTYPE/],
  ["an external entity", '<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite>&e;</testsuite>', /DOCTYPE/],
  ["a DOCTYPE in small letters", "<!doctype testsuite><testsuite/>", /DOCTYPE/],
  ["a DOCTYPE without end", `<!DOCTYPE a ${"x".repeat(3 * MIB)}`, /more than 1048576|cut off/],
  ["an unknown entity", "<testsuite>&nbsp;</testsuite>", /well-formed/],
  ["an entity named as a method", "<testsuite>&constructor;&toString;</testsuite>", /well-formed/],
  ["a number of no sign", "<testsuite>&#x110000;</testsuite>", /well-formed/],
  ["too deep", nested(64), /64 deep/],
  ["cut off", '<testsuites><testsuite><testcase name="a"', /cut off/],
  ["cut off between two elements", "<testsuites><testsuite></testsuite>", /cut off/],
  ["two roots", "<testsuite/><testsuite/>", /second|cut off/],
  ["elements that cross", "<testsuites><testsuite></testsuites></testsuite>", /well-formed/],
  ["an attribute that trips the library", '<testsuite hasOwnProperty="1" a="1"/>', /well-formed/],
  ["many attributes", `<testsuite ${Array.from({ length: 300 }, (_, n) => `a${n}=""`).join(" ")}/>`, /256 attributes/],
  ["a long attribute", `<testsuite name="${"a".repeat(3 * MIB)}"/>`, /more than 1048576/],
  ["an attribute of 65 MiB", `<testsuite name="${"a".repeat(65 * MIB)}"/>`, /larger than 64 MiB/],
  ["another form of XML", '<assemblies><assembly total="1"/></assemblies>', /neither testsuites nor testsuite/],
  ["no XML", "4 passed in 0.1s", /well-formed/],
  ["empty", "", /empty/],
  ["empty but for white space", " \n", /empty/],
  ["only a byte order mark", "\ufeff", /empty/],
])("JUnit is refused: %s", async (_, xml, reason) => {
  await expect(readJunit(xml)).rejects.toMatchObject({
    code: "INVALID_ARGUMENT",
    message: expect.stringMatching(reason),
    hint: expect.stringMatching(/\.$/),
  });
});

test("a document of just the depth that is taken", async () => {
  expect(await readJunit(nested(63))).toMatchObject({ tests: 1, success: true });
});

test.each([
  ["UTF-16", Buffer.from("\ufeff<testsuite><testcase/></testsuite>", "utf16le")],
  ["Latin-1", Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><testsuite name="\u00e9"/>', "latin1")],
  ["a sign that is cut off", Buffer.concat([Buffer.from("<testsuite/>"), Buffer.from([0xe2, 0x82])])],
])("a report that is not UTF-8 is refused: %s", async (_, bytes) => {
  const file = join(temporaryFolder(), "report.xml");
  writeFileSync(file, bytes);
  await expect(readJunit(createReadStream(file))).rejects.toMatchObject({ message: "The report is not in UTF-8." });
});

test("what is beyond the largest report is not read", async () => {
  let read = 0;
  async function* endless() {
    for (;;) {
      read += 1;
      // Of few lines: how much it is counts.
      yield Buffer.alloc(MIB, `# ${"more ".repeat(1_000)}\n`);
    }
  }
  await expect(readTap(endless())).rejects.toMatchObject({ message: "The report is larger than 64 MiB." });
  expect(read).toBe(65);
});

test.each([
  ["no plan", "ok 1\nok 2\n", /cut off/],
  ["no TAP", "4 passed\n", /no TAP/],
  ["cut off in a block of YAML", "ok 1\n  ---\n  a: b\n1..1\n", /cut off/],
  ["two reports in one", "1..1\nok 1\n1..1\nok 1\n", /two plans/],
  ["empty", "\n", /empty/],
])("TAP is refused: %s", async (_, tap, message) => {
  await expect(readTap(tap)).rejects.toMatchObject({ message: expect.stringMatching(message) });
});

test.each([
  ["cut off", '{"success":true,"numTotalTests":1,"testResults":[{', /cut off/],
  ["another form", '{"tests":[]}', /none of vitest or jest/],
  ["an array", "[{}]", /none of vitest or jest/],
  ["two in one", '{"success":true}{"success":true}', /no JSON/],
  ["brackets that cross", '{"testResults":[}', /no JSON/],
  ["a long text at the top", `{"a":"${"a".repeat(2 * MIB)}"}`, /too much/],
])("JSON is refused: %s", async (_, json, message) => {
  await expect(readVitest(json)).rejects.toMatchObject({ message: expect.stringMatching(message) });
});

let program: ReturnType<typeof bundleProgram>;
beforeAll(() => {
  program = bundleProgram(new URL("report-memory-program.ts", import.meta.url));
});
afterAll(() => program.remove());

test.each(["junit", "tap", "vitest"])("60 MiB of %s take less than 200 MB", async (runner) => {
  const { stdout } = await promisify(execFile)(process.execPath, [program.path, runner]);
  const { maxMegabytes, tests } = JSON.parse(stdout);
  expect(tests).toBeGreaterThan(50_000);
  expect(maxMegabytes).toBeLessThan(200);
});
