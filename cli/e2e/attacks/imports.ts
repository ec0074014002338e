/**
 * Attempts with imports, all put together at run time: what is written out, `start` refuses (see
 * `enemy_project_test.ts`).
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const SECRETS: readonly Row[] = [
  ["module", "imports a module", "return (await import(`file://${at.outside}/secret.ts`)).default"],
  [
    "path",
    "imports a module by its path",
    "return (await import(`${at.outside}/secret.ts`)).default",
  ],
  [
    "text",
    "imports a text",
    "const from = `file://${at.outside}/secret.txt`;\n" +
    'return (await import(from, { with: { type: "text" } })).default',
  ],
  [
    "bytes",
    "imports bytes",
    "const from = `file://${at.outside}/secret.txt`;\n" +
    'return new TextDecoder().decode((await import(from, { with: { type: "bytes" } })).default)',
  ],
  [
    "json",
    "imports JSON",
    "const from = `file://${at.outside}/secret.json`;\n" +
    'return (await import(from, { with: { type: "json" } })).default.secret',
  ],
  [
    "data",
    "imports a module that imports a file",
    'const text = `export { default } from "file://${at.outside}/secret.ts"`;\n' +
    "return (await import(`data:text/javascript,${encodeURIComponent(text)}`)).default",
  ],
  [
    "blob",
    "imports a blob that imports a file",
    'const text = `export { default } from "file://${at.outside}/secret.ts"`;\n' +
    'const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));\n' +
    "return (await import(url)).default",
  ],
  [
    "kept",
    "writes a module into its data folder that imports a file",
    "const file = `${at.data}/${at.mark}.ts`;\n" +
    'Deno.writeTextFileSync(file, `export { default } from "file://${at.outside}/secret.ts"`);\n' +
    "return (await import(`file://${file}`)).default",
  ],
  [
    "kept-link",
    "imports a link in its data folder",
    "const file = `${at.data}/link-${at.mark}.ts`;\n" +
    "Deno.symlinkSync(`${at.outside}/secret.ts`, file); return (await import(`file://${file}`)).default",
  ],
  [
    "require",
    "requires a file",
    'const { createRequire } = await import("node:module");\n' +
    'return createRequire(`file://${at.outside}/x.js`)("./secret.json").secret',
  ],
  [
    "require-resolve",
    "asks whether a file can be required",
    'const { createRequire } = await import("node:module");\n' +
    "return createRequire(`file://${at.outside}/x.js`).resolve(`${at.outside}/secret.json`)",
  ],
  [
    "vm",
    "imports in another realm",
    'const vm = await import("node:vm");\n' +
    "const from = JSON.stringify(`file://${at.outside}/secret.ts`);\n" +
    "const { USE_MAIN_CONTEXT_DEFAULT_LOADER: importModuleDynamically } = vm.constants ?? {};\n" +
    "return (await vm.runInThisContext(`import(${from})`, { importModuleDynamically })).default",
  ],
  [
    "package-json",
    "looks for the package of a file",
    'const { findPackageJSON } = await import("node:module");\n' +
    "return findPackageJSON?.(`file://${at.outside}/secret.ts`)",
  ],
];

const MESH: readonly Row[] = [
  [
    "record",
    "imports a neighbour's record",
    "const from = `file://${at.home}/agents/victim.json`;\n" +
    'return JSON.stringify((await import(from, { with: { type: "json" } })).default)',
  ],
  [
    "log",
    "imports a neighbour's log as text",
    "const from = `file://${at.home}/logs/victim.log`;\n" +
    'return (await import(from, { with: { type: "text" } })).default',
  ],
  [
    "neighbour-data",
    "imports a neighbour's data as text",
    "const from = `file://${at.home}/data/victim/notes.txt`;\n" +
    'return (await import(from, { with: { type: "text" } })).default',
  ],
  [
    "environ",
    "imports the environment of its process as text",
    'return (await import("file:///proc/self/environ", { with: { type: "text" } })).default',
  ],
  ...[
    ["environ-runtime", "the environment of its runtime", "/proc/${at.runtimePid}/environ"],
    ["environ-neighbour", "the environment of a neighbour", "/proc/${at.victimPid}/environ"],
    ["environ-registry", "the environment of the registry", "/proc/${at.registryPid}/environ"],
    ["maps", "the memory map of its process", "/proc/self/maps"],
    ["root", "a record by /proc/self/root", "/proc/self/root${at.home}/agents/victim.json"],
    ["descriptor", "what its runtime has open", "/proc/${at.runtimePid}/fd/1"],
  ].map(([name = "", says, path]): Row => [
    `proc-${name}`,
    `imports ${says} as text`,
    `return (await import(\`file://${path}\`, { with: { type: "text" } })).default`,
  ]),
];

const ELSEWHERE: readonly Row[] = [
  [
    "remote",
    "imports from a server",
    "return String(await import(`http://127.0.0.1:${at.canary}/${at.mark}.ts`))",
  ],
  [
    "remote-text",
    "imports a text from a server",
    "const from = `http://127.0.0.1:${at.canary}/${at.mark}.txt`;\n" +
    'return (await import(from, { with: { type: "text" } })).default',
  ],
  [
    "registry",
    "imports from the registry",
    "const from = `http://127.0.0.1:${at.registry}/agents`;\n" +
    'return JSON.stringify((await import(from, { with: { type: "json" } })).default)',
  ],
  [
    "npm",
    "imports a package that is not in its lock file",
    'return String(await import("npm:left-pad@1.3.0"))',
  ],
  [
    "npm-data",
    "names a package for a secret",
    "return String(await import(`npm:${at.mark.toLowerCase()}`))",
  ],
  ["jsr", "imports a JSR package", 'return String(await import("jsr:@std/bytes@1.0.0"))'],
  [
    "scripts",
    "loads a script into its scope",
    "importScripts(`http://127.0.0.1:${at.canary}/${at.mark}.js`); return 'loaded'",
  ],
];

/** All attempts with imports. */
export const IMPORTS: readonly Attempt[] = [
  ...attemptsOf("imports", SECRETS, { needs: ["read"] }),
  ...attemptsOf("imports", MESH),
  ...attemptsOf("imports", ELSEWHERE),
];
