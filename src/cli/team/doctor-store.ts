import { plainLine } from "../../domain/text/plain-text.ts";
import { KaizenError, withHint } from "../../errors.ts";
import { counted } from "../../messages/figures.ts";
import type { FoldCheck, ServerLook, TeamStore } from "../../team/team-store.ts";
import type { CommandContext, Outcome } from "../frame/define-command.ts";
import { fields } from "../terminal/table.ts";
import { storeFigures, storeRows } from "./rows.ts";
import { teamStores } from "./team.ts";

/** `problem`: something does not work. `remark`: worth knowing, and a choice of who runs the server. */
interface Found {
  readonly kind: "problem" | "remark";
  readonly what: string;
}

/** So far a clock may be off before times of runs look wrong. */
const CLOCK_LIMIT_MS = 5_000;

/** What a team's store can be asked. That it cannot be reached is an answer here. */
export async function examineStore(team: TeamStore, context: CommandContext): Promise<Outcome> {
  const { compareFigures, lookAt } = await teamStores();
  const choice = await context.store();
  const rows = storeRows(choice, team);
  const store = storeFigures(choice, team, true);
  let look: ServerLook;
  try {
    look = await lookAt(team);
  } catch (error) {
    if (!(error instanceof KaizenError)) throw error;
    const said = withHint(error);
    return {
      value: { sound: false, store, reachable: false, findings: [{ kind: "problem", what: said, code: error.code }] },
      text: (style) => `${fields([...rows, ["Reached", "no"]], style)}\n${style.bad("problem")}  ${said}\n`,
      exitCode: 1,
    };
  }
  const figures =
    look.problem === undefined
      ? await compareFigures(team, (done, all) => context.progress.step("agents compared", done, all))
      : [];
  const findings: Found[] = [
    ...foundOf(look, team),
    ...figures
      .filter(({ isSame }) => !isSame)
      .map((check): Found => ({ kind: "problem", what: `${differenceOf(check)} ${howToMend(look, team)}` })),
  ];
  const isSound = findings.every(({ kind }) => kind !== "problem");
  const { clockAheadMs, problem, rights, roundTripMs, settings, standbys, tables, tls, versions, ...who } = look;
  return {
    value: {
      sound: isSound,
      store,
      reachable: true,
      ...who,
      tls: tls ?? null,
      schema_version: versions.schema ?? null,
      needed_version: versions.needed,
      rights: rights ?? null,
      clock_ahead_ms: Math.round(clockAheadMs),
      round_trip_ms: Math.round(roundTripMs),
      settings,
      standbys: standbys ?? null,
      agents_compared: figures.length,
      findings,
    },
    text: (style) =>
      `${fields(
        [
          ...rows,
          [
            "Reached",
            `PostgreSQL ${plainLine(who.server, 80)} as ${plainLine(who.user, 80)}, ${Math.round(roundTripMs)} ms a round trip`,
          ],
          ["Encrypted", tls === undefined ? "the server does not say" : tls ? "yes" : "no"],
          ["Tables", problem === undefined ? `version ${versions.schema}, as needed` : "not usable"],
          ["Rights", rightsWords(rights)],
          ["Clock", clockWords(clockAheadMs)],
          ["Durability", durabilityWords(look)],
          ["Figures", `${counted(figures.length, "agent")} compared with their rows`],
        ],
        style,
      )}\n${
        findings.length === 0
          ? "Everything is as it should be.\n"
          : findings
              .map(({ kind, what }) => `${kind === "problem" ? style.bad(kind) : style.warning(kind)}  ${what}\n`)
              .join("")
      }`,
    exitCode: isSound ? 0 : 1,
  };
}

function differenceOf({ agent, figures, log }: FoldCheck): string {
  const whose = `The figures of ${plainLine(agent, 64)}`;
  if (figures.runs !== log.runs || figures.successes !== log.successes) {
    return `${whose} say ${figures.runs} runs, ${figures.successes} successes; its rows say ${log.runs} and ${log.successes}.`;
  }
  const [said, is] = [figures.verified, log.verified];
  return `${whose} say that ${said.successes} of ${said.runs} verified runs succeeded; its rows say ${is.successes} of ${is.runs}, or differ in what was scored or claimed.`;
}

/** The sums are a row that is made again; a login that only records may not take it away. */
function howToMend({ rights }: ServerLook, { address: { schema } }: TeamStore): string {
  const who = rights?.mayKeep === true ? "Delete" : "Let a login in kaizen_keeper delete";
  return `${who} its row in "${schema}".folds: it is made again.`;
}

function foundOf({ clockAheadMs, problem, rights, settings, standbys, tls }: ServerLook, team: TeamStore): Found[] {
  const isHere = team.address.hosts.every(
    ({ host }) => host === "localhost" || host === "::1" || host.startsWith("127."),
  );
  const found: Found[] = [];
  if (problem !== undefined) {
    found.push({ kind: "problem", what: withHint(problem) });
  }
  if (rights !== undefined && !rights.mayWrite) {
    found.push({ kind: "remark", what: "This role reads only: nothing is recorded by it." });
  }
  if (rights?.takesWrites === false) {
    found.push({ kind: "problem", what: "This server takes no writes, as a standby does: nothing is recorded on it." });
  }
  if (!isHere && (tls === false || !team.address.tls)) {
    found.push({ kind: "remark", what: "The way to the server is not encrypted: sslmode=disable is spelled out." });
  }
  if (Math.abs(clockAheadMs) > CLOCK_LIMIT_MS) {
    found.push({
      kind: "remark",
      what: `The server's clock and this machine's differ: ${clockWords(clockAheadMs)}. Retention goes by what clients say.`,
    });
  }
  if (settings.fsync === "off") {
    found.push({
      kind: "problem",
      what: "fsync is off: a crash of the server can lose and damage what was acknowledged.",
    });
  }
  if (settings.synchronous_commit === "off") {
    found.push({ kind: "remark", what: "synchronous_commit is off: a crash can lose the runs of the last moments." });
  }
  if (standbys !== undefined && standbys.all > 0 && (settings.synchronous_standby_names ?? "") === "") {
    found.push({ kind: "remark", what: "No standby is synchronous: a failover can lose runs that were acknowledged." });
  }
  return found;
}

function rightsWords(rights: ServerLook["rights"]): string {
  if (rights === undefined) return "not known";
  const { isCi, isPerson, mayKeep, mayWrite } = rights;
  const words = [
    mayWrite ? "reads and records" : "reads",
    ...(mayKeep ? ["prunes, voids and moves"] : []),
    ...(isCi ? ["speaks for CI"] : []),
    ...(isPerson ? ["speaks for a person"] : []),
  ];
  return words.join(", ");
}

function clockWords(aheadMs: number): string {
  const seconds = (Math.abs(aheadMs) / 1000).toFixed(1);
  return seconds === "0.0" ? "as this machine's" : `${seconds} s ${aheadMs > 0 ? "ahead of" : "behind"} this machine's`;
}

function durabilityWords({ settings, standbys }: ServerLook): string {
  const { fsync, synchronous_commit } = settings;
  return [
    ...(fsync === undefined ? [] : [`fsync ${fsync}`]),
    ...(synchronous_commit === undefined ? [] : [`synchronous_commit ${synchronous_commit}`]),
    ...(standbys === undefined ? [] : [`standbys: ${standbys.all}`]),
  ].join(", ");
}
