/**
 * The rooms of this repository as lint rules: which files may import which, where outside names are
 * written, that every promise of a module is documented, how its comments open, and that the ground
 * floor is not written again. `deno lint` runs it (`lint.plugins`).
 *
 * @module
 */
import { posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { layerProblem } from "./layers.ts";
import { OLD_PROSE } from "./old_prose.ts";
import { proseProblem } from "./prose.ts";

/** One import as its room's rule sees it. Paths are relative to the repository's root. */
interface Import {
  /** The importing file. */
  from: string;
  /** The imported file, or the bare name when it is not a file of this repository. */
  to: string;
}

interface Room {
  /** Completes "may import …", for the message. */
  says: string;
  allows(found: Import): boolean;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SCHEME = /^[a-z][a-z0-9+.-]*:/i;
const ALIASES: Readonly<Record<string, string>> = {
  "mesh": "runtime/mod.ts",
  "mesh/testing": "runtime/testing/mod.ts",
};

/** What tests and fixtures of several rooms start. */
const FIXTURES = ".ci/fixtures";

const ROOMS: Readonly<Record<string, Room>> = {
  runtime: {
    says: "its own files and outside packages",
    allows: ({ to }) => within(to, "runtime"),
  },
  registry: {
    says: "its own files, runtime/base, runtime/protocol, runtime/metrics and outside packages",
    allows: ({ to }) =>
      within(to, "registry", "runtime/base", "runtime/protocol", "runtime/metrics"),
  },
  cli: {
    says: "its own files, runtime, registry and outside packages",
    allows: ({ to }) => within(to, "cli", "runtime", "registry"),
  },
  agents: {
    says: '"mesh", outside packages, files of its own application and, in tests, "mesh/testing"',
    allows: ({ from, to }) =>
      to === "mesh" || (to === "mesh/testing" && isTest(from)) ||
      within(to, from.split("/").slice(0, 2).join("/")),
  },
  // Else it would be a way around the rules of the rooms that import it.
  [FIXTURES]: {
    says: "its own files and outside packages",
    allows: ({ to }) => within(to, FIXTURES),
  },
  deploy: {
    says: "its own files, runtime, registry and outside packages",
    allows: ({ to }) => within(to, "deploy", "runtime", "registry"),
  },
};

function within(path: string, ...folders: string[]): boolean {
  return folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
}

function isTest(file: string): boolean {
  return /_test\.tsx?$/.test(file);
}

/**
 * What is wrong with an import, if anything.
 *
 * @param from The importing file, relative to the repository's root.
 * @param specifier What is written in the import.
 */
export function importProblem(from: string, specifier: string): string | undefined {
  if (specifier.startsWith("node:")) return undefined;
  if (SCHEME.test(specifier) || specifier.startsWith("/")) {
    return `${from} imports "${specifier}"; write the outside name in import_map.json and import it bare`;
  }
  const name = within(from, FIXTURES) ? FIXTURES : from.split("/")[0] ?? "";
  const room = Object.hasOwn(ROOMS, name) ? ROOMS[name] : undefined;
  const isFile = specifier.startsWith(".");
  if (room === undefined || (!isFile && !Object.hasOwn(ALIASES, specifier))) return undefined;
  const path = isFile ? posix.join(posix.dirname(from), specifier) : ALIASES[specifier] ?? "";
  // Only an agent is bound to the public names; elsewhere they are another way to write the path.
  const to = !isFile && name === "agents" ? specifier : path;
  if (!room.allows({ from, to }) && !exempt(from, path)) {
    return `${from} imports "${specifier}"; ${name} may import ${room.says}`;
  }
  return layerProblem(from, path);
}

/**
 * End-to-end tests see the whole; benchmarks share the load generator; tests and fixtures of all rooms
 * share what they start. Those of agents do not: each could be pasted into somebody else's repository.
 */
function exempt(from: string, path: string): boolean {
  return within(from, "cli/e2e") || (/_bench\.ts$/.test(from) && within(path, ".ci/bench")) ||
    (/_(test|fixture)\.tsx?$/.test(from) && !within(from, "agents") && within(path, FIXTURES));
}

function fileOf(context: Deno.lint.RuleContext): string {
  return relative(ROOT, context.filename).replaceAll("\\", "/");
}

const imports: Deno.lint.Rule = {
  create(context) {
    const from = fileOf(context);
    const look = (node: Deno.lint.Node, specifier: unknown) => {
      if (typeof specifier !== "string") return;
      const message = importProblem(from, specifier);
      if (message !== undefined) context.report({ node, message });
    };
    return {
      ImportDeclaration(node) {
        look(node, node.source.value);
      },
      ExportNamedDeclaration(node) {
        look(node, node.source?.value);
      },
      ExportAllDeclaration(node) {
        look(node, node.source.value);
      },
      ImportExpression(node) {
        look(node, node.source.type === "Literal" ? node.source.value : undefined);
      },
    };
  },
};

/** Files whose exports are no promise to anybody. */
const UNDOCUMENTED = /_(test|bench|fixture)\.tsx?$|(^|\/)testdata\//;

const documented: Deno.lint.Rule = {
  create(context) {
    if (UNDOCUMENTED.test(fileOf(context))) return {};
    // A type beside a value of the same name, or a further overload, shares its documentation.
    const seen = new Set<string>();
    return {
      ExportNamedDeclaration(node) {
        const { declaration } = node;
        if (declaration === null) return;
        const names = declaredNames(declaration);
        const known = names.every((name) => seen.has(name));
        for (const name of names) seen.add(name);
        if (known || hasDocs(context, node)) return;
        context.report({
          node,
          message: `exported ${names.join(", ")} has no documentation; say what it is in /** … */`,
        });
      },
    };
  },
};

function declaredNames(
  declaration: NonNullable<Deno.lint.ExportNamedDeclaration["declaration"]>,
): string[] {
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => id.type === "Identifier" ? [id.name] : []);
  }
  const id = "id" in declaration ? declaration.id : null;
  return id?.type === "Identifier" ? [id.name] : [];
}

function hasDocs(context: Deno.lint.RuleContext, node: Deno.lint.Node): boolean {
  const { text } = context.sourceCode;
  return context.sourceCode.getAllComments().some(({ type, value, range }) => {
    const isDocs = type === "Block" && value.startsWith("*") && range[1] <= node.range[0];
    return isDocs && /^(\s|\/\/[^\n]*\n)*$/.test(text.slice(range[1], node.range[0]));
  });
}

/** Functions of the ground floor that are easily written again, and the modules that hold them. */
const WRITTEN_ONCE: ReadonlyMap<string, string> = new Map([
  ["abortable", "within.ts"],
  ["backoffMs", "backoff.ts"],
  ["detailOf", "error_details.ts"],
  ["errorText", "errors.ts"],
  ["eventText", "event_text.ts"],
  ["isObject", "json.ts"],
  ["isPlainObject", "json.ts"],
  ["memberOf", "json.ts"],
  ["retryAfterMs", "retry_after.ts"],
  ["sleep", "sleep.ts"],
]);

const once: Deno.lint.Rule = {
  create(context) {
    const file = fileOf(context);
    const isBound = within(file, "runtime", "registry", "cli") && !within(file, "runtime/base");
    if (!isBound || UNDOCUMENTED.test(file)) return {};
    return {
      FunctionDeclaration(node) {
        const name = node.id?.name ?? "";
        const module = WRITTEN_ONCE.get(name);
        if (module === undefined) return;
        context.report({
          node,
          message: `${name}() is written already; import it from runtime/base/${module}, ` +
            "or name another thing otherwise",
        });
      },
    };
  },
};

const prose: Deno.lint.Rule = {
  create(context) {
    if (OLD_PROSE.has(fileOf(context))) return {};
    return {
      Program() {
        for (const { type, value, range } of context.sourceCode.getAllComments()) {
          const message = type === "Block" ? proseProblem(value) : undefined;
          if (message !== undefined) context.report({ range, message });
        }
      },
    };
  },
};

/** The plugin. */
const plugin: Deno.lint.Plugin = { name: "rooms", rules: { imports, documented, once, prose } };
export default plugin;
