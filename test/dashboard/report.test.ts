import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { readReport, reportHtml } from "../../src/dashboard/report.ts";
import { sourceOf } from "../../src/dashboard/source.ts";
import type { Kaizen } from "../../src/kaizen/kaizen.ts";
import { projectKaizen } from "./served.ts";

const files = {
  script: 'const end = "</script><!--";\r\nlet a = 1 < 2;',
  style: 'body::after { content: "</style>" }',
};
const hostile = '</script><script>alert(1)</script><!--<script>\u2028\u202e"><img src=x onerror=alert(1)>';

/** An agent with hostile text wherever one can put it. */
async function hostileProject(): Promise<Kaizen> {
  const kaizen = projectKaizen();
  for (const number of [1, 2]) {
    const texts = { task: hostile, notes: hostile, error: `${hostile} /home/me/secret-${number}`, error_type: hostile };
    await kaizen.record({ agent: "packer", success: false, model: hostile, extra: { note: hostile }, ...texts });
  }
  await kaizen.record({ agent: "other", success: true });
  const advice = { agent: "packer", title: hostile, detail: `${hostile} in detail` };
  await kaizen.writeAnalysis({ report: {}, recommendations: [advice] });
  return kaizen;
}

function modelIn(html: string) {
  const [, json = ""] = /<script type="application\/json" id="model">([^<]*)<\/script>/.exec(html) ?? [];
  return JSON.parse(json);
}

const sha256 = (text: string) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

test.each([false, true])(
  "a file has nothing that a browser could take for markup or code of ours (records: %s)",
  async (withRecords) => {
    const source = sourceOf(await hostileProject(), hostile);
    const html = reportHtml(files, await readReport(source, { withRecords }));
    // A parser of HTML ends a script there, whatever it says.
    const scripts = [...html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/g)];
    expect(scripts.map(([, attributes]) => attributes)).toEqual([' type="application/json" id="model"', ""]);
    expect(html).not.toMatch(/<!--|<img/);
    expect(html.match(/<style>/g)).toHaveLength(1);
    const [, style = ""] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? [];
    const [, policy] = /<meta http-equiv="Content-Security-Policy" content="([^"]+)">/.exec(html) ?? [];
    expect(policy).toBe(
      `default-src 'none'; script-src '${sha256(scripts[1]?.[2] ?? "")}'; style-src '${sha256(style)}'; base-uri 'none'; ` +
        "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'",
    );
    expect(html).not.toContain("\r");
    // biome-ignore lint/security/noGlobalEval: the script has to say what it said
    expect(globalThis.eval(`${scripts[1]?.[2]}; end`)).toBe("</script><!--");
  },
);

test("a file has figures, signatures and titles, and what agents wrote only if that was asked for", async () => {
  const source = sourceOf(await hostileProject(), "shop");
  const bare = modelIn(reportHtml(files, await readReport(source, { withRecords: false })));
  expect(JSON.stringify(bare)).not.toMatch(/secret|in detail/);
  expect(Object.keys(bare.agents).sort()).toEqual(["other", "packer"]);
  expect(bare).not.toHaveProperty("runs");
  expect(bare.agents.packer).toMatchObject({
    brief: { text: "" },
    advice: [{ title: expect.stringContaining("alert"), detail: null }],
    story: { runs: [{ task: null }, { task: null }] },
  });
  expect(bare.overview.agents).toMatchObject([{ runs: expect.any(Number) }, { runs: expect.any(Number) }]);
  const whole = modelIn(reportHtml(files, await readReport(source, { withRecords: true })));
  expect(whole.runs.packer).toMatchObject([
    { kind: "run", record: expect.stringContaining("secret-2") },
    { record: expect.stringContaining("secret-1") },
  ]);
  expect(JSON.stringify(whole)).toContain("in detail");
});

test("a file about one agent says nothing of another", async () => {
  const source = sourceOf(await hostileProject(), "shop");
  const { agents, overview } = modelIn(
    reportHtml(files, await readReport(source, { agent: "packer", withRecords: true })),
  );
  expect(Object.keys(agents)).toEqual(["packer"]);
  expect(overview.agents).toMatchObject([{ name: "packer" }]);
  expect(overview).toMatchObject({ agent_count: 1, run_count: 2, comparison: [] });
});
