/**
 * Attempts to keep something, or to find something of others, elsewhere than in its data folder.
 *
 * @module
 */
import { type Attempt, attemptsOf, type Row } from "./attempt.ts";

const ROWS: readonly Row[] = [
  [
    "cache-read",
    "reads what a neighbour keeps in a cache",
    'const cache = await caches.open("victim");\n' +
    'return await (await cache.match("http://victim/secret"))?.text()',
  ],
  [
    "cache-write",
    "keeps something in a cache",
    'const cache = await caches.open(at.attacker); const key = "http://attacker/";\n' +
    "await cache.put(key, new Response(at.attacker));\n" +
    "const kept = await (await cache.match(key))?.text(); await caches.delete(at.attacker);\n" +
    'return kept === undefined ? undefined : "kept"',
  ],
  [
    "cache-replace",
    "replaces what a neighbour keeps in a cache",
    'if (!await caches.has("victim")) return; const cache = await caches.open("victim");\n' +
    'await cache.put("http://victim/by", new Response(at.attacker)); return "replaced"',
  ],
  [
    "local-storage",
    "keeps something in local storage",
    "localStorage.setItem(at.mark, at.mark); return localStorage.getItem(at.mark) && 'kept'",
  ],
  [
    "session-storage",
    "reads what others keep in session storage",
    "return globalThis.sessionStorage?.getItem('victim') ?? undefined",
  ],
  [
    "kv-default",
    "keeps something in the default database",
    'using first = await Deno.openKv(); await first.set(["x"], at.mark);\n' +
    'using second = await Deno.openKv(); return (await second.get(["x"])).value === at.mark ? "kept" : undefined',
  ],
  [
    "kv-neighbour",
    "reads what others keep in the default database",
    'using kv = await Deno.openKv(); return (await kv.get(["victim"])).value ?? undefined',
  ],
  [
    "kv-registry",
    "opens the registry's database",
    "using kv = await Deno.openKv(`${at.home}/mcp_mesh_registry.kv`);\n" +
    "for await (const { key } of kv.list({ prefix: [] }, { limit: 1 })) return String(key);\n" +
    'return "open"',
  ],
  [
    "kv-remote",
    "opens a database of a server",
    "using kv = await Deno.openKv(`http://127.0.0.1:${at.canary}/${at.mark}`);\n" +
    'return await Promise.race([kv.get(["x"]), wait(300)])',
    { needs: ["net"] },
  ],
  [
    "sqlite",
    "makes a database",
    'const { DatabaseSync } = await import("node:sqlite");\n' +
    'new DatabaseSync(`${at.outside}/new.db`).exec("create table t (x)"); return "made"',
    { needs: ["read", "write"] },
  ],
  [
    "sqlite-registry",
    "opens the registry's database by node:sqlite",
    'const { DatabaseSync } = await import("node:sqlite");\n' +
    "const db = new DatabaseSync(`${at.home}/mcp_mesh_registry.kv`, { readOnly: true });\n" +
    'return String(db.prepare("select count(*) as n from sqlite_master").get().n)',
  ],
  [
    "sqlite-attach",
    "attaches the registry's database",
    'const { DatabaseSync } = await import("node:sqlite"); const db = new DatabaseSync(":memory:");\n' +
    "db.exec(`attach '${at.home}/mcp_mesh_registry.kv' as other`);\n" +
    'return String(db.prepare("select count(*) as n from other.sqlite_master").get().n)',
  ],
  [
    "sqlite-vacuum",
    "writes a database among a neighbour's data",
    'const { DatabaseSync } = await import("node:sqlite"); const db = new DatabaseSync(":memory:");\n' +
    "db.exec(`vacuum into '${at.home}/data/victim/${at.mark}.db'`); return \"written\"",
  ],
  [
    "sqlite-data",
    "attaches a neighbour's data to a database in its own folder",
    'const { DatabaseSync } = await import("node:sqlite");\n' +
    "const db = new DatabaseSync(`${at.data}/${at.mark}.db`);\n" +
    "db.exec(`attach '${at.home}/data/victim/${at.mark}.db' as other`);\n" +
    'db.exec("create table other.t (x)"); return "written"',
  ],
  [
    "sqlite-backup",
    "copies a database among a neighbour's data",
    'const { backup, DatabaseSync } = await import("node:sqlite");\n' +
    "const copy = `${at.home}/data/victim/${at.mark}.bak`;\n" +
    'await backup(new DatabaseSync(":memory:"), copy); Deno.removeSync(copy); return "written"',
  ],
  [
    "sqlite-extension",
    "loads an extension into a database",
    'const { DatabaseSync } = await import("node:sqlite");\n' +
    'new DatabaseSync(":memory:", { allowExtension: true }).loadExtension("/lib/x.so"); return "loaded"',
  ],
  [
    "broadcast",
    "says something to all agents",
    'const channel = new BroadcastChannel("mesh"); channel.postMessage(at.mark); await wait(50); channel.close()',
  ],
  [
    "locks",
    "takes a lock that others wait for",
    'return await navigator.locks?.request("victim", { ifAvailable: true }, () => undefined)',
  ],
];

/** All attempts to keep something. */
export const STORAGE: readonly Attempt[] = attemptsOf("storage", ROWS);
