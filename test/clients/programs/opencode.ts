import { ABOUT_AGENT, AGENT, type AgentClient, linesWith } from "./client.ts";

export const opencode: AgentClient = {
  name: "opencode",
  title: "opencode",
  packages: { "opencode-ai": "1.18.33" },
  program: "opencode-ai/bin/opencode.exe",
  initAs: ["opencode"],
  hooks: { session: false, subagents: true },
  prepare(user, modelUrl) {
    const head = ["---", `description: ${ABOUT_AGENT}`, "mode: subagent", "---", "Review."];
    user.write(`.opencode/agent/${AGENT}.md`, `${head.join("\n")}\n`);
    user.writeAtHome(
      ".config/opencode/opencode.json",
      JSON.stringify({
        model: "scripted/scripted",
        autoupdate: false,
        share: "disabled",
        provider: {
          scripted: {
            npm: "@ai-sdk/openai-compatible",
            options: { baseURL: `${modelUrl}/v1`, apiKey: "scripted-key" },
            models: { scripted: { tool_call: true, limit: { context: 100_000, output: 10_000 } } },
          },
        },
      }),
    );
  },
  line: ({ program }, prompt) => [program, "run", "--auto", "--print-logs", "--log-level", "INFO", prompt],
  env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: "1", OPENCODE_DISABLE_MODELS_FETCH: "1" }),
  delegate: (prompt) => [{ tool: "task", input: { description: "a review", prompt, subagent_type: AGENT } }],
  complaints: (_, { stderr }) => linesWith(stderr, /^(?:ERROR|WARN)|level=(?:ERROR|WARN)/i),
};
