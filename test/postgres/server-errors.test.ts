import { expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import { remedyFor, translateServerError } from "../../src/storage/postgres/server/errors.ts";

/** An error as the driver gives it: with what the server says of values. */
function serverError(code: string): Error {
  return Object.assign(new Error("value too long: s3cret"), {
    code,
    detail: "Key (id)=(s3cret) exists.",
    where: "s3cret",
  });
}

test.each([
  ["53100", "DISK_FULL"],
  ["25006", "READ_ONLY"],
  ["42501", "READ_ONLY"],
  ["55P03", "LOCK_TIMEOUT"],
  ["57014", "LOCK_TIMEOUT"],
  ["42P01", "STORE_VERSION"],
  ["3F000", "STORE_VERSION"],
  ["28P01", "STORE_UNREACHABLE"],
  ["53300", "STORE_UNREACHABLE"],
  ["57P01", "STORE_UNREACHABLE"],
  ["23514", "INVALID_ARGUMENT"],
  ["XX000", "IO_ERROR"],
])("a failure with SQLSTATE %s is %s, in our words only", (sqlState, code) => {
  const error = translateServerError(serverError(sqlState), "recording a run");
  expect(error).toBeInstanceOf(KaizenError);
  expect(error).toMatchObject({ code });
  const { cause, hint, message, stack } = error as KaizenError;
  expect(message).toContain("while recording a run");
  expect(cause).toBeUndefined();
  expect(`${message} ${hint} ${stack}`).not.toContain("s3cret");
});

test("what can be done about a failure goes by its SQLSTATE, or by what the network says", () => {
  const remedies = [
    "40001",
    "40P01",
    "23505",
    "25006",
    "53300",
    "57P03",
    "08006",
    "57P01",
    "40003",
    "ECONNRESET",
    "42601",
  ];
  expect(remedies.map((code) => remedyFor(serverError(code)))).toEqual([
    "again",
    "again",
    "look",
    "elsewhere",
    "elsewhere",
    "elsewhere",
    "reconnect",
    "reconnect",
    "reconnect",
    "reconnect",
    "none",
  ]);
  expect(remedyFor(new Error("Connection terminated unexpectedly"))).toBe("reconnect");
  // A fault of ours would only be hidden by another try, also if it has a code of Node.js.
  expect(remedyFor(new TypeError("types is undefined"))).toBe("none");
  expect(remedyFor(Object.assign(new TypeError("no text"), { code: "ERR_INVALID_ARG_TYPE" }))).toBe("none");
});
