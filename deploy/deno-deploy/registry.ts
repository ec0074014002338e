/**
 * The registry on Deno Deploy, or on any host that serves `export default { fetch }`, such as
 * `deno serve`: no file system, no subprocess, no flags. All state is in Deno KV, which any number
 * of isolates share. An isolate works only while it has a request to answer or a stream to feed;
 * what must happen when nobody asks is done by `Deno.cron`.
 *
 * `MCP_MESH_KV` names a database where the host has none of its own: a KV Connect address, or
 * `:memory:` to try it.
 *
 * @module
 */
import {
  createRegistry,
  processEnvironment,
  readConfig,
  type Registry,
} from "../../registry/mod.ts";

/** Every 5 minutes: how often dead agents are looked for and old rows deleted when nobody asks. */
const TEND_SCHEDULE = "*/5 * * * *";

/** A registry that starts with the first request, and again if it could not. */
class DeployedRegistry {
  #started: Promise<Registry> | undefined;

  async fetch(request: Request, info?: Deno.ServeHandlerInfo): Promise<Response> {
    let registry: Registry;
    try {
      registry = await this.#registry();
    } catch (error) {
      console.error(`the registry cannot start: ${error}`);
      const body = { error: "the registry cannot start; its log says why" };
      return Response.json(body, { status: 503 });
    }
    const address = info?.remoteAddr;
    const remote = address !== undefined && "hostname" in address ? address.hostname : undefined;
    return await registry.fetch(request, remote === undefined ? {} : { remote });
  }

  async tend(): Promise<void> {
    await (await this.#registry()).tend();
  }

  #registry(): Promise<Registry> {
    return this.#started ??= start().catch((error) => {
      this.#started = undefined;
      throw error;
    });
  }
}

async function start(): Promise<Registry> {
  const env = processEnvironment();
  const { registry: config } = readConfig(env);
  const kv = await Deno.openKv(env["MCP_MESH_KV"]);
  return await createRegistry({
    kv,
    config,
    log: (line) => console.error(line),
    background: false,
  });
}

const deployed = new DeployedRegistry();

// Only some hosts have it, and its types come with a flag this project does not set.
const { cron } = Deno as unknown as {
  cron?: (name: string, schedule: string, work: () => Promise<void>) => Promise<void>;
};
cron?.("tend the registry", TEND_SCHEDULE, () => deployed.tend())
  .catch((error) => console.error(`tending by the clock is not possible: ${error}`));

export default {
  fetch: (request: Request, info?: Deno.ServeHandlerInfo) => deployed.fetch(request, info),
};
