import type { Server } from "node:http";
import { errorCodeOf, KaizenError } from "../errors.ts";

/** Never others: the dashboard is for the person at this machine, and tunnels begin here. */
const IPV4 = "127.0.0.1";
const IPV6 = "::1";

/** So many free ports are tried until one is free on both addresses. */
const ATTEMPTS = 10;

/**
 * Listens on one port of both loopback addresses, and gives the servers. Browsers take a name such as `x.localhost` to
 * the second one first: another user of the machine who listened there would be sent the code in our address.
 */
export async function listenOnLoopback(create: () => Server, port: number): Promise<readonly Server[]> {
  for (let attempt = 1; ; attempt += 1) {
    const first = create();
    await listen(first, IPV4, port);
    const second = create();
    try {
      await listen(second, IPV6, portOf(first));
      return [first, second];
    } catch (error) {
      // A machine without IPv6 has no such address, and so has no other user of it.
      if (!isTaken(error)) return [first];
      first.close();
      if (port !== 0 || attempt === ATTEMPTS) throw error;
    }
  }
}

export function portOf(server: Server): number {
  const address = server.address();
  if (typeof address === "object" && address !== null) return address.port;
  throw new Error("the server listens on no port");
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(portProblem(port, error)));
    server.listen({ host, port, exclusive: true, ipv6Only: host === IPV6 }, () => resolve());
  });
}

function isTaken(error: unknown): boolean {
  return error instanceof KaizenError && errorCodeOf(error.cause) === "EADDRINUSE";
}

function portProblem(port: number, cause: Error): KaizenError {
  const code = errorCodeOf(cause);
  const problem = code === "EADDRINUSE" ? "is in use already" : `could not be opened (${code ?? cause.message})`;
  const hint = "Name another port, or leave --port out: then a free one is taken.";
  return new KaizenError("IO_ERROR", `Port ${port} ${problem}.`, { hint, cause });
}
