import { KaizenError, withHint } from "../../errors.ts";
import type { StoreChoice } from "../../team/choice.ts";
import type { ServerLook, TeamStore } from "../../team/team-store.ts";
import type { CommandContext } from "../frame/define-command.ts";
import type { Style } from "../terminal/style.ts";
import { table } from "../terminal/table.ts";
import { confirmedRow, storeFigures, storeRows } from "./rows.ts";
import { readTeam, teamStores } from "./team.ts";

/** What `where` says of the store: which it is, and of a team's what is in its tables. Fails for nothing that it finds. */
export interface WhereStore {
  readonly rows: readonly (readonly [string, string])[];
  readonly value: object;
  /** The tables of a team's store, in the place of files; "" for a folder. */
  tables(style: Style): string;
  readonly isTeam: boolean;
}

export async function whereStore(context: CommandContext): Promise<WhereStore> {
  let choice: StoreChoice;
  let team: TeamStore | undefined;
  try {
    choice = await context.store();
    team = choice.kind === "team" ? await readTeam(choice, context) : undefined;
  } catch (error) {
    return failed([], {}, error);
  }
  const isConfirmed = team !== undefined && (await context.storeTrust()).isConfirmed(team.toConfirm);
  const value = storeFigures(choice, team, isConfirmed);
  const rows = [...storeRows(choice, team), ...(team === undefined ? [] : [confirmedRow(isConfirmed)])];
  if (team === undefined) return { rows, value, tables: () => "", isTeam: false };
  try {
    const { expectConfirmed, lookAt } = await teamStores();
    expectConfirmed(team, await context.storeTrust());
    const look = await lookAt(team);
    if (look.problem !== undefined) throw look.problem;
    return { rows, value: { ...value, tables: look.tables }, tables: (style) => tablesText(look, style), isTeam: true };
  } catch (error) {
    return failed(rows, value, error);
  }
}

function failed(rows: WhereStore["rows"], value: object, error: unknown): WhereStore {
  if (!(error instanceof KaizenError)) throw error;
  const problem = withHint(error);
  return { rows, value: { ...value, problem }, tables: (style) => `${style.bad(problem)}\n`, isTeam: true };
}

function tablesText({ tables }: ServerLook, style: Style): string {
  const columns = [
    { title: "table" },
    { title: "rows", align: "right" },
    { title: "bytes of all projects", align: "right" },
  ] as const;
  return table(
    columns,
    tables.map(({ bytes, name, rows }) => [name, String(rows), bytes === undefined ? "" : String(bytes)]),
    style,
  );
}
