/** Tries what its argument lists, and prints how each trial fared. */
import { connect } from "node:net";

interface Trial {
  kind: string;
  what: string;
  to?: string;
}

const outcome: Record<string, string> = {};
// The test writes it.
for (const trial of JSON.parse(Deno.args[0] ?? "[]") as Trial[]) {
  outcome[`${trial.kind} ${trial.what}`] = await attempt(trial);
}
console.log(JSON.stringify(outcome));

async function attempt(trial: Trial): Promise<string> {
  try {
    return await run(trial) ? "passed" : "nothing";
  } catch (error) {
    return String(error);
  }
}

async function run({ kind, what, to = "" }: Trial): Promise<boolean> {
  switch (kind) {
    case "net":
      return await connects(what);
    case "read":
      return Deno.readTextFileSync(what) !== "";
    case "write":
      Deno.writeTextFileSync(what, "x");
      return true;
    case "list":
      return [...Deno.readDirSync(what)].length > 0;
    case "rename":
      Deno.renameSync(what, to);
      return true;
    case "link":
      Deno.symlinkSync(what, to);
      return true;
    case "env":
      return Deno.env.get(what) !== undefined;
    case "import":
      return Boolean(await import(what, { with: { type: "text" } }));
    default:
      throw new TypeError(`${kind} is not a trial`);
  }
}

/** By each interface that is checked in a place of its own, also with what leads around names. */
async function connects(address: string): Promise<boolean> {
  const [, host = "", port] = /^(.*):(\d+)$/.exec(address) ?? [];
  const ways = [
    async () => void await (await fetch(`http://${address}/`)).text(),
    async () => {
      const url = `http://127.0.0.1:${port}`;
      using client = Deno.createHttpClient({ proxy: { url } });
      await (await fetch(`http://${address}/`, { client })).text();
    },
    () =>
      new Promise<void>((resolve, reject) => {
        const socket = connect({
          host: host.replace(/[[\]]/g, ""),
          port: Number(port),
          // Deno has looked at the name by then.
          lookup: (_name, { all }, done) =>
            all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4),
        });
        socket.on("connect", () => socket.destroy()).on("close", () => resolve())
          .on("error", reject);
      }),
    async () => {
      (await Deno.connect({ hostname: host.replace(/[[\]]/g, ""), port: Number(port) })).close();
    },
  ];
  const results = await Promise.allSettled(ways.map((way) => way()));
  return results.some(({ status }) => status === "fulfilled");
}
