import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { ReportModel } from "../../src/dashboard/report.ts";
import { absence, complaintsOf, hasChromium } from "./chromium.ts";
import { emptyProject, hostileProject, manyAgents, type Project, shopProject } from "./fixtures.ts";
import { pageHtml } from "./page-server.ts";
import { keepPicture, refused, useBrowser, violations } from "./visit.ts";

/** Axe looks at a narrow page, a middle one and a wide one; at the other widths only the room is measured. */
const examined = [320, 720, 1240];

test.runIf(!hasChromium && process.env.CI)("there is a browser to test the page in", () => {
  expect.unreachable(absence);
});

describe.skipIf(!hasChromium)(hasChromium ? "the page" : `the page (skipped: ${absence})`, () => {
  const { newContext, visit } = useBrowser();

  const states: readonly [name: string, project: () => Project, route: string][] = [
    ["overview", shopProject, ""],
    ["agent", shopProject, "agent/test-writer"],
    ["declining", shopProject, "agent/migration-bot"],
    ["empty", emptyProject, ""],
    ["problem", shopProject, "agent/gone"],
  ];

  test.each(states)("%s is fit for everybody, in both themes and at all widths", async (name, project, route) => {
    await visit(
      project(),
      route,
      async (page) => {
        if (name === "agent") await openAll(page);
        for (const width of [320, 400, 720, 1240, 1600]) {
          await page.setViewportSize({ width, height: 900 });
          for (const colorScheme of ["light", "dark"] as const) {
            await page.emulateMedia({ colorScheme });
            await page.evaluate(
              "new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))",
            );
            // What stands on the page is the same in the dark, where only the colours are others.
            const rules = colorScheme === "light" || width === 1240 ? undefined : ["color-contrast"];
            if (examined.includes(width)) {
              expect(await violations(page, rules), `${name} ${colorScheme} ${width}`).toEqual([]);
            }
            const wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
            expect(wider, `${name} at ${width} scrolls sideways`).toBeLessThanOrEqual(0);
            const cut = await page.evaluate(
              "[...document.querySelectorAll('article')].filter((one) => one.scrollWidth > one.clientWidth).length",
            );
            expect(cut, `${name} at ${width} cuts advice off`).toBe(0);
            await keepPicture(page, `${name}-${colorScheme}-${width}`);
          }
        }
      },
      { reducedMotion: "reduce" },
    );
  });

  test("the key leaves the address, outlives a reload, and is gone in another tab", async () => {
    await visit(shopProject(), "agent/test-writer", async (page, server, complaints) => {
      expect(page.url()).toBe(`${server.address}#agent/test-writer`);
      await page.reload();
      await page.getByRole("heading", { level: 1, name: "test-writer is improving" }).waitFor();
      const other = await page.context().newPage();
      await other.goto(server.address);
      await other.getByRole("heading", { name: "This page’s key has expired." }).waitFor();
      expect(await other.locator("main").innerText()).toContain("kaizen-metrics dashboard");
      server.expire();
      await page.reload();
      await page.getByRole("heading", { name: "This page’s key has expired." }).waitFor();
      expect(complaints.splice(0).filter((complaint) => !refused.test(complaint))).toEqual([]);
    });
  });

  test("a fragment that nobody made for it is no reason to fail", async () => {
    await visit(shopProject(), "agent/%E0%A4%A", async (page) => {
      await page.getByRole("heading", { level: 2, name: "Agents" }).waitFor();
    });
  });

  test("the keyboard is enough", async () => {
    await visit(shopProject(), "", async (page) => {
      const tabTo = async (name: string) => {
        for (let press = 0; press < 60; press += 1) {
          await page.keyboard.press("Tab");
          if (
            (await page.evaluate(
              "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent",
            )) === name
          )
            return;
        }
        expect.unreachable(`no way to ${name}`);
      };
      await tabTo("code-reviewer");
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "code-reviewer is steady" }).waitFor();
      await tabTo("Runs in their order; arrow keys go from run to run");
      await page.keyboard.press("End");
      await page.keyboard.press("ArrowLeft");
      await page.getByText(/^Run 199 of 200: /).waitFor();
      await tabTo("Outcome");
      await page.keyboard.press("f");
      await page.getByText("No run is like that.").or(page.getByText("failed").first()).waitFor();
      // The rows of before stand until those that were asked for have come.
      await expect.poll(() => page.locator("tr:has(.opener)", { hasText: "succeeded" }).count()).toBe(0);
      await page.locator(".opener").first().press("Enter");
      await page.locator("pre", { hasText: '"success"' }).waitFor();
      await page.goBack();
      await page.getByRole("heading", { level: 2, name: "Agents" }).waitFor();
    });
  });

  test("a filter says how far it looked, and looks further if asked to, until it is stopped", async () => {
    await visit(shopProject(), "agent/triage-bot", async (page, server) => {
      await page.getByLabel("Search in records").fill("RateLimited");
      await page.getByText(/Searched the last 20 of \d+ runs\./).waitFor();
      server.hold(60);
      const button = (name: string) => page.getByRole("button", { name, exact: true });
      await button("Search all").click();
      await page.getByText(/Searched the last 60 of \d+ runs\./).waitFor();
      await button("Stop").click();
      await button("Search all").waitFor();
      server.letGo();
      await page.getByText(/Searched the last 60 of \d+ runs\./).waitFor();
      await button("Search all").click();
      await page.getByText("Searched the last").waitFor({ state: "detached" });
      await page.locator("tbody .code", { hasText: "RateLimited: 429" }).first().waitFor();
      await page.getByLabel("Search in records").fill("");
      await button("Older runs").click();
      await expect.poll(() => page.locator(".opener").count()).toBeGreaterThan(20);
    });
  });

  test("what changes is shown, but no row moves under the pointer", async () => {
    const [first, second] = [shopProject(), shopProject()];
    second.overview.agents.reverse();
    second.overview.headline = "All has changed.";
    second.overview.worth_a_look = [];
    await visit(first, "", async (page, server, complaints) => {
      const names = () => page.locator("table").first().locator("a").allInnerTexts();
      const before = await names();
      const row = page.locator("table").first().locator("tbody tr").nth(1);
      await row.hover();
      const place = await row.boundingBox();
      server.change(second, "test-writer");
      await page.getByRole("heading", { name: "All has changed." }).waitFor();
      expect(await names()).toEqual(before);
      // Nothing is worth a look any more, and that takes away what stood above.
      expect(Math.abs(((await row.boundingBox())?.y ?? 0) - (place?.y ?? 0))).toBeLessThan(1);
      await page.mouse.move(2, 2);
      await expect.poll(names).toEqual([...before].reverse());
      server.change(emptyProject(), "test-writer");
      await page.getByRole("heading", { name: "No runs yet" }).waitFor();
      server.drop();
      await page.getByText("reconnecting").waitFor();
      await page.getByText("live").waitFor();
      // The browser itself says that the stream was cut.
      expect(complaints.splice(0).filter((complaint) => !/net::/.test(complaint))).toEqual([]);
    });
  });

  test("an agent that is renamed while it is shown is told of, and the others are a step away", async () => {
    await visit(shopProject(), "agent/triage-bot", async (page, server, complaints) => {
      const others = shopProject();
      await page.getByRole("heading", { level: 1, name: "triage-bot" }).waitFor();
      server.change({ ...others, agents: {} }, "triage-bot");
      await page.getByRole("heading", { name: 'The runs of "triage-bot" are on record for "shipper" now.' }).waitFor();
      await page.getByRole("link", { name: "Agents" }).click();
      await page.getByRole("heading", { level: 2, name: "Agents" }).waitFor();
      expect(complaints.splice(0).filter((complaint) => !/404/.test(complaint))).toEqual([]);
    });
  });

  test("a program that has gone takes nothing off the page", async () => {
    await visit(shopProject(), "", async (page, server, complaints) => {
      await server.close();
      await page.getByText("reconnecting").waitFor();
      expect(await page.getByRole("heading", { level: 2 }).count()).toBe(5);
      await page.getByText("stopped").waitFor();
      // The browser itself says that it got no answer.
      expect(complaints.splice(0).filter((complaint) => !/net::/.test(complaint))).toEqual([]);
    });
  });

  test.each([
    `<img src=x onerror=alert(1)><script>alert(1)</script>`,
    `</script><!--<script>"'\`\${alert(1)} javascript:alert(1) https://evil.example %E0 ${"long".repeat(60)}`,
  ])("hostile text is text: %s", async (text) => {
    const project = hostileProject(text);
    const [name = ""] = Object.keys(project.agents);
    await visit(project, "", async (page, _server, complaints) => {
      await page.getByText(text).first().waitFor();
      for (const route of Object.keys(project.agents)) {
        await page.evaluate(`location.hash = "agent/" + encodeURIComponent(${JSON.stringify(route)})`);
        await page.locator("h1", { hasText: route }).waitFor();
      }
      await page.locator(".opener").first().click();
      await page.locator("pre").last().waitFor();
      expect(await page.locator("img, iframe, object, [onerror], script").count()).toBe(1);
      const links: string[] = await page
        .locator("a")
        .evaluateAll((all) => all.map((one) => one.getAttribute("href") ?? ""));
      expect(links.filter((link) => !/^#(agent\/[\w%.!~*'()-]+)?$/.test(link))).toEqual([]);
      expect(complaints).toEqual([]);
    });
    await inFile({ overview: project.overview, agents: project.agents, runs: project.runs }, async (page) => {
      await page.getByText(text).first().waitFor();
      await page.locator("table a", { hasText: name }).first().click();
      await page.locator("h1", { hasText: name }).waitFor();
      expect(await page.locator("img, iframe, [onerror]").count()).toBe(0);
    });
  });

  test("a file shows the same without a program, and records only if it has them", async () => {
    const { agents, overview, runs } = shopProject();
    await inFile({ overview, agents }, async (page) => {
      await page.getByText("a copy of 28 Nov 2026").waitFor();
      await page.locator("table a", { hasText: "test-writer" }).first().click();
      await page.getByRole("heading", { level: 2, name: "Failures that recur" }).waitFor();
      expect(await page.getByRole("heading", { level: 2, name: "Runs", exact: true }).count()).toBe(0);
    });
    await inFile({ overview, agents, runs }, async (page) => {
      await page.locator("table a", { hasText: "test-writer" }).first().click();
      await page.locator(".opener").first().click();
      await page.locator("pre", { hasText: '"success"' }).waitFor();
    });
  });

  test("ten agents take 1,500 elements at most, and a hundred of ten thousand are shown and counted", async () => {
    const count = (page: Page) => page.evaluate<number>("document.querySelectorAll('*').length");
    await visit(manyAgents(10), "", async (page) => expect(await count(page)).toBeLessThanOrEqual(1_500));
    const many = manyAgents(100);
    const ofThousands = { ...many, overview: { ...many.overview, agent_count: 10_000 } };
    await visit(ofThousands, "", async (page) => {
      expect(await page.locator("table").first().locator("tbody tr").count()).toBe(100);
      await page.getByText("100 of 10,000.").waitFor();
      // Nobody has counted the runs of the others.
      await page.getByText("6,000 runs of those below").waitFor();
      await page.getByRole("status").getByText("live", { exact: true }).waitFor();
    });
  });

  async function inFile(model: ReportModel, use: (page: Page) => Promise<void>) {
    const folder = mkdtempSync(join(tmpdir(), "kaizen-page-"));
    const context = await newContext();
    try {
      const path = join(folder, "report.html");
      writeFileSync(path, pageHtml(model));
      const page = await context.newPage();
      const complaints = complaintsOf(page, "file:");
      await page.goto(pathToFileURL(path).href);
      await use(page);
      expect(complaints).toEqual([]);
    } finally {
      await context.close();
      rmSync(folder, { recursive: true });
    }
  }
});

/** Opens what is closed, and the record of a run. */
async function openAll(page: Page): Promise<void> {
  await page.locator(".opener").nth(3).click();
  await page.locator(".below pre").waitFor();
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true");
}
