import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { formatHalfEven, roundHalfEven } from "../../src/domain/statistics/rounding.ts";

/** The decimal text of a double rounded half to even, worked out with integers only: the oracle. */
function exactly(value: number, decimals: number): string {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigUint64(0);
  const biased = Number(raw >> 52n);
  const fraction = raw & 0xfffffffffffffn;
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  const exponent = BigInt(Math.max(biased, 1) - 1075);
  const scaled = mantissa * 10n ** BigInt(decimals);
  const divisor = exponent < 0n ? 1n << -exponent : 1n;
  const numerator = exponent < 0n ? scaled : scaled << exponent;
  let digits = numerator / divisor;
  const doubled = (numerator % divisor) * 2n;
  if (doubled > divisor || (doubled === divisor && digits % 2n === 1n)) digits += 1n;
  const text = digits.toString().padStart(decimals + 1, "0");
  const joined = decimals === 0 ? text : `${text.slice(0, -decimals)}.${text.slice(-decimals)}`;
  return value < 0 ? `-${joined}` : joined;
}

describe("rounding half to even", () => {
  test.each([
    [0.0625, 3, "0.062"],
    [0.6875, 3, "0.688"],
    [0.125, 2, "0.12"],
    [0.375, 2, "0.38"],
    [0.25, 1, "0.2"],
    [0.35, 1, "0.3"],
    [2.5, 0, "2"],
    [3.5, 0, "4"],
    [-0.125, 2, "-0.12"],
    [2.675, 2, "2.67"],
    [1e21, 1, "1000000000000000000000.0"],
    [0, 3, "0.000"],
  ])("writes %d with %d decimals as %s", (value, decimals, text) => {
    expect(formatHalfEven(value, decimals)).toBe(text);
  });

  test("agrees with exact integer arithmetic on any double", () => {
    fc.assert(
      fc.property(
        fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e25, max: 1e25 }),
        fc.integer({ min: 0, max: 6 }),
        (value, decimals) => {
          expect(formatHalfEven(value, decimals)).toBe(exactly(value, decimals));
        },
      ),
    );
  });

  test("agrees with exact integer arithmetic on ties, which are the point", () => {
    fc.assert(
      fc.property(fc.integer({ min: -100_000, max: 100_000 }), fc.integer({ min: 0, max: 6 }), (n, decimals) => {
        const value = n / 2 ** (decimals + 1);
        expect(formatHalfEven(value, decimals)).toBe(exactly(value, decimals));
      }),
    );
  });

  test("gives a number back that rounds to itself", () => {
    fc.assert(
      fc.property(fc.double({ min: -1000, max: 1000, noNaN: true }), (value) => {
        const once = roundHalfEven(value, 3);
        expect(roundHalfEven(once, 3) - once).toBe(0);
        expect(Math.abs(once - value)).toBeLessThanOrEqual(0.0005 + 1e-12);
      }),
    );
  });
});
