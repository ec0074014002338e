/** Imports of agent code lead to the agent's own modules and to what it may read, at every load. */
import * as assert from "node:assert/strict";
import { pathToFileURL } from "node:url";
import { valueOf } from "../suites/call_fixture.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";
import { type HostIsolated, hostTest, isolated } from "../suites/hosts_fixture.ts";
import type { Permissions, Reach } from "./grant.ts";
import type { Sandbox } from "./sandboxed.ts";

/** An agent in `project/`, with files beside that folder that are not its own. */
class Place implements AsyncDisposable {
  readonly folder: string;
  readonly project: string;
  readonly file: string;

  readonly #host: HostIsolated;

  private constructor(host: HostIsolated, folder: string) {
    this.#host = host;
    this.folder = folder;
    this.project = `${folder}/project`;
    this.file = `${this.project}/agent.ts`;
  }

  static async make(host: HostIsolated): Promise<Place> {
    const place = new Place(host, await Deno.realPath(await Deno.makeTempDir()));
    await Deno.mkdir(place.project);
    await place.write("secret.txt", "a secret");
    await place.write("secret.json", '{"word":"a secret"}');
    await place.write("other.ts", 'export const secret = "a secret";\nexport default secret;\n');
    return place;
  }

  async write(path: string, text: string): Promise<string> {
    await Deno.writeTextFile(`${this.folder}/${path}`, text);
    return `${this.folder}/${path}`;
  }

  /** Loads an agent whose tool `word` answers what `read` returns. */
  async load(
    text: string,
    { files = [], permissions = {} }: { files?: string[]; permissions?: Permissions } = {},
  ): Promise<Sandbox> {
    await this.write("project/agent.ts", agentText(text.replaceAll("FOLDER", this.folder)));
    const reach: Reach = {
      files: Object.fromEntries(files.map((path) => [path, path])),
      hosts: [],
    };
    const url = pathToFileURL(this.file).href;
    return await this.#host({ url, permissions, reach, log: () => {} });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

function agentText(text: string): string {
  return `import { agent, tool } from "mesh";
import { z } from "zod";
${text}
export default agent({
  name: "reacher",
  tools: { word: tool({ input: z.object({}) }, async () => await read()) },
});
`;
}

const INNER = 'import t from "file://FOLDER/secret.txt" with { type: "text" }; export default t; ' +
  "globalThis.postMessage?.(t);";
const DATA = `data:application/javascript,${encodeURIComponent(INNER)}`;

const WORKER = (url: string) =>
  `const read = () => {
  const { promise, resolve, reject } = Promise.withResolvers();
  const worker = new Worker(${url}, { type: "module" });
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => {
    event.preventDefault();
    reject(new Error(event.message));
  };
  return promise.finally(() => worker.terminate());
};`;

/** Ways to a file that is not the agent's, and when each is refused. */
const WAYS: [name: string, text: string, at: "load" | "call"][] = [
  ["text", 'import t from "../secret.txt" with { type: "text" }; const read = () => t;', "load"],
  ["JSON", 'import j from "../secret.json" with { type: "json" }; const read = () => j;', "load"],
  ["a module", 'import s from "../other.ts"; const read = () => s;', "load"],
  ["an absolute URL", 'import s from "file://FOLDER/other.ts"; const read = () => s;', "load"],
  ["an export", 'export * from "../other.ts"; const read = () => 1;', "load"],
  ["a namespace", 'import * as o from "../other.ts"; const read = () => o.secret;', "load"],
  ["a side effect", 'import "../other.ts"; const read = () => 1;', "load"],
  ["a data: module", `import t from ${JSON.stringify(DATA)}; const read = () => t;`, "load"],
  [
    "import() while loading",
    'const { secret } = await import("../other.ts"); const read = () => secret;',
    "load",
  ],
  ["import()", 'const read = async () => (await import("../other.ts")).secret;', "call"],
  [
    "import() of text",
    'const read = async () => (await import("../secret.txt", { with: { type: "text" } })).default;',
    "call",
  ],
  [
    "import() of a name put together",
    'const read = async () => (await import(["..", "other.ts"].join("/"))).secret;',
    "call",
  ],
  [
    "import.meta.resolve()",
    'const read = async () => (await import(import.meta.resolve("../other.ts"))).secret;',
    "call",
  ],
  [
    "new URL(…, import.meta.url)",
    'const read = () => Deno.readTextFile(new URL("../secret.txt", import.meta.url));',
    "call",
  ],
  [
    "import() of a data: module",
    `const read = async () => (await import([${JSON.stringify(DATA)}][0])).default;`,
    "call",
  ],
  [
    "import() of a blob: module",
    `const read = async () => {
  const text = 'import t from "file://FOLDER/secret.txt" with { type: "text" }; export default t;';
  const blob = new Blob([text], { type: "application/javascript" });
  return (await import(URL.createObjectURL(blob))).default;
};`,
    "call",
  ],
  [
    "a worker in the worker",
    WORKER(`"data:application/javascript," + encodeURIComponent(${JSON.stringify(INNER)})`),
    "call",
  ],
  [
    "a worker of a module of its own",
    WORKER('new URL("./inner.ts", import.meta.url).href'),
    "call",
  ],
];

for (const [kind, host] of Object.entries(isolated((host) => host))) {
  const test = kind === "process" ? processTest : Deno.test;
  for (const [name, text, at] of WAYS) {
    test(`${kind}: agent code does not get at another file by ${name}`, async () => {
      await using place = await Place.make(host);
      const inner = await place.write("project/inner.ts", INNER.replaceAll("FOLDER", place.folder));
      const loading = place.load(text, { files: [inner] });
      if (at === "load") {
        await assert.rejects(loading, ({ code, message }: { code: string; message: string }) => {
          assert.equal(code, "bad_definition");
          assert.match(
            message,
            /^(\S+agent\.ts:\d+:\d+|\S+agent\.ts): an import leads to \S+\/(secret|other)/,
          );
          assert.match(
            message,
            /outside of the agent's project; .*--allow-read=\S+\/(secret|other)/,
          );
          return true;
        });
        return;
      }
      await using agent = await loading;
      await assert.rejects(valueOf(agent, "word"), /Requires read access to ".*\/(secret|other)\./);
    });

    hostTest(kind)(`${kind}: agent code gets at a file that it may read by ${name}`, async () => {
      await using place = await Place.make(host);
      const inner = await place.write("project/inner.ts", INNER.replaceAll("FOLDER", place.folder));
      const permissions = { read: [place.folder] };
      await using agent = await place.load(text, { files: [inner], permissions });
      assert.ok(await valueOf(agent, "word"));
    });
  }

  test(`${kind}: agent code imports the modules that it was found to be made of, and reads nothing else beside them`, async () => {
    await using place = await Place.make(host);
    const own = await place.write("project/own.txt", "own");
    await place.write("project/unknown.txt", "unknown");
    const text = `import t from "./own.txt" with { type: "text" };
const read = async () => {
  const failed = await Deno.readTextFile(new URL("./unknown.txt", import.meta.url)).catch(String);
  return [t, failed];
};`;
    await using agent = await place.load(text, { files: [own] });
    const [word, failed] = await valueOf(agent, "word") as [string, string];
    assert.equal(word, "own");
    assert.match(failed, /Requires read access to ".*unknown\.txt"/);
  });

  test(`${kind}: agent code does not import a link that was a file of its own when it was found`, async () => {
    await using place = await Place.make(host);
    const own = `${place.project}/own.ts`;
    await Deno.symlink(`${place.folder}/other.ts`, own);
    const text = 'import s from "./own.ts"; const read = () => s;';
    await assert.rejects(place.load(text, { files: [own] }), /an import leads to \S+own\.ts/);
  });

  test(`${kind}: agent code that changes its own file is held to the same when it is loaded again`, async () => {
    await using place = await Place.make(host);
    const changed = agentText('import s from "../other.ts"; const read = () => s;');
    const text = `const read = () => {
  Deno.writeTextFileSync(new URL(import.meta.url), ${JSON.stringify(changed)});
  setTimeout(() => {
    throw new Error("start me again");
  });
  return Promise.withResolvers().promise;
};`;
    await using agent = await place.load(text, { permissions: { write: [place.project] } });
    await assert.rejects(valueOf(agent, "word"), /start me again/);
    await assert.rejects(valueOf(agent, "word"), ({ message }: Error) => {
      assert.match(message, /an import leads to \S+other\.ts, outside of the agent's project/);
      return true;
    });
  });
}
