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
