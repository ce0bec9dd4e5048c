import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import {
  openBrowser,
  openerFor,
  RedirectFile,
  type Surroundings,
  tunnelLine,
} from "../../src/dashboard/open-browser.ts";
import { temporaryFolder } from "../support/places.ts";

const desktop: Surroundings = {
  platform: "linux",
  environment: { DISPLAY: ":0" },
  isTerminal: true,
  find: (name) => `/usr/bin/${name}`,
  isProgram: () => true,
};

function commandFor(surroundings: Partial<Surroundings>): readonly string[] | string {
  const opener = openerFor({ ...desktop, ...surroundings });
  return "reason" in opener ? opener.reason : [opener.program, ...opener.argumentsFor("/tmp/k/dashboard.html")];
}

test.each<[Partial<Surroundings>, readonly string[]]>([
  [{}, ["/usr/bin/xdg-open"]],
  [{ environment: { WAYLAND_DISPLAY: "w" } }, ["/usr/bin/xdg-open"]],
  [{ environment: { DISPLAY: ":0", BROWSER: "/opt/browser" } }, ["/opt/browser"]],
  [{ environment: { DISPLAY: ":0", BROWSER: "firefox" } }, ["/usr/bin/xdg-open"]],
  [{ environment: { DISPLAY: ":0", BROWSER: "/bin/sh -c 'x'" }, isProgram: () => false }, ["/usr/bin/xdg-open"]],
  [{ find: (name) => (name === "gio" ? "/bin/gio" : undefined) }, ["/bin/gio", "open"]],
  [{ platform: "darwin", environment: {} }, ["/usr/bin/open"]],
  [{ environment: { WSL_DISTRO_NAME: "Debian" } }, ["/usr/bin/wslview"]],
])("%j has a program that is named by its full path, and gets the file as an argument of its own", (where, command) => {
  expect(commandFor(where)).toEqual([...command, "/tmp/k/dashboard.html"]);
});

test("Windows opens the file without a shell, also from Linux in it", () => {
  expect(commandFor({ platform: "win32", environment: { SystemRoot: "C:\\Windows" } })).toEqual([
    "C:\\Windows\\System32\\rundll32.exe",
    "url.dll,FileProtocolHandler",
    "/tmp/k/dashboard.html",
  ]);
  expect(commandFor({ find: () => undefined, environment: { WSL_DISTRO_NAME: "Debian" } })).toEqual([
    "/mnt/c/Windows/System32/rundll32.exe",
    "url.dll,FileProtocolHandler",
    "\\\\wsl.localhost\\Debian\\tmp\\k\\dashboard.html",
  ]);
});

test.each<[Partial<Surroundings>, string]>([
  [{ environment: { DISPLAY: ":0", SSH_CONNECTION: "1 2 3 4" } }, "this is a session over SSH"],
  [{ environment: { DISPLAY: ":0", CI: "true" } }, "CI is set"],
  [{ isTerminal: false }, "no terminal is there"],
  [{ environment: {} }, "no display is there"],
  [{ find: () => undefined }, "no program was found that opens one"],
  [{ platform: "win32", environment: { SystemRoot: "Windows" } }, "SystemRoot names no folder"],
])("%j has none opened: %s", (where, reason) => {
  expect(commandFor(where)).toBe(reason);
});

test("the file that leads to the address is for its user alone, and is gone when it has been read", () => {
  const file = new RedirectFile("http://x.localhost:1/#k=code&agent/a");
  expect(readFileSync(file.path, "utf8")).toContain('content="0; url=http://x.localhost:1/#k=code&amp;agent/a"');
  if (process.platform !== "win32") {
    expect(statSync(file.path).mode & 0o777).toBe(0o600);
    expect(statSync(dirname(file.path)).mode & 0o777).toBe(0o700);
  }
  file.remove();
  expect(existsSync(dirname(file.path))).toBe(false);
  file.remove();
});

test.skipIf(process.platform === "win32")("the browser gets the path as it is, and a failure is told", async () => {
  const folder = temporaryFolder();
  const [browser, seen] = [join(folder, "browser"), join(folder, "seen")];
  writeFileSync(browser, `#!/bin/sh\nprintf '%s|' "$@" > "${seen}"\nexit 3\n`);
  chmodSync(browser, 0o755);
  const file = "/tmp/$(touch x) `y` & z.html";
  const opener = { program: browser, argumentsFor: (path: string) => [path] };
  const problem = await new Promise((resolve) => openBrowser(opener, file, process.env, resolve));
  expect(problem).toBe(`${browser} ended with 3`);
  expect(readFileSync(seen, "utf8")).toBe(`${file}|`);
  const missing = { ...opener, program: join(folder, "none") };
  expect(await new Promise((resolve) => openBrowser(missing, file, process.env, resolve))).toBe("ENOENT");
});

test("the line for a tunnel has what SSH says of the session, and nothing that a shell would read otherwise", () => {
  expect(tunnelLine(4711, { SSH_CONNECTION: "10.0.0.9 50000 10.0.0.5 22", USER: "me" })).toBe(
    "ssh -N -L 4711:127.0.0.1:4711 me@10.0.0.5",
  );
  expect(tunnelLine(1, { SSH_CONNECTION: "fe80::1 5 fe80::2 2222", USER: "$(x)" })).toBe(
    "ssh -N -L 1:127.0.0.1:1 -p 2222 fe80::2",
  );
  expect(tunnelLine(1, { SSH_CONNECTION: "a b $(x) y", USER: "" })).toBe("ssh -N -L 1:127.0.0.1:1 THIS_MACHINE");
});
