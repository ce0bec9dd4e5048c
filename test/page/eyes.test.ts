import { describe, expect, test } from "vitest";
import { absence, hasChromium } from "./chromium.ts";
import { shopProject } from "./fixtures.ts";
import { keepPicture, useBrowser, violations } from "./visit.ts";

/** How many elements have an animation or a transition. */
const moving = `[...document.querySelectorAll("*")].map((one) => getComputedStyle(one)).filter((style) =>
  style.animationName !== "none" || style.transitionDuration.split(", ").some((time) => time !== "0s")).length`;

/** The marks whose colours are those of what they stand on. */
const unseenMarks = `[...document.querySelectorAll("svg :is(path, rect, circle, line, text)")].filter((one) => {
  const { fill, stroke } = getComputedStyle(one);
  const ground = getComputedStyle(document.body).backgroundColor;
  return [fill, stroke].every((colour) => colour === "none" || colour === ground) && one.getBoundingClientRect().width > 0;
}).map((one) => one.outerHTML.slice(0, 120))`;

describe.skipIf(!hasChromium)(hasChromium ? "the page" : `the page (skipped: ${absence})`, () => {
  const { visit } = useBrowser();

  test.each(["", "agent/test-writer"])(
    "at 200% zoom nothing is cut off or needs sideways scrolling: %j",
    async (route) => {
      await visit(
        shopProject(),
        route,
        async (page) => {
          expect(await page.evaluate("[innerWidth, devicePixelRatio]")).toEqual([620, 2]);
          expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
          expect(await violations(page)).toEqual([]);
          await keepPicture(page, `zoom-${route === "" ? "overview" : "agent"}`);
        },
        { viewport: { width: 620, height: 450 }, deviceScaleFactor: 2 },
      );
    },
  );

  test.each([720, 1240])("a long name leaves room for what failed: %i", async (width) => {
    const project = shopProject();
    const long = "x".repeat(64);
    const failures = project.overview.failures.map((one) => ({ ...one, agent: long }));
    const named = { ...project, overview: { ...project.overview, failures } };
    await visit(
      named,
      "",
      async (page) => {
        expect(await page.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
        const { width: room } = (await page.locator(".clamped").first().boundingBox()) ?? { width: 0 };
        expect(room).toBeGreaterThan(120);
      },
      { viewport: { width, height: 900 } },
    );
  });

  test("the comparison says of each agent how it does beside the one of the heading", async () => {
    const project = shopProject();
    const [first] = project.overview.comparison;
    if (first === undefined) throw new Error("nothing is compared");
    const base = project.overview.compared_with ?? "";
    const rows = [
      { ...first, agent: "behind", winner: base },
      { ...first, agent: "ahead", winner: "ahead" },
    ];
    await visit({ ...project, overview: { ...project.overview, comparison: rows } }, "", async (page) => {
      const row = (name: string) => page.getByRole("row").filter({ hasText: name }).last();
      expect(await row("behind").innerText()).toContain("does worse");
      expect(await row("ahead").innerText()).toContain("does better");
    });
  });

  test("colours that the system forces leave every mark to be seen, and reduced motion stands still", async () => {
    await visit(shopProject(), "agent/test-writer", async (page) => {
      const animated = () => page.evaluate<number>(moving);
      expect(await animated()).toBeGreaterThan(0);
      await page.emulateMedia({ forcedColors: "active", reducedMotion: "reduce" });
      expect(await animated()).toBe(0);
      expect(await page.evaluate(unseenMarks)).toEqual([]);
      await keepPicture(page, "forced-colors");
    });
  });
});
