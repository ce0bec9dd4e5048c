import { KaizenError } from "../../../errors.ts";
import type { TeamStore } from "../../../team/team-store.ts";
import { type CommandContext, defineCommand, type Outcome } from "../../frame/define-command.ts";
import { usageError } from "../../frame/parse-arguments.ts";
import { saysYes } from "../../input/says-yes.ts";
import { confirmedRow, storeFigures, storeRows } from "../../team/rows.ts";
import { confirmedTeamOf, teamOf, teamStores } from "../../team/team.ts";
import { fields } from "../../terminal/table.ts";

const self = { name: "store" };

export const store = defineCommand({
  ...self,
  group: "files",
  summary: "Which store the project has; confirm a team's, or bring its tables up to date",
  usage:
    "store\n       kaizen-metrics store trust [--yes | --revoke]\n       kaizen-metrics store upgrade [--print-sql]",
  details: [
    `Alone it says whether the history is in the project's folder or in a team's store on a server, and what chose that. It
connects to nothing.`,
    `trust confirms a team's store for this folder on this machine. A clone may name any project, and a client's configuration
any server: until a person has confirmed the host, the database and the project, nothing is read from there, nothing is
written, and no password is sent. It is kept for you alone, outside the project.`,
    `upgrade makes the tables that this version needs. Only this command and init --store change tables; each change adds,
so that older programs go on. With --print-sql it prints all SQL in place of that, for who looks after the database.`,
    "Exit status: 1 if the store was left unconfirmed, or could not be reached.",
  ],
  flags: {
    yes: { type: "boolean", or: "revoke", description: "With trust: confirm it without asking" },
    revoke: { type: "boolean", description: "With trust: take the confirmation back" },
    "print-sql": { type: "boolean", description: "With upgrade: print the SQL, and connect to nothing" },
  },
  withoutRetention: true,
  usedWith: ["store"],
  positionals: { action: { choices: ["trust", "upgrade"], description: "What to do; without it, look" } },
  examples: [
    ["kaizen-metrics store", "Where does the history go?"],
    ["kaizen-metrics store trust", "Confirm the team's store that a clone's marker and KAIZEN_STORE name"],
    ["kaizen-metrics store upgrade", "After an update that says the tables are too old"],
  ],
  async run({ flags, positionals: { action } }, context) {
    expectFitting(flags, action);
    if (action === undefined) return shown(context);
    if (action === "upgrade") return upgraded(flags["print-sql"] === true, context);
    if (action !== "trust")
      throw usageError(`${JSON.stringify(action.slice(0, 80))} is none of trust and upgrade.`, self);
    const trust = await context.storeTrust();
    if (flags.revoke === true) {
      const was = trust.forget();
      const sentence = was ? "The team's store is confirmed no more." : "No team's store was confirmed here.";
      return { value: { confirmed: false }, text: () => `${sentence}\n` };
    }
    return confirmed(expectTeam(await teamOf(context)), flags.yes === true, context);
  },
});

function expectFitting(flags: Parameters<typeof store.run>[0]["flags"], action: string | undefined): void {
  if (flags.revoke !== undefined && flags.yes !== undefined) throw usageError("Use either --yes or --revoke.", self);
  for (const [flag, of] of [
    ["yes", "trust"],
    ["revoke", "trust"],
    ["print-sql", "upgrade"],
  ] as const) {
    if (flags[flag] !== undefined && action !== of) throw usageError(`--${flag} goes with store ${of}.`, self);
  }
}

async function shown(context: CommandContext): Promise<Outcome> {
  const choice = await context.store();
  const team = await teamOf(context);
  const isConfirmed = team !== undefined && (await context.storeTrust()).isConfirmed(team.toConfirm);
  const rows = storeRows(choice, team);
  return {
    value: storeFigures(choice, team, isConfirmed),
    text: (style) => fields(team === undefined ? rows : [...rows, confirmedRow(isConfirmed)], style),
    exitCode: team === undefined || isConfirmed ? 0 : 1,
  };
}

async function confirmed(team: TeamStore, isSure: boolean, context: CommandContext): Promise<Outcome> {
  const trust = await context.storeTrust();
  const choice = await context.store();
  const figures = () => storeFigures(choice, team, trust.isConfirmed(team.toConfirm));
  if (trust.isConfirmed(team.toConfirm)) {
    return { value: figures(), text: () => `${team.shown} is confirmed already.\n` };
  }
  const asks = !isSure && context.stdin.isTerminal && !context.json;
  if (asks) {
    await context.ask(
      (style) =>
        `${fields(storeRows(choice, team), style)}\nMay this project's agents read and write there, with this password? [y/N] `,
    );
  }
  const isAccepted = isSure || (asks && (await saysYes(context.stdin)));
  if (isAccepted) trust.confirm(team.toConfirm);
  const sentence = isAccepted
    ? `Confirmed: ${team.shown}. kaizen-metrics store trust --revoke takes that back.`
    : `Nothing was confirmed.${asks ? "" : " Confirming takes a terminal, or --yes."}`;
  return {
    value: figures(),
    text: (style) => `${asks ? "" : `${fields(storeRows(choice, team), style)}\n`}${sentence}\n`,
    exitCode: isAccepted ? 0 : 1,
  };
}

async function upgraded(isPrinted: boolean, context: CommandContext): Promise<Outcome> {
  if (isPrinted) {
    const team = expectTeam(await teamOf(context));
    const sql = (await teamStores()).sqlFor(team);
    return { value: { store: team.shown, sql }, text: () => sql };
  }
  const team = expectTeam(await confirmedTeamOf(context));
  const { upgradeTables } = await teamStores();
  const { after, before, hasRoles } = await upgradeTables(team);
  const what = before === after ? `has version ${after} already` : `has version ${after} now`;
  const roles = hasRoles
    ? ""
    : "\nThe roles could not be made by this user: hand kaizen-metrics store upgrade --print-sql on.";
  return {
    value: { store: team.shown, before: before ?? null, after, roles: hasRoles },
    text: () => `${team.shown} ${what}.${roles}\n`,
  };
}

function expectTeam(team: TeamStore | undefined): TeamStore {
  if (team !== undefined) return team;
  throw new KaizenError("NO_STORE", "This project's history is in its folder, and in no team's store.", {
    hint: "kaizen-metrics init --store ADDRESS --project NAME begins one.",
  });
}
