import { ABOUT_AGENT, AGENT, type AgentClient, linesWith } from "./client.ts";

export const gemini: AgentClient = {
  name: "gemini",
  title: "Gemini CLI",
  packages: { "@google/gemini-cli": "0.61.0" },
  program: "@google/gemini-cli/bundle/gemini.js",
  initAs: ["gemini"],
  hooks: { session: true, subagents: false, failures: false },
  prepare(user) {
    const head = ["---", `name: ${AGENT}`, `description: ${ABOUT_AGENT}`, "---", "Review."];
    // One of the project is off until a person has said yes to it.
    user.writeAtHome(`.gemini/agents/${AGENT}.md`, `${head.join("\n")}\n`);
    const settings = {
      security: { auth: { selectedType: "gemini-api-key" }, folderTrust: { enabled: false } },
      privacy: { usageStatisticsEnabled: false },
      general: { enableAutoUpdate: false },
    };
    user.writeAtHome(".gemini/settings.json", JSON.stringify(settings));
  },
  line: ({ node, program }, prompt) => [node, program, "--yolo", "--skip-trust", "-m", "gemini-2.5-pro", "-p", prompt],
  env: (_, modelUrl) => ({ GEMINI_API_KEY: "scripted-key", GOOGLE_GEMINI_BASE_URL: modelUrl }),
  delegate: (prompt) => [{ tool: "invoke_agent", input: { agent_name: AGENT, prompt } }],
  complaints: (_, { stderr }) => linesWith(stderr, /error|fail/i),
};
