import { readFileSync, writeSync } from "node:fs";
import { readJunit } from "../../../src/evidence/reports/junit.ts";
import { readTap } from "../../../src/evidence/reports/tap.ts";
import { readVitest } from "../../../src/evidence/reports/vitest.ts";

/** Reads 60 MiB of reports of one runner, and says how much memory the process had at most. Argument: the runner. */
const words = "some output of a test that is as long as such lines are. ".repeat(4);
const forms = {
  junit: {
    read: readJunit,
    begin: "<testsuites><testsuite>",
    test: `<testcase name="a &amp; b"><failure message="${words}">${words}</failure><system-out><![CDATA[${words}]]></system-out></testcase>\n`,
    end: () => "</testsuite></testsuites>",
  },
  tap: {
    read: readTap,
    begin: "TAP version 14\n",
    test: `ok - ${words}\n  ---\n  message: ${words}\n  ...\n`,
    end: (tests: number) => `1..${tests}\n`,
  },
  vitest: {
    read: readVitest,
    begin: '{"testResults":[{}',
    test: `,{"name":"a","assertionResults":[{"title":"${words}","failureMessages":["${words}"]}]}\n`,
    end: (tests: number) => `],"success":true,"numTotalTests":${tests},"numFailedTests":0,"numFailedTestSuites":0}`,
  },
};

async function* report({ begin, end, test }: (typeof forms)["tap"]) {
  const many = 64;
  const part = Buffer.from(test.repeat(many));
  yield Buffer.from(begin);
  let tests = 0;
  for (let bytes = 0; bytes < 60 * 1024 * 1024; bytes += part.length) {
    tests += many;
    yield part;
  }
  yield Buffer.from(end(tests));
}

/** On Linux the peak in the usage of resources begins with that of the process that started this one. */
function peakKilobytes(): number {
  const { maxRSS } = process.resourceUsage();
  if (process.platform !== "linux") return maxRSS;
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? maxRSS);
}

const form = Object.entries(forms).find(([name]) => name === process.argv[2])?.[1];
if (form === undefined) throw new Error("no such runner");
const { tests } = await form.read(report(form));
writeSync(1, JSON.stringify({ tests, maxMegabytes: Math.round(peakKilobytes() / 1024) }));
