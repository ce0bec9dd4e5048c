import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";

/** What to do with a message from the client, or from the server. */
export type Verdict = "pass" | "cut" | "passAndCut" | "passHalfAndCut" | "swallow";

/** Stands between a client and a server, and cuts connections where a test says so. */
export class CuttingProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** How many there were, of clients. */
  connections = 0;
  /** Asked about every piece of a conversation. */
  onRequest: (bytes: Buffer) => Verdict = () => "pass";
  onAnswer: (bytes: Buffer) => Verdict = () => "pass";

  private constructor(port: number) {
    this.#server = createServer((client) => {
      this.connections += 1;
      const server = connect(port, "127.0.0.1");
      const kill = () => {
        for (const socket of [client, server]) {
          socket.destroy();
          this.#sockets.delete(socket);
        }
      };
      const relay = (from: Socket, to: Socket, judge: (bytes: Buffer) => Verdict) => {
        this.#sockets.add(from);
        from.on("error", kill).on("close", kill);
        from.on("data", (bytes: Buffer) => {
          const verdict = judge(bytes);
          if (verdict === "cut") return kill();
          if (verdict === "pass") return void to.write(bytes);
          if (verdict === "swallow") return;
          // It, or a part of it, has gone out; what comes back reaches nobody. A server that has a whole statement does it.
          client.removeAllListeners("close");
          to.end(verdict === "passAndCut" ? bytes : bytes.subarray(0, bytes.length >> 1), () => {
            client.destroy();
            server.end();
            server.resume();
          });
        });
      };
      relay(client, server, (bytes) => this.onRequest(bytes));
      relay(server, client, (bytes) => this.onAnswer(bytes));
    });
  }

  static async before(port: number): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
