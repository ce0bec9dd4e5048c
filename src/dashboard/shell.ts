import type { Answer } from "./answers.ts";

/** What the page is made of, as the build leaves it. */
export interface PageFiles {
  readonly script: string;
  readonly style: string;
}

/** The page is built apart from the program, and lies beside it. */
export async function pageFiles(readBeside: (name: string) => Promise<string>): Promise<PageFiles> {
  return { script: await readBeside("page/page.js"), style: await readBeside("page/page.css") };
}

/** The page without data. Its script asks for them. */
export function shell(nonce: string): Answer {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join("; ");
  const body = page({
    head: `<link rel="stylesheet" href="/page.css" nonce="${nonce}">`,
    foot: `<script src="/page.js" nonce="${nonce}"></script>`,
  });
  return { type: "text/html", body, headers: { "Content-Security-Policy": policy } };
}

/** The page as one document for a client that shows apps, which has rules of its own for what a document may do. */
export function appHtml(files: PageFiles): string {
  const { script, style } = inHtml(files);
  return page({ head: `<style>${style}</style>`, foot: `<script>${script}</script>` });
}

/** Script and style, to stand in a document. A parser of HTML looks for these signs before it knows of strings. */
export function inHtml(files: PageFiles): PageFiles {
  return {
    script: oneKindOfNewline(files.script).replaceAll(/<(?=\/script|!--)/gi, "\\x3c"),
    style: oneKindOfNewline(files.style).replaceAll(/<(?=\/style)/gi, "\\3c "),
  };
}

/** A browser reads every newline as this one: what is hashed has to be what it reads. */
function oneKindOfNewline(text: string): string {
  return text.replaceAll(/\r\n?/g, "\n");
}

/** The document around the page, which its script fills. Neither part may have text of others in it as it is. */
export function page({ head, foot }: { readonly head: string; readonly foot: string }): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>kaizen-metrics</title>
${head}
</head>
<body>
<div id="app"></div>
<noscript>This page needs JavaScript. kaizen-metrics summary says the same in a terminal.</noscript>
${foot}
</body>
</html>
`;
}
