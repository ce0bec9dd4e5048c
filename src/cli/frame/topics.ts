/**
 * The pages of the manual: the commands by their groups, then what else there is to know. Each is a file in `manual/`
 * beside the program.
 */
export const topics: readonly string[] = [
  "cli",
  "report",
  "read",
  "page",
  "advise",
  "trials",
  "evidence",
  "keep",
  "connect",
  "clients",
  "hooks",
  "merging",
  "team",
  "tools",
  "figures",
  "settings",
  "files",
  "errors",
  "limits",
  "troubleshooting",
  "glossary",
  "api",
  "adr-004",
  "performance",
  "packages",
  "developing",
  "changelog",
];
