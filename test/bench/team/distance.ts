import { type AddressInfo, connect, createServer, type Socket } from "node:net";

export interface Distance {
  readonly port: number;
  close(): void;
}

/** Stands before a server and lets everything arrive later, by so many ms in each direction. */
export async function distanceTo(serverPort: number, ms: number): Promise<Distance> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const far = connect(serverPort, "127.0.0.1");
    for (const [from, to] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(from);
      const gone = () => {
        from.destroy();
        to.destroy();
        sockets.delete(from);
      };
      from.setNoDelay(true).on("error", gone).on("close", gone);
      from.on("data", (bytes: Buffer) => void setTimeout(() => void (to.destroyed || to.write(bytes)), ms));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
