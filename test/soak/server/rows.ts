import pg from "pg";
import type { Query } from "../../../src/storage/postgres/server/driver.ts";

/** A connection of the soak's own, past the store. */
export async function rowsOf(address: string): Promise<{ query: Query; end(): Promise<void> }> {
  const client = new pg.Client({ connectionString: address });
  client.on("error", () => {});
  await client.connect();
  return {
    query: async (text, values = []) => (await client.query<object>(text, [...values])).rows,
    end: () => client.end(),
  };
}
