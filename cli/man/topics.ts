/**
 * The pages of `meshctl man`: their names, and what else people call them.
 *
 * @module
 */
import api from "./api.md" with { type: "text" };
import audit from "./audit.md" with { type: "text" };
import call from "./call.md" with { type: "text" };
import capabilities from "./capabilities.md" with { type: "text" };
import cli from "./cli.md" with { type: "text" };
import dependencyInjection from "./dependency-injection.md" with { type: "text" };
import diagnosis from "./diagnosis.md" with { type: "text" };
import environment from "./environment.md" with { type: "text" };
import habits from "./habits.md" with { type: "text" };
import headers from "./headers.md" with { type: "text" };
import health from "./health.md" with { type: "text" };
import llm from "./llm.md" with { type: "text" };
import mcp from "./mcp.md" with { type: "text" };
import overview from "./overview.md" with { type: "text" };
import permissions from "./permissions.md" with { type: "text" };
import prerequisites from "./prerequisites.md" with { type: "text" };
import quickstart from "./quickstart.md" with { type: "text" };
import registry from "./registry.md" with { type: "text" };
import scaffold from "./scaffold.md" with { type: "text" };
import schemaMatching from "./schema-matching.md" with { type: "text" };
import streaming from "./streaming.md" with { type: "text" };
import tags from "./tags.md" with { type: "text" };
import testing from "./testing.md" with { type: "text" };
import tracing from "./tracing.md" with { type: "text" };
import watch from "./watch.md" with { type: "text" };
import { HABITS } from "../../runtime/testing/habits.ts";

/** A page. */
export interface Topic {
  name: string;
  aliases: readonly string[];
  /** Markdown. */
  text: string;
}

/** Every page, in the order to read them. */
export const TOPICS: readonly Topic[] = [
  { name: "overview", aliases: ["architecture", "arch"], text: overview },
  {
    name: "quickstart",
    aliases: ["quick", "start", "hello", "tutorial", "trip-planner"],
    text: quickstart,
  },
  { name: "watch", aliases: ["reload", "foreground", "stop", "restart"], text: watch },
  { name: "call", aliases: ["arguments", "params", "shell"], text: call },
  { name: "prerequisites", aliases: ["prereq", "setup", "install"], text: prerequisites },
  { name: "capabilities", aliases: ["caps", "decorators", "decorator"], text: capabilities },
  { name: "tags", aliases: ["tag-matching"], text: tags },
  {
    name: "dependency-injection",
    aliases: ["di", "injection", "proxies", "proxy", "communication"],
    text: dependencyInjection,
  },
  { name: "streaming", aliases: ["stream", "sse", "progress"], text: streaming },
  {
    name: "schema-matching",
    aliases: ["schema", "schemas", "output-schema", "schema-registry"],
    text: schemaMatching,
  },
  { name: "llm", aliases: ["llm-integration"], text: llm },
  {
    name: "api",
    aliases: ["api-integration", "backend", "express", "fastapi", "route", "routes", "gateway"],
    text: api,
  },
  { name: "mcp", aliases: ["mcp-server", "mcp-client"], text: mcp },
  { name: "testing", aliases: ["curl", "mcp-api"], text: testing },
  {
    name: "habits",
    aliases: ["vendors", "fake-vendor", "scripted-llm"],
    text: `${habits}\n${habitsList()}`,
  },
  { name: "health", aliases: ["health-checks", "heartbeat"], text: health },
  { name: "headers", aliases: ["header-propagation", "propagation", "forwarding"], text: headers },
  { name: "permissions", aliases: ["sandbox"], text: permissions },
  { name: "registry", aliases: ["reg"], text: registry },
  { name: "audit", aliases: ["audit-trail", "resolution-audit", "di-audit"], text: audit },
  {
    name: "diagnosis",
    aliases: ["doctor", "why", "events", "top", "logs", "dashboard", "ui", "troubleshooting"],
    text: diagnosis,
  },
  { name: "tracing", aliases: ["observability", "trace", "monitoring"], text: tracing },
  { name: "environment", aliases: ["env", "config"], text: environment },
  { name: "scaffold", aliases: ["scaffolding", "generate", "gen", "new"], text: scaffold },
  { name: "cli", aliases: ["commands", "list", "status", "completion"], text: cli },
];

/** The page of a name or an alias. */
export function findTopic(name: string): Topic | undefined {
  const wanted = name.toLowerCase();
  return TOPICS.find((topic) => topic.name === wanted) ??
    TOPICS.find(({ aliases }) => aliases.includes(wanted));
}

/** What a page is about, of its heading. */
export function summaryOf({ name, text }: Topic): string {
  return /^# [^:\n]*: (.*)$/m.exec(text)?.[1] ?? name;
}

/** Returns every habit as an item of a Markdown list. */
function habitsList(): string {
  return Object.entries(HABITS).map(([name, { vendor, does, leadsTo }]) => {
    const end = leadsTo === undefined ? "" : ` → \`${leadsTo}\``;
    return `- \`${name}\` (${vendor}): ${does}${end}\n`;
  }).join("");
}
