import { describe, expect, test } from "vitest";
import { KaizenError } from "../../src/errors.ts";
import {
  addressForOthers,
  displayStore,
  isAddress,
  parseAddress,
  parseProject,
} from "../../src/storage/postgres/server/url.ts";

describe("the address of a team's store", () => {
  test("is read whole, with what is special in a name percent-encoded", () => {
    expect(parseAddress("postgres://ann@db.acme.example/metrics")).toEqual({
      hosts: [{ host: "db.acme.example", port: 5432 }],
      user: "ann",
      password: undefined,
      database: "metrics",
      schema: "kaizen",
      tls: true,
      rootCertificate: undefined,
    });
    const text = "postgresql://a%40b:p%3Aw%2F%25@[::1]:6000,127.0.0.1/d%20b?schema=team_1&sslmode=disable";
    expect(parseAddress(text)).toMatchObject({
      hosts: [
        { host: "::1", port: 6000 },
        { host: "127.0.0.1", port: 5432 },
      ],
      user: "a@b",
      password: "p:w/%",
      database: "d b",
      schema: "team_1",
    });
  });

  test.each([
    ["postgres://u@localhost/d", false],
    ["postgres://u@127.0.0.1,[::1]/d", false],
    ["postgres://u@127.0.0.1,db.example/d", true],
    ["postgres://u@db.example/d", true],
    ["postgres://u@db.example/d?sslmode=require", true],
    ["postgres://u@localhost/d?sslmode=verify-full&sslrootcert=%2Fca.pem", true],
    ["postgres://u@db.example/d?sslmode=disable", false],
  ])("verifies the server in full off this machine, unless that is spelled out: %s", (text, tls) => {
    expect(parseAddress(text).tls).toBe(tls);
  });

  test.each([
    "postgres://ann:s3cret@db.example/d",
    "postgres://ann@db.example:6000,[::1]/d%20b?sslrootcert=/etc/our%20ca.pem&schema=team_1",
    "postgres://ann@db.example/d?sslmode=disable",
    "postgres://ann@localhost/d?sslmode=require",
    "postgres://ann@localhost/d?sslmode=disable",
  ])("is handed on to others with all of it but its user and its password: %s", (text) => {
    const handedOn = addressForOthers(parseAddress(text));
    expect(handedOn).not.toContain("s3cret");
    expect(parseAddress(handedOn)).toEqual({ ...parseAddress(text), user: "USER", password: undefined });
  });

  test.each([
    "postgres://s3cret",
    "postgres://user:s3cret@/d",
    "postgres://:s3cret@h/d",
    "postgres://u:s3cret@h/d?sslmode=prefer",
    "postgres://u:s3cret@h/d?options=-c%20x",
    "postgres://u:s3cret@h/d?host=/tmp",
    "postgres://u:s3cret@h/d?sslkey=/etc/passwd",
    "postgres://u:s3cret@h/d?schema=a;b",
    "postgres://u:s3cret@h/d?schema=Public",
    "postgres://u:s3cret@h/d?schema=a&schema=b",
    "postgres://u:s3cret@h:0/d",
    "postgres://u:s3cret@h:70000/d",
    "postgres://u:s3cret%@h/d",
    "postgres://u:s3cret%00@h/d",
    "postgres://u:s3cret@h/d?sslmode=disable&sslrootcert=/x",
    "postgres://u:s3@cret@h/d",
    "postgres://u:s3cret@-h/d",
    "mysql://u:s3cret@h/d",
  ])("is refused without a word of it: %s", (text) => {
    let error: unknown;
    try {
      parseAddress(text);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(KaizenError);
    const said = error instanceof KaizenError ? `${error.message} ${error.hint} ${error.stack}` : "";
    expect(error).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(error instanceof Error && error.cause).toBeUndefined();
    expect(said).not.toMatch(/s3|cret@/);
  });

  test("is shown without its password, and with its project", () => {
    const address = parseAddress("postgres://a%40b:s3cret@[::1]:6000/d%20b?schema=x");
    expect(displayStore(address, "acme/api")).toBe("postgres://a%40b@[::1]:6000/d%20b (project acme/api)");
    const several = parseAddress("postgres://u@one,two/d");
    expect(displayStore(several, "p")).toBe("postgres://u@one,… (2 hosts)/d (project p)");
  });

  test("is told apart from a folder by its first letters", () => {
    expect(["postgres://x", "PostgreSQL:x", "./postgres", "/p"].map(isAddress)).toEqual([true, true, false, false]);
  });
});

describe("the name of a project", () => {
  test("is letters, digits, some signs and slashes", () => {
    for (const name of ["acme/api", "a", "Größe-1/x_y.z@+0", "日本"]) expect(parseProject(name)).toBe(name);
    for (const name of ["", "/a", "a/", "a//b", "a b", "a\u0000", "../a", "a/b/c/d/e", "x".repeat(129)]) {
      expect(() => parseProject(name)).toThrow(KaizenError);
    }
  });
});
