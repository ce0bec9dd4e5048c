import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { absence, complaintsOf, hasChromium, launch } from "./chromium.ts";
import { shopProject } from "./fixtures.ts";
import { pageHtml } from "./page-server.ts";

// The page as an MCP App, in a client that is played here: a window around it that answers by postMessage.

const { agents, overview } = shopProject();
const contents: Record<string, unknown> = { "kaizen://dashboard": overview };
for (const [name, model] of Object.entries(agents)) contents[`kaizen://dashboard/${name}`] = model;

const figures = (name: string, row = agents[name]?.agent) => ({
  success: {
    rate: row?.rate,
    interval: [row?.low, row?.high],
    verdict: row?.verdict,
    evidence: row?.evidence,
  },
  verified: row?.verified,
});

/** As `list_agents` and `get_summary` answer. */
const listed = {
  total: 2,
  agents: ["test-writer", "doc-writer"].map((name) => ({ agent: name, execution_count: 72, ...figures(name) })),
};
const summary = { agent: "doc-writer", execution_count: 72, stats: figures("doc-writer") };

interface Client {
  readonly hasResources: boolean;
  readonly result: unknown;
}

/** What the window around the page does. */
const client = ({ hasResources, result }: Client) => `
  const contents = ${JSON.stringify(contents).replaceAll("<", "\\u003c")};
  const frame = (window.app = document.querySelector("iframe"));
  window.heard = [];
  const send = (message) => frame.contentWindow.postMessage({ jsonrpc: "2.0", ...message }, "*");
  window.send = send;
  addEventListener("message", ({ data, source }) => {
    if (source !== frame.contentWindow) return;
    window.heard.push(data);
    const { id, method, params } = data;
    // The newest clients refuse such a message without a word.
    if (id !== undefined && !Number.isInteger(id)) return;
    if (method === "ui/initialize") send({ id, result: {
      protocolVersion: "2026-01-26", hostInfo: { name: "played", version: "1" },
      hostCapabilities: ${hasResources ? "{ serverResources: {} }" : "{}"},
      hostContext: { theme: "dark", styles: { variables: {
        "--color-text-primary": "rgb(1, 2, 3)", "--color-background-primary": "url(https://evil.example)", "color": "red" } } },
    } });
    if (method === "ui/notifications/initialized")
      send({ method: "ui/notifications/tool-result", params: { structuredContent: ${JSON.stringify(result)} } });
    if (method === "resources/read") {
      const text = contents[params.uri];
      send(text ? { id, result: { contents: [{ uri: params.uri, text: JSON.stringify(text) }] } }
        : { id, error: { code: -32002, message: "Resource not found" } });
    }
  });
`;

describe.skipIf(!hasChromium)(
  hasChromium ? "the page in a client" : `the page in a client (skipped: ${absence})`,
  () => {
    let browser: Browser;
    beforeAll(async () => {
      browser = await launch();
    });
    afterAll(() => browser?.close());

    async function inClient(options: Client, use: (page: Page) => Promise<void>) {
      const page = await browser.newPage({ viewport: { width: 600, height: 900 } });
      const complaints = complaintsOf(page, "about:");
      await page.setContent(`<iframe sandbox="allow-scripts" width="552" height="800"></iframe>`);
      await page.evaluate(client(options));
      await page.evaluate(`app.srcdoc = ${JSON.stringify(pageHtml())}`);
      await page.frameLocator("iframe").locator("body[data-app-status]").waitFor();
      await use(page);
      expect(complaints).toEqual([]);
      await page.close();
    }

    const methods = (page: Page) => page.evaluate<string[]>("heard.map(({ method }) => method)");

    test("the list of agents is painted from the result, then from the resource", async () => {
      await inClient({ hasResources: true, result: listed }, async (page) => {
        const app = page.frameLocator("iframe");
        await app.getByRole("heading", { level: 1, name: "migration-bot needs help" }).waitFor();
        expect(await app.locator("tbody").first().locator("tr").count()).toBe(6);
        expect((await methods(page)).slice(0, 2)).toEqual(["ui/initialize", "ui/notifications/initialized"]);
        expect(await methods(page)).toContain("ui/notifications/size-changed");
        // The client's theme and colours, as far as they are colours.
        const root = app.locator("html");
        expect(await root.getAttribute("data-theme")).toBe("dark");
        expect(await root.getAttribute("style")).toBe("--color-text-primary: rgb(1, 2, 3);");
        await app.locator("table a", { hasText: "test-writer" }).first().click();
        await app.getByRole("heading", { level: 1, name: "test-writer is improving" }).waitFor();
        expect(await app.getByRole("heading", { name: "Runs", exact: true }).count()).toBe(0);
        // Nothing that agents wrote goes to the client, but the name that it is asked for.
        const sent = (await methods(page)).filter((method) => method !== undefined);
        expect([...new Set(sent)].sort()).toEqual([
          "resources/read",
          "ui/initialize",
          "ui/notifications/initialized",
          "ui/notifications/size-changed",
        ]);
      });
    });

    test("a summary leads to its agent", async () => {
      await inClient({ hasResources: true, result: summary }, async (page) => {
        await page.frameLocator("iframe").getByRole("heading", { level: 1, name: "doc-writer is" }).waitFor();
      });
    });

    test("a client that passes on no resources shows what the result says", async () => {
      await inClient({ hasResources: false, result: listed }, async (page) => {
        const app = page.frameLocator("iframe");
        expect(await app.locator("tbody tr").count()).toBe(2);
        expect(await app.locator("tbody").innerText()).toContain("improving");
      });
    });

    test("its requests are answered, and nothing is heard from other windows", async () => {
      await inClient({ hasResources: true, result: listed }, async (page) => {
        await page.evaluate(`send({ id: 7, method: "ui/resource-teardown", params: {} })`);
        await page.evaluate(`send({ id: 8, method: "sampling/createMessage", params: {} })`);
        const answers = () => page.evaluate("heard.filter(({ method }) => method === undefined)");
        await expect.poll(answers).toEqual([
          { jsonrpc: "2.0", id: 7, result: {} },
          { jsonrpc: "2.0", id: 8, error: { code: -32601, message: "Not known" } },
        ]);
        const [frame] = page.frames().slice(1);
        const context = `{ jsonrpc: "2.0", method: "ui/notifications/host-context-changed", params: { theme: "light" } }`;
        await frame?.evaluate(`postMessage(${context}, "*")`);
        await page.evaluate(`send({ method: "ui/notifications/host-context-changed", params: { styles: {} } })`);
        expect(await page.frameLocator("iframe").locator("html").getAttribute("data-theme")).toBe("dark");
        await page.evaluate(`send(${context})`);
        await page.frameLocator("iframe").locator("html[data-theme=light]").waitFor({ state: "attached" });
      });
    });
  },
);
