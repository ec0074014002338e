/**
 * The registry's description as a page to be read: one HTML document, with nothing to load. Pure.
 *
 * @module
 */
import { messageSchemas } from "./openapi_schemas.ts";
import { type Answer, type AnswerBody, documentedPath, type Operation } from "./operation.ts";
import type { Parameter } from "../base/parameter.ts";
import { VERSION } from "../base/version.ts";

const STYLE = `
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
code, pre { font: 0.9em ui-monospace, monospace; }
pre { overflow: auto; padding: 1rem; border: 1px solid #8886; border-radius: 6px; }
section { border-top: 1px solid #8886; padding: 0.5rem 0; }
h2 code { font-size: 1.1rem; }
.method { display: inline-block; min-width: 4.5em; text-transform: uppercase; color: #06c; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid #8883; padding: 0.25rem 1rem 0.25rem 0; vertical-align: top; }
td:first-child { width: 10rem; white-space: nowrap; }
a { color: inherit; }
`;

/** What the page may do: nothing but show itself. */
export const DOCS_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/** Returns the page of these operations. */
export function docsPage(all: readonly Operation[]): string {
  const schemas = Object.entries(messageSchemas()).map(([name, schema]) =>
    `<section id="${name}"><details><summary><code>${name}</code></summary>` +
    `<pre>${linked(JSON.stringify(schema, null, 2))}</pre></details></section>`
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Deno Mesh registry ${VERSION}</title>
<style>${STYLE}</style>
<h1>Deno Mesh registry</h1>
<p>Version ${VERSION}. For programs: <a href="openapi.json">openapi.json</a>.</p>
${all.map(operation).join("\n")}
<h1>Messages</h1>
${schemas.join("\n")}
</html>
`;
}

function operation({ method, path, about, query = {}, body, answers }: Operation): string {
  const rows = [
    ...Object.entries(query).map(parameterRow),
    ...(body === undefined ? [] : [row("body", bodyText(body))]),
    ...Object.entries(answers).map(([status, answer]) => row(status, answerText(answer))),
  ];
  return `<section><h2><code><span class="method">${method.toLowerCase()}</span> ${
    escaped(documentedPath(path))
  }</code></h2>
<p>${prose(about)}.</p>
<table>${rows.join("")}</table></section>`;
}

function parameterRow([name, { about, required }]: [string, Parameter]): string {
  return row(`?${name}`, `${prose(about)}${required ? " (required)" : ""}`);
}

function row(name: string, html: string): string {
  return `<tr><td><code>${escaped(name)}</code></td><td>${html}</td></tr>`;
}

function answerText({ about, body }: Answer): string {
  return prose(about) + (body === undefined ? "" : `: ${bodyText(body)}`);
}

function bodyText(body: AnswerBody): string {
  if (typeof body !== "string") return body.map(bodyText).join(" or ");
  const name = `<code>${escaped(body)}</code>`;
  return body.includes("/") ? name : `<a href="#${body}">${name}</a>`;
}

/** Text with its code between back-ticks. */
function prose(text: string): string {
  return escaped(text).replaceAll(/`([^`]*)`/g, "<code>$1</code>");
}

/** A schema whose references lead to what they name. */
function linked(json: string): string {
  return escaped(json).replaceAll(/#\/components\/schemas\/(\w+)/g, '<a href="#$1">$1</a>');
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
