/** How runners name a test that has failed, each on a line of its own. */
const forms: readonly RegExp[] = [
  // pytest: at its end, and as it goes if it is told to say more.
  /^(?:FAILED|ERROR) (\S{1,300}::\S{1,300})(?: - .*)?$/,
  /^(\S{1,300}::\S{1,300}) (?:FAILED|ERROR)(?: +\[ *\d{1,3}%\])?$/,
  // unittest
  /^(?:FAIL|ERROR): (\w{1,200} \([\w.]{1,300}\))/,
  // vitest, and jest behind its bullet
  /^FAIL {1,2}(\S{1,300} > .{1,300})$/,
  /^● (.{1,300} › .{1,300})$/,
  // go, cargo, exunit, rspec
  /^--- FAIL: (\S{1,300}) \(/,
  /^test (\S{1,300}) \.\.\. FAILED$/,
  /^\d{1,6}\) test (.{1,300} \([\w.]{1,200}\))$/,
  /^rspec (\S{1,300})(?: # .*)?$/,
];

/** More names are not compared: then what is new among the rest stays unknown. */
const MOST_NAMES = 2000;

/**
 * The names of the tests that have failed, as their runner wrote them; `undefined` if there are more than are compared.
 * They stay in memory: names of tests are not kept.
 *
 * @param output Plain text: see `plainOutput`.
 */
export function failingTests(output: string): ReadonlySet<string> | undefined {
  const names = new Set<string>();
  for (const line of output.split("\n")) {
    if (line.length > 1000 || !/FAIL|ERROR|^\s*(?:●|rspec|\d+\) test)/.test(line)) continue;
    const name = forms.map((form) => form.exec(line.trim())?.[1]).find((found) => found !== undefined);
    if (name !== undefined) names.add(name);
    if (names.size > MOST_NAMES) return undefined;
  }
  return names;
}
