/**
 * Attempts with links: an agent may write into its own data folder, so it may plant some there.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const reading = (make: string, link = "link") =>
  `const link = \`\${at.data}/${link}-\${at.mark}\`;\n${make};\n` +
  "return await Deno.readTextFile(link)";

const HOST: readonly Row[] = [
  [
    "symbolic",
    "reads by a symbolic link",
    reading("Deno.symlinkSync(`${at.outside}/secret.txt`, link)"),
  ],
  ["hard", "reads by a hard link", reading("Deno.linkSync(`${at.outside}/secret.txt`, link)")],
  [
    "relative",
    "reads by a relative link",
    reading('Deno.symlinkSync(`${"../".repeat(20)}${at.outside.slice(1)}/secret.txt`, link)'),
  ],
  [
    "folder",
    "reads by a link to a folder",
    "const link = `${at.data}/folder-${at.mark}`; Deno.symlinkSync(at.outside, link);\n" +
    "return await Deno.readTextFile(`${link}/secret.txt`)",
  ],
  [
    "node-symbolic",
    "reads by a link that Node made",
    reading('(await import("node:fs")).symlinkSync(`${at.outside}/secret.txt`, link)'),
  ],
  [
    "node-hard",
    "reads by a hard link that Node made",
    reading('(await import("node:fs")).linkSync(`${at.outside}/secret.txt`, link)'),
  ],
  [
    "temporary",
    "writes by a link in its folder",
    "const link = `${at.data}/out-${at.mark}`; Deno.symlinkSync(`${at.outside}/kept.txt`, link);\n" +
    'Deno.writeTextFileSync(link, "x"); return "written"',
  ],
];

const MESH: readonly Row[] = [
  [
    "record",
    "reads a record by a symbolic link",
    reading("Deno.symlinkSync(`${at.home}/agents/victim.json`, link)"),
  ],
  [
    "record-hard",
    "reads a record by a hard link",
    reading("Deno.linkSync(`${at.home}/agents/victim.json`, link)"),
  ],
  [
    "data",
    "reads a neighbour's data by a symbolic link",
    reading("Deno.symlinkSync(`${at.home}/data/victim/notes.txt`, link)"),
  ],
  [
    "data-relative",
    "reads a neighbour's data by a relative link",
    reading('Deno.symlinkSync("../victim/notes.txt", link)'),
  ],
  [
    "data-hard",
    "reads a neighbour's data by a hard link",
    reading("Deno.linkSync(`${at.home}/data/victim/notes.txt`, link)"),
  ],
  [
    "chain",
    "reads a neighbour's data by a link to a link to its folder",
    "const [a, b] = [`${at.data}/a-${at.mark}`, `${at.data}/b-${at.mark}`];\n" +
    'Deno.symlinkSync("../victim", a); Deno.symlinkSync(a, b);\n' +
    "return await Deno.readTextFile(`${b}/notes.txt`)",
  ],
  [
    "registry-data",
    "opens the registry's data by a link",
    "const link = `${at.data}/kv-${at.mark}`;\n" +
    "Deno.symlinkSync(`${at.home}/mcp_mesh_registry.kv`, link);\n" +
    'using file = Deno.openSync(link, { write: true }); return "open for writing " + file',
  ],
  [
    "proc",
    "reads the runtime's environment by a link",
    reading("Deno.symlinkSync(`/proc/${at.runtimePid}/environ`, link)"),
  ],
  [
    "environment",
    "reads its process's environment by a link",
    reading('Deno.symlinkSync("/proc/self/environ", link)'),
  ],
  [
    "swap",
    "replaces its own data folder by a link to a neighbour's",
    "const aside = `${at.data}-${at.mark}`;\nDeno.renameSync(at.data, aside);\n" +
    "try {\n  Deno.symlinkSync(`${at.home}/data/victim`, at.data);\n" +
    "  return Deno.readTextFileSync(`${at.data}/notes.txt`);\n" +
    "} finally {\n  try { Deno.removeSync(at.data) } catch {}\n  Deno.renameSync(aside, at.data);\n}",
  ],
  [
    "race",
    "exchanges a file for a link while it is being opened",
    "const [file, link] = [`${at.data}/file-${at.mark}`, `${at.data}/race-${at.mark}`];\n" +
    'Deno.writeTextFileSync(file, "mine");\n' +
    "for (let round = 0; round < 200; round++) {\n" +
    "  const read = Deno.readTextFile(link).catch(() => undefined);\n" +
    '  try { Deno.removeSync(link) } catch {}\n  Deno.symlinkSync("../victim/notes.txt", link);\n' +
    "  const text = await read;\n  if (text !== undefined && text !== 'mine') return text;\n" +
    "  Deno.removeSync(link); Deno.copyFileSync(file, link);\n}",
    { leftOut: { worker: "agents that may make links read the file without a race" } },
  ],
];

/** All attempts with links. */
export const LINKS: readonly Attempt[] = [
  ...attemptsOf("links", HOST, { needs: ["read", "write"] }),
  ...attemptsOf("links", MESH),
];
