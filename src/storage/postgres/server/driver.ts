import { Silence } from "./errors.ts";
import type { Limit } from "./limit.ts";

/** One statement, and its rows. */
export type Query = (text: string, values?: readonly unknown[]) => Promise<readonly object[]>;

/** What of a client of the driver is used, once it is connected. */
interface Client {
  query(text: string, values: unknown[]): Promise<{ readonly rows: readonly object[] }>;
  end(): Promise<void>;
}

/** So often it is looked whether rows still come. */
const LOOK_MS = 1_000;

/** A row as the statement that was sent for it says it. */
export function expectRow<T>(isMeant: (row: unknown) => row is T, row: unknown): T {
  if (isMeant(row)) return row;
  throw new TypeError("the server has sent another row than was asked for");
}

/** Statements over a connection, each within a limit. */
export function queryOf(client: Client, limit: Limit): Query {
  return async (text, values = []) => {
    socketOf(client)?.ref?.();
    const { rows } = await inTime(client.query(text, [...values]), client, limit);
    limit.answered();
    return rows;
  };
}

/** The answer; or a failure once the limit is over. Rows that come may put that off. */
function inTime<T>(answer: Promise<T>, client: Client, limit: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    let read = socketOf(client)?.bytesRead;
    let timer: NodeJS.Timeout;
    const look = () => {
      const now = socketOf(client)?.bytesRead;
      if (limit.isExtended && now !== read) limit.answered();
      read = now;
      const left = limit.leftMs;
      if (left <= 0) reject(new Silence());
      else timer = setTimeout(look, limit.isExtended ? Math.min(left, LOOK_MS) : left);
    };
    look();
    answer.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

interface Socket {
  readonly bytesRead?: number;
  destroy(): void;
  ref?(): void;
  unref?(): void;
}

interface DriverConnection {
  readonly stream?: Socket;
  prependListener(event: string, listener: () => void): void;
}

/** What the driver's types leave out. */
export function connectionOf(client: Client): DriverConnection | undefined {
  return "connection" in client ? (client.connection as DriverConnection) : undefined;
}

export function socketOf(client: Client): Socket | undefined {
  return connectionOf(client)?.stream;
}

/** A statement under way is not broken off at the server: a commit that waits would then succeed with a warning. */
export function drop(client: Client): void {
  client.end().catch(() => {});
  const socket = socketOf(client);
  socket?.unref?.();
  setTimeout(() => socket?.destroy(), 100).unref();
}
