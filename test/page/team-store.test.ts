import { describe, expect, test } from "vitest";
import { absence, hasChromium } from "./chromium.ts";
import { shopProject } from "./fixtures.ts";
import { keepPicture, useBrowser } from "./visit.ts";

describe.skipIf(!hasChromium)(hasChromium ? "a page of a team's store" : `the page (skipped: ${absence})`, () => {
  const { visit } = useBrowser();

  test("says where it is, and leads to its other projects, each with a page of its own", async () => {
    await visit(shopProject(), "", async (page, server) => {
      expect(await page.locator("header").innerText()).toContain("acme/shop · db.acme.dev/metrics");
      expect(await page.locator("section", { hasText: "Other projects" }).innerText()).toMatch(
        /acme\/web 3 agents, 1,204 runs, the last recorded 22.Nov,/,
      );
      server.asked.length = 0;
      await page.getByRole("link", { name: "acme/web" }).click();
      await expect.poll(() => server.asked).toContain("/live of acme/web");
      await expect.poll(() => server.asked).toContain("/data/overview of acme/web");
      await page.getByRole("link", { name: "test-writer" }).first().click();
      await page.getByRole("heading", { level: 1, name: "test-writer is improving" }).waitFor();
      expect(server.asked).toContain("/data/agent of acme/web");
    });
  });

  test("keeps what it shows while the store does not answer, says so, and goes on", async () => {
    await visit(shopProject(), "", async (page, server, complaints) => {
      server.leave(true);
      await page.locator(".lamp", { hasText: "store unreachable" }).waitFor();
      await page.getByRole("heading", { level: 2, name: "Agents" }).waitFor();
      await keepPicture(page, "store-unreachable");
      // Nothing is known yet of this one.
      await page.getByRole("link", { name: "doc-writer" }).first().click();
      await page.getByRole("heading", { name: "The team's store at db.acme.dev cannot be reached." }).waitFor();
      expect(await page.locator("main").innerText()).toContain("It is tried again.");
      await keepPicture(page, "store-unreachable-at-first");
      server.leave(false);
      await page.getByRole("heading", { level: 1, name: "doc-writer is" }).waitFor();
      await page.locator(".lamp.live").waitFor();
      expect(complaints.splice(0).filter((complaint) => !/status of 502/.test(complaint))).toEqual([]);
    });
  });
});
