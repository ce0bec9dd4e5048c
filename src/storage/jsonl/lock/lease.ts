import { LEASE_MS } from "./owner.ts";

/**
 * The time for which others take our lock for held without being able to ask us. It is renewed as long as it runs; a
 * process that slept, or was kept from its event loop, finds it uncertain and has to look.
 */
export class Lease {
  readonly #renew: () => boolean;
  readonly #timer: NodeJS.Timeout;
  #renewedAt: Moment;

  /** `renew` says so in the lock, and answers whether the lock still is ours. It was taken after `since`. */
  constructor(renew: () => boolean, since: Moment) {
    this.#renew = renew;
    this.#renewedAt = since;
    this.#timer = setInterval(() => this.#renewQuietly(), LEASE_MS / 3).unref();
  }

  /** Whether no process can have taken the lock meanwhile, by both clocks: one may stand still in a machine's sleep. */
  get isCertain(): boolean {
    const { monotonic, wall } = momentNow();
    return monotonic - this.#renewedAt.monotonic < LEASE_MS / 2 && Math.abs(wall - this.#renewedAt.wall) < LEASE_MS / 2;
  }

  renew(): boolean {
    const renewedAt = momentNow();
    if (!this.#renew()) return false;
    this.#renewedAt = renewedAt;
    return true;
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #renewQuietly(): void {
    try {
      this.renew();
    } catch {
      // Then the lease runs out, and the holder has to look at the lock before it relies on it.
    }
  }
}

/** A moment on both clocks, in ms. */
export interface Moment {
  readonly monotonic: number;
  readonly wall: number;
}

export function momentNow(): Moment {
  return { monotonic: performance.now(), wall: Date.now() };
}
