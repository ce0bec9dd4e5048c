import pg from "pg";
import { onTestFinished } from "vitest";
import type { Query } from "../../../src/storage/postgres/server/driver.ts";

/** Statements of a test, which are none of the store's. */
export async function connectTo(address: string): Promise<Query> {
  const client = new pg.Client({ connectionString: address });
  client.on("error", () => {});
  await client.connect();
  onTestFinished(() => client.end());
  return async (text, values = []) => (await client.query<object>(text, [...values])).rows;
}
