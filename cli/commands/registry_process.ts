/**
 * `meshctl __registry`: the registry in this process. `start` runs it; people do not.
 *
 * @module
 */
import { rm } from "node:fs/promises";
import { Readable } from "node:stream";
import { isMeshError } from "../../runtime/base/errors.ts";
import { carefulLog, serveRegistry, surviveFailures } from "../../registry/mod.ts";
import { readCommands } from "../../runtime/process/commands.ts";
import { boundLogs } from "../../runtime/base/log_files.ts";
import { indentedText } from "../../runtime/base/visible.ts";
import { defineCommand } from "../app/command.ts";
import { CliError, EXIT, usageError } from "../base/exit.ts";
import { meshHome, REGISTRY_NAME } from "../machine/home.ts";
import { writeRegistryRecord } from "../machine/records.ts";

/** `meshctl __registry`. */
export const registryProcessCommand = defineCommand({
  name: "__registry",
  summary: "Run the registry in this process",
  usage: "--host HOST --port PORT --kv PATH",
  positionals: { min: 0, max: 0 },
  hidden: true,
  options: {
    host: { type: "string", value: "HOST", help: "Address to bind" },
    port: { type: "number", value: "PORT", help: "Port to bind; 0 lets the system choose" },
    kv: { type: "string", value: "PATH", help: "Database: a file or a KV Connect address" },
    foreground: { type: "boolean", help: "It ends with the `start` that started it" },
  },
  examples: [],
  run: async (context, { options: { host, port, kv, foreground } }) => {
    if (host === undefined || port === undefined || kv === undefined) {
      throw usageError("__registry needs --host, --port and --kv");
    }
    const home = meshHome(context.config.home);
    // The database is its user's alone, as all that is kept in there.
    if (kv === home.registryKv && Deno.build.os !== "windows") Deno.umask(0o077);
    const log = carefulLog((line) => context.stderr.write(`${indentedText(line)}\n`));
    using _net = surviveFailures(log);
    const commands = readCommands(Readable.from(context.stdin(), { objectMode: false }), () => {});
    const { value: first } = await commands.next();
    await using registry = await serve({ host, port, kv, log });
    writeRegistryRecord(home, {
      pid: Deno.pid,
      ...(first?.type === "birth" ? { birth: first.birth } : {}),
      url: registry.url,
      kv,
      started_at: new Date(context.now()).toISOString(),
      foreground,
    });
    log(`registry listens at ${registry.url}, state in ${kv}`);
    // In the foreground, its lines are written by the `start` that started it.
    using _bounded = boundLogs(foreground ? [] : [home.log(REGISTRY_NAME)]);
    using _interrupts = context.onInterrupt(() => void registry.shutdown());
    // Whoever started it is gone when its input ends, also without having been able to end it.
    if (foreground) void commands.next().then(() => registry.shutdown());
    await registry.finished;
    await rm(home.registryRecord, { force: true });
    return EXIT.ok;
  },
});

async function serve(options: Parameters<typeof serveRegistry>[0]) {
  try {
    return await serveRegistry(options);
  } catch (error) {
    if (!isMeshError(error)) throw error;
    throw new CliError(EXIT.failure, error.message, { cause: error });
  }
}
