/** Work on one thing takes turns within the process: in order, one at a time, whatever became of the work before. */
export class Mutex {
  #last: Promise<unknown> = Promise.resolve();
  #pending = 0;

  take<T>(work: () => Promise<T>): Promise<T> {
    this.#pending += 1;
    const turn = this.#last.then(work);
    // A failure is told to the caller that asked for the work, and never to the next in line.
    this.#last = turn.then(
      () => this.#done(),
      () => this.#done(),
    );
    return turn;
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  /** Resolves when everything that was asked for up to now is over. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #done(): void {
    this.#pending -= 1;
  }
}
