import { ABOUT_AGENT, AGENT, type AgentClient, linesWith } from "./client.ts";

export const opencode: AgentClient = {
  name: "opencode",
  title: "opencode",
  packages: { "opencode-ai": "1.18.33" },
  program: "opencode-ai/bin/opencode.exe",
  initAs: ["opencode"],
  hooks: { session: false, subagents: true, failures: true },
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
  line: ({ program }, prompt) => [program, "run", "--auto", "--print-logs", "--log-level", "WARN", prompt],
  env: () => ({
    OPENCODE_DISABLE_AUTOUPDATE: "1",
    OPENCODE_DISABLE_MODELS_FETCH: "1",
    // For each plugin of a project it asks npm for a package of its own, for a minute, and goes on without it.
    npm_config_registry: "http://127.0.0.1:9/",
    npm_config_fetch_retries: "0",
  }),
  delegate: (prompt) => [{ tool: "task", input: { description: "a review", prompt, subagent_type: AGENT } }],
  complaints: (_, { stderr }) => linesWith(stderr, /^(?:ERROR|WARN)|level=(?:ERROR|WARN)/i),
};
