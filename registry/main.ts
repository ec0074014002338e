/**
 * `deno task registry`: the registry alone, in the foreground.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { errorText, isMeshError, MeshError } from "../runtime/base/errors.ts";
import { carefulLog } from "./base/careful_log.ts";
import { processEnvironment, readConfig } from "./config/config.ts";
import { surviveFailures } from "./app/last_resort.ts";
import { serveRegistry } from "./app/server.ts";

const USAGE = `Usage: deno task registry [--host HOST] [--port PORT] [--kv PATH|URL] [--dte]

  -H, --host HOST    address to bind (HOST, default localhost)
  -p, --port PORT    port to bind, 0 for any (PORT, default 8000)
      --kv PATH|URL  database file, or KV Connect address (MCP_MESH_KV, default .mesh/registry.kv)
      --dte          take and keep traces (MCP_MESH_DISTRIBUTED_TRACING_ENABLED, default true)
`;

function flags(args: string[]): { help?: boolean; env: Record<string, string> } {
  try {
    const { values } = parseArgs({
      args,
      options: {
        host: { type: "string", short: "H" },
        port: { type: "string", short: "p" },
        kv: { type: "string" },
        dte: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return {
      help: values.help ?? false,
      env: {
        ...(values.host !== undefined && { HOST: values.host }),
        ...(values.port !== undefined && { PORT: values.port }),
        ...(values.kv !== undefined && { MCP_MESH_KV: values.kv }),
        ...(values.dte && { MCP_MESH_DISTRIBUTED_TRACING_ENABLED: "true" }),
      },
    };
  } catch (error) {
    const message = errorText(error);
    throw new MeshError("bad_config", `${message}\n\n${USAGE}`, { cause: error });
  }
}

async function print(stream: { write(bytes: Uint8Array): Promise<number> }, line: string) {
  await stream.write(new TextEncoder().encode(`${line}\n`));
}

async function run(args: string[]): Promise<number> {
  const given = flags(args);
  if (given.help) {
    await print(Deno.stdout, USAGE.trimEnd());
    return 0;
  }
  const env = { ...processEnvironment(), ...given.env };
  const { host, port } = readConfig(env);
  const stop = Promise.withResolvers<void>();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, stop.resolve);

  const log = carefulLog((line) => print(Deno.stderr, line));
  using _net = surviveFailures(log);
  await using registry = await serveRegistry({ host, port, env, log });
  carefulLog((line) => print(Deno.stdout, line))(`registry listening on ${registry.url}`);
  await Promise.race([stop.promise, registry.finished]);
  for (const signal of signals) Deno.removeSignalListener(signal, stop.resolve);
  return 0;
}

if (import.meta.main) {
  try {
    // A caller that never finishes its request must not keep the process.
    Deno.exit(await run(Deno.args));
  } catch (error) {
    if (!isMeshError(error)) throw error;
    await print(Deno.stderr, error.message);
    Deno.exitCode = error.code === "bad_config" ? 2 : 1;
  }
}
