import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { checkout } from "../support/server-process.ts";
import type { Project } from "./fixtures.ts";

const token = "token-of-this-start";
const PAGE = 20;

/** Serves the built page as the program does, under the same policy, with the models of a project that tests can change. */
export async function servePage(first: Project) {
  let project = first;
  let isExpired = false;
  let codes = ["CODE"];
  const live = new Set<ServerResponse>();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://localhost");
    asked.push(pathname);
    const json = (value: unknown, status = 200) =>
      response
        .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
        .end(JSON.stringify(value));
    if (request.method !== "GET") return json({}, 405);
    if (pathname === "/") return shell(response);
    if (pathname === "/session") {
      const isKnown = codes.includes(query.get("code") ?? "");
      codes = codes.filter((code) => code !== query.get("code"));
      return isKnown ? json({ token }) : json({}, 401);
    }
    if (isExpired || request.headers.authorization !== `Bearer ${token}`) return json({}, 401);
    if (pathname === "/live") {
      live.add(response);
      response.on("close", () => live.delete(response));
      return response.writeHead(200, { "content-type": "application/x-ndjson" }).write("{}\n");
    }
    const agent = query.get("name") ?? query.get("agent") ?? "";
    const runs = project.runs[agent] ?? [];
    if (pathname === "/data/overview") return json(project.overview);
    if (pathname === "/data/agent") return json(project.agents[agent] ?? {}, agent in project.agents ? 200 : 404);
    if (pathname === "/data/runs") {
      const text = query.get("text") ?? "";
      const outcome = query.get("outcome");
      const picked = runs.filter(
        (one) => one.record.includes(text) && (outcome !== "failed" || one.run.outcome !== "s"),
      );
      const from = Number(query.get("cursor") ?? 0);
      const isAll = text === "" || query.has("all");
      return json({
        kind: "runs",
        version: 1,
        agent,
        runs: isAll ? picked.slice(from, from + PAGE).map(({ run }) => run) : [],
        next_cursor: from + PAGE < picked.length ? String(from + PAGE) : null,
        searched: isAll ? runs.length : 20,
        is_complete: isAll,
      });
    }
    const found = runs.find(({ id }) => id === query.get("id"));
    return json(found ?? {}, found === undefined ? 404 : 200);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port }: AddressInfo = JSON.parse(JSON.stringify(server.address()));
  return {
    address: `http://localhost:${port}/`,
    asked,
    /** Shows another project from now on, and says that these agents changed. */
    change(next: Project, ...agents: readonly string[]) {
      project = next;
      for (const response of live) response.write(`${JSON.stringify({ changed: agents })}\n`);
    },
    offerCode: () => {
      codes = ["CODE"];
    },
    expire: () => {
      isExpired = true;
    },
    /** Cuts the streams, as a network does. */
    drop: () => {
      for (const response of live) response.destroy();
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const built = (name: string) => readFileSync(join(checkout, "dist", "page", name), "utf8");

/** The page without data. */
function shell(response: ServerResponse): void {
  const nonce = randomBytes(16).toString("base64");
  response.writeHead(200, {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": [
      "default-src 'none'",
      `script-src 'nonce-${nonce}'`,
      `style-src 'nonce-${nonce}'`,
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'",
    ].join("; "),
  });
  response.end(pageHtml({ nonce: ` nonce="${nonce}"` }));
}

/** The page, with what it carries if it is a file. */
export function pageHtml({ nonce = "", model }: { nonce?: string; model?: unknown } = {}): string {
  const json = model === undefined ? "" : JSON.stringify(model).replaceAll("<", "\\u003c");
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>kaizen</title>
<style${nonce}>${built("page.css")}</style>
<div id="app"></div>
${json === "" ? "" : `<script type="application/json" id="model">${json}</script>`}
<script${nonce}>${built("page.js")}</script>
</html>
`;
}
