import { nearestName } from "../../domain/text/nearest-name.ts";
import { KaizenError } from "../../errors.ts";
import type { Machine } from "../../project-root.ts";
import type { Client } from "../clients/client.ts";
import { clients, type FoundClient, signsOfClients } from "../clients/index.ts";
import { connectedClients, isOnlyShared } from "./connected.ts";

export const clientNames: readonly string[] = clients.map(({ name }) => name);

/** The clients that a call is about, and why if no name was given. */
export interface Wanted {
  readonly clients: readonly Client[];
  readonly notes: readonly string[];
}

/** By the names that were given; several may stand behind one flag, with commas between. */
export function clientsNamed(given: readonly string[]): Wanted {
  const names = given.flatMap((value) => value.split(",")).map((name) => name.trim());
  const wanted = names.map(clientNamed);
  return { clients: clients.filter((client) => wanted.includes(client)), notes: [] };
}

function clientNamed(name: string): Client {
  const client = clients.find((known) => known.name === name);
  if (client !== undefined) return client;
  const nearest = nearestName(name, clientNames);
  const meant = nearest === undefined ? `; known are ${clientNames.join(", ")}.` : `; did you mean "${nearest}"?`;
  throw new KaizenError("INVALID_ARGUMENT", `"${name.slice(0, 80)}" is not a client that init knows${meant}`);
}

/** Nearly every repository has one, for other things as well: it counts beside the folder of another client. */
const WEAK_SIGN = ".github";

/** Without a name: those whose files and folders are in the project. What we have written there connects no other one. */
export function clientsFound(project: string, machine: Machine): Wanted {
  const connected = connectedClients(project, "for-sure");
  const found = signsOfClients(project, machine).map((one) =>
    connected.includes(one.client)
      ? one
      : { ...one, project: one.project.filter((name) => !isOnlyShared(project, name)) },
  );
  const here = found.filter((one) => one.project.length > 0);
  const isWeak = (one: FoundClient) => one.project.every((sign) => sign === WEAK_SIGN);
  if (here.every(isWeak)) throw noneFound(found);
  const names = here.map(({ client, project: [sign] }) => `${client.name} (${sign})`);
  const without = here.filter((one) => !isWeak(one)).map(({ client }) => client.name);
  return {
    clients: here.map(({ client }) => client),
    notes: [
      `Found in the project: ${names.join(", ")}.`,
      ...here
        .filter(isWeak)
        .map(
          ({ client }) =>
            `${client.title} is among them for its folder ${WEAK_SIGN} only. To leave it out: --client ${without.join(",")}.`,
        ),
    ],
  };
}

function noneFound(found: readonly FoundClient[]): KaizenError {
  const signs = found.filter(({ home, project }) => home.length + project.length > 0);
  const seen = signs.map(({ client, home, project }) => `${client.name} (${[...project, ...home].join(", ")})`);
  const what = seen.length === 0 ? "No client was found here" : `Found ${seen.join(", ")}, which is not sign enough`;
  return new KaizenError("INVALID_ARGUMENT", `init needs --client, with ${clientNames.join(", ")}. ${what}.`, {
    hint: `Run kaizen-metrics init --client ${signs[0]?.client.name ?? clientNames[0]}.`,
  });
}
