import type { Socket } from "node:net";

/**
 * Connections on which no token has come yet. They are counted apart, so that another user of the machine takes no page's
 * place: if there are too many, the oldest has to go, for our own page shows its token at once.
 */
export class Strangers {
  readonly #limit: number;
  readonly #sockets = new Set<Socket>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(socket: Socket): void {
    const [oldest] = this.#sockets;
    if (this.#sockets.size >= this.#limit && oldest !== undefined) {
      this.remove(oldest);
      oldest.destroy();
    }
    this.#sockets.add(socket);
    socket.on("close", () => this.remove(socket));
  }

  /** A token has come, or the connection has gone. */
  remove(socket: Socket): void {
    this.#sockets.delete(socket);
  }
}
