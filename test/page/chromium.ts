import { existsSync } from "node:fs";
import { type Browser, chromium, type Page } from "playwright-core";

const path = process.env.CHROMIUM || "/usr/bin/chromium";

/** Whether there is a browser to test in. In CI there has to be one. */
export const hasChromium = existsSync(path);

export const absence = `no Chromium at ${path}: name one in CHROMIUM, or install Debian's package chromium`;

/**
 * Browsers make ready what nobody uses here: for each window two popups of the address bar, which are pages of their own,
 * and a process for the next page. That is half of what it takes to open a page.
 */
const unused = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"];

/** Only the last list counts. So what Playwright turns off, as far as it is of use here, is turned off by this one. */
const withoutSurprises = [
  "AimEnabled",
  "AvoidUnnecessaryBeforeUnloadCheckSync",
  "DestroyProfileOnBrowserClose",
  "DialMediaRouteProvider",
  "GlobalMediaControls",
  "HttpsUpgrades",
  "LensOverlay",
  "MediaRouter",
  "NetworkTimeServiceQuerying",
  "OptimizationHints",
  "PaintHolding",
  "ThirdPartyStoragePartitioning",
  "Translate",
];

export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: path,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      `--disable-features=${[...unused, ...withoutSurprises].join(",")}`,
    ],
  });
}

/** What a page says that it should not say, and asks for that is not ours. */
export function complaintsOf(page: Page, address: string): string[] {
  const complaints: string[] = [];
  page.on("console", (message) => complaints.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(address)) complaints.push(`asks for ${request.url()}`);
  });
  return complaints;
}
