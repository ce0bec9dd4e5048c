import { expect, test } from "vitest";
import { readMainAfter } from "../../../src/evidence/transcript/main-after.ts";
import { ClaudeLines, writtenAs } from "./claude-lines.ts";

const main = { isSidechain: false, agentId: undefined };
const START = Date.UTC(2026, 10, 28, 10);

/** Lines of the main conversation. */
class MainLines extends ClaudeLines {
  override add(line: Record<string, unknown>): this {
    return super.add({ ...main, ...line });
  }

  tested(id: string, output: string): this {
    return this.call(id, "Bash", { command: "npm test" }).result(id, output);
  }

  edited(id: string): this {
    return this.call(id, "Edit", { file_path: "/repo/a.ts" }).result(id, "ok");
  }

  after(seconds: number): string | undefined {
    return readMainAfter(writtenAs("main.jsonl", this.text), START + seconds * 1000);
  }
}

const [green, red] = [" Tests  5 passed (5)", " Tests  1 failed (1)"];

test("the first result after the run's end counts, and none that was begun before", () => {
  const lines = new MainLines().tested("t1", red).says("on").tested("t2", green).tested("t3", red);
  expect(lines.after(2.5)).toBe("green_after");
  expect(lines.after(3.5)).toBe("red_after");
  expect(lines.after(-1)).toBe("red_after");
  expect(lines.after(60)).toBeUndefined();
});

test("no result counts behind an edit, or behind another agent's work", () => {
  expect(new MainLines().edited("e1").tested("t1", green).after(1.5)).toBe("green_after");
  expect(new MainLines().edited("e1").tested("t1", green).after(0.5)).toBeUndefined();
  const delegated = new MainLines().call("a1", "Task", {}).result("a1", "done").tested("t1", green);
  expect(delegated.after(-1)).toBeUndefined();
  expect(delegated.after(0.5)).toBe("green_after");
});

test("a subagent's own lines in the same file are none of the main conversation's", () => {
  const side = new MainLines().add({ type: "user" });
  side.add({
    type: "assistant",
    isSidechain: true,
    message: { content: [{ type: "tool_use", id: "s", name: "Edit", input: { file_path: "/repo/a" } }] },
  });
  side.add({
    type: "user",
    isSidechain: true,
    message: { content: [{ type: "tool_result", tool_use_id: "s", content: "ok" }] },
  });
  expect(side.tested("t1", green).after(0)).toBe("green_after");
});

test("what is not dated may have come at any time", () => {
  const lines = new MainLines().add({
    type: "assistant",
    timestamp: undefined,
    message: { content: [{ type: "tool_use", id: "t", name: "Bash", input: { command: "ls" } }] },
  });
  expect(lines.result("t", "x").tested("t1", green).after(0)).toBeUndefined();
});

test("of a long conversation the end is read, and tells nothing of a run that ended before it", () => {
  const filler = `${JSON.stringify({ type: "progress", content: "x".repeat(1000) })}\n`.repeat(5000);
  const early = new MainLines().edited("e0");
  const late = new MainLines().says("a").says("b").tested("t1", green);
  const path = writtenAs("main.jsonl", `${early.text}${filler}${late.text}`);
  expect(readMainAfter(path, START + 500)).toBe("green_after");
  expect(readMainAfter(path, START - 500)).toBeUndefined();
});
