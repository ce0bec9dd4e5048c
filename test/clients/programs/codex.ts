import { ABOUT_AGENT, AGENT, type AgentClient, linesWith } from "./client.ts";

export const codex: AgentClient = {
  name: "codex",
  title: "Codex",
  packages: { "@openai/codex": "0.171.0" },
  program: "@openai/codex/bin/codex.js",
  initAs: ["codex"],
  hooks: { session: true, subagents: true, failures: false },
  prepare(user, modelUrl) {
    const lines = [
      'model = "scripted"',
      'model_provider = "scripted"',
      "[model_providers.scripted]",
      'name = "scripted"',
      `base_url = "${modelUrl}/v1"`,
      'wire_api = "responses"',
      "supports_websockets = false",
      // It would look for them in the network.
      "[features]",
      "plugins = false",
      // Without it, the files in the project's .codex count for nothing.
      `[projects."${user.project}"]`,
      'trust_level = "trusted"',
    ];
    user.writeAtHome(".codex/config.toml", `${lines.join("\n")}\n`);
    const agent = [`name = "${AGENT}"`, `description = "${ABOUT_AGENT}"`, 'developer_instructions = "Review."'];
    user.write(`.codex/agents/${AGENT}.toml`, `${agent.join("\n")}\n`);
  },
  line: ({ node, program }, prompt) => [
    ...[node, program, "exec", "--skip-git-repo-check", "--dangerously-bypass-approvals-and-sandbox"],
    ...["--dangerously-bypass-hook-trust", prompt],
  ],
  env: ({ user }) => ({ CODEX_HOME: `${user.home}/.codex`, RUST_LOG: "error" }),
  delegate: (message) => [
    ({ tools }) => ({ tool: named(tools, "spawn_agent"), input: { message, agent_type: AGENT } }),
    ({ told, tools }) => ({
      tool: named(tools, "wait_agent"),
      input: { targets: [/agent_id\\+":\\+"([\da-f-]+)/.exec(told)?.[1]], timeout_ms: 60_000 },
    }),
  ],
  complaints: (_, { stderr }) => linesWith(stderr, /ERROR|hook: .* (?!Completed)/),
};

/** Which namespace a tool is in has changed from version to version. */
function named(tools: ReadonlyMap<string, string>, name: string): string {
  return [...tools.keys()].find((one) => one === name || one.endsWith(`/${name}`)) ?? name;
}
