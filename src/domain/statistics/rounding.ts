/**
 * Decimal text of a finite number, rounded half to even on its exact binary value, as Python's `round` and
 * `format(x, ".3f")` do. `toFixed` is exact too, but takes a tie upwards (ECMA-262, Number.prototype.toFixed).
 */
export function formatHalfEven(value: number, decimals: number): string {
  if (Math.abs(value) >= 1e21) return `${BigInt(value)}.${"0".repeat(decimals)}`.replace(/\.$/, "");
  const text = value.toFixed(decimals);
  if (!isTie(value, decimals)) return text;
  const lastDigit = Number(text.at(-1));
  if (lastDigit % 2 === 0) return text;
  // An odd last digit of a tie was rounded away from zero; it is never 0, so the even one is the digit before it.
  return `${text.slice(0, -1)}${lastDigit - 1}`;
}

/** Rounds half to even on the exact binary value: Python's `round(value, decimals)`. */
export function roundHalfEven(value: number, decimals: number): number {
  return Number(formatHalfEven(value, decimals));
}

/** A tie has exactly one decimal more, a 5; a double can only be one where 2^(decimals + 1) makes it an integer. */
function isTie(value: number, decimals: number): boolean {
  return Number.isInteger(value * 2 ** (decimals + 1)) && value.toFixed(decimals + 1).endsWith("5");
}
