import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { Answer } from "../../src/dashboard/answers.ts";
import { type ReportModel, reportHtml } from "../../src/dashboard/report.ts";
import { appHtml, type PageFiles, shell } from "../../src/dashboard/shell.ts";
import { checkout } from "../support/server-process.ts";
import type { Project } from "./fixtures.ts";

const token = "token-of-this-start";
const PAGE = 20;
const away = '{"is_away":true}\n';

/** Serves the built page as the program does, under the same policy, with the models of a project that tests can change. */
export async function servePage(first: Project) {
  let project = first;
  let isExpired = false;
  let isAway = false;
  let codes = ["CODE"];
  const live = new Set<ServerResponse>();
  const asked: string[] = [];
  let held: { readonly from: number; readonly answers: (() => void)[] } | undefined;
  const server = createServer((request, response) => {
    const { pathname, searchParams: query } = new URL(request.url ?? "", "http://localhost");
    asked.push(`${pathname}${query.has("project") ? ` of ${query.get("project")}` : ""}`);
    const json = (value: unknown, status = 200) =>
      response
        .writeHead(status, { "content-type": "application/json", "cache-control": "no-store" })
        .end(JSON.stringify(value));
    if (request.method !== "GET") return json({}, 405);
    const fixed = ({ body, headers, type }: Answer) =>
      response.writeHead(200, { "content-type": `${type}; charset=utf-8`, ...headers }).end(body);
    if (pathname === "/") return fixed(shell(randomBytes(16).toString("base64")));
    if (pathname === "/page.js") return fixed({ type: "text/javascript", body: files.script });
    if (pathname === "/page.css") return fixed({ type: "text/css", body: files.style });
    if (pathname === "/session") {
      const isKnown = codes.includes(query.get("code") ?? "");
      codes = codes.filter((code) => code !== query.get("code"));
      return isKnown ? json({ token }) : json({}, 401);
    }
    if (isExpired || request.headers.authorization !== `Bearer ${token}`) return json({}, 401);
    if (pathname === "/live") {
      live.add(response);
      response.on("close", () => live.delete(response));
      return response.writeHead(200, { "content-type": "application/x-ndjson" }).write(isAway ? away : "{}\n");
    }
    if (isAway) return json({ error: { message: "The team's store at db.acme.dev cannot be reached." } }, 502);
    const agent = query.get("name") ?? query.get("agent") ?? "";
    const runs = project.runs[agent] ?? [];
    if (pathname === "/data/overview") return json(project.overview);
    if (pathname === "/data/agent") {
      const gone = { error: { message: `The runs of "${agent}" are on record for "shipper" now.` } };
      return json(project.agents[agent] ?? gone, agent in project.agents ? 200 : 404);
    }
    if (pathname === "/data/runs") {
      const text = query.get("text") ?? "";
      const outcome = query.get("outcome");
      const from = Number(query.get("cursor") ?? 0);
      const step = outcome === null ? PAGE : runs.length;
      const looked = runs.slice(from, from + step);
      const isMore = from + step < runs.length;
      const answer = () =>
        json({
          kind: "runs",
          version: 1,
          agent,
          runs: looked
            .filter((one) => one.record.includes(text) && (outcome !== "failure" || "fr".includes(one.run.outcome)))
            .map(({ run }) => run),
          next_cursor: isMore ? String(from + step) : null,
          searched: looked.length,
          is_complete: !isMore,
        });
      return held === undefined || from < held.from ? answer() : held.answers.push(answer);
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
    /** The store does not answer, or does again. */
    leave(hasLeft: boolean) {
      isAway = hasLeft;
      for (const response of live) response.write(isAway ? away : '{"changed":[]}\n');
    },
    offerCode: () => {
      codes = ["CODE"];
    },
    expire: () => {
      isExpired = true;
    },
    /** Keeps back the answers to searches from the n-th run on, until they are let go. */
    hold: (from: number) => {
      held = { from, answers: [] };
    },
    letGo: () => {
      const answers = held?.answers ?? [];
      held = undefined;
      for (const answer of answers) answer();
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

const files: PageFiles = { script: built("page.js"), style: built("page.css") };

/** The page as the program hands it on: in a file with its models, or to a client that shows apps. */
export function pageHtml(model?: ReportModel): string {
  return model === undefined ? appHtml(files) : reportHtml(files, model);
}
