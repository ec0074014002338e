/**
 * Makes sure that there is a registry: the one that already answers, or one started here.
 *
 * @module
 */
import { rotateLog } from "../../runtime/base/log_files.ts";
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { boundedJson } from "../../runtime/base/bounded_json.ts";
import { type RegistryHealth, RegistryHealthSchema } from "../../runtime/protocol/listing.ts";
import type { Context } from "../app/context.ts";
import { CliError, EXIT } from "../base/exit.ts";
import type { RegistryAddress } from "../mesh/registry_address.ts";
import { registryUnreachable } from "../mesh/registry_client.ts";
import { tellStartTime } from "../machine/start_time.ts";
import { type Child, type ChildOptions, exitText, startChild } from "../machine/child.ts";
import { waitInFolder } from "../machine/folder_watch.ts";
import { type MeshHome, REGISTRY_NAME } from "../machine/home.ts";
import { lastLines } from "../machine/log_file.ts";
import { portHolder } from "../machine/port_holder.ts";
import { type RegistryRecord, runningRegistry } from "../machine/records.ts";
import { takeStartLock } from "../machine/start_lock.ts";
import { tryWriting } from "../machine/write_trial.ts";

/** What {@linkcode ensureRegistry} needs. */
export interface EnsureRegistryOptions {
  address: RegistryAddress;
  home: MeshHome;
  /** The registry is to end with this process. */
  foreground: boolean;
  /** Never start one. */
  connectOnly: boolean;
  /** The environment of the registry's process. */
  env: Record<string, string>;
  /** Where its output goes, instead of its log. */
  onLine: ((line: string) => void) | undefined;
  /** Gives up when it aborts. */
  signal: AbortSignal;
  /** Told of the process as soon as there is one, so that it can be ended at any moment. */
  onStarted(child: Child): void;
}

/** A registry that answers. */
export interface ReadyRegistry {
  url: string;
  /** It was started here. */
  started: boolean;
  /** Its database, when it was started here. */
  kv?: string;
}

/** Permissions of a registry process. */
const REGISTRY_FLAGS = [
  "--allow-net",
  "--allow-env",
  "--allow-read",
  "--allow-write",
  "--allow-sys",
];

/** How long a registry may take to answer that it is there, milliseconds. */
const PROBE_MS = 2_000;

/** How many log lines show why it did not start. */
const LOG_LINES = 10;

/** Between two looks at a registry that is starting, milliseconds. */
const STARTING_MS = 50;

/**
 * Finds or starts the registry at an address.
 *
 * @throws {CliError} exit 4 when it is elsewhere and does not answer, 1 when it cannot be started.
 */
export async function ensureRegistry(
  options: EnsureRegistryOptions,
  context: Context,
): Promise<ReadyRegistry> {
  const { address, home, connectOnly } = options;
  if (await isRegistryUp(address, context, options.signal)) {
    return { url: address.url, started: false };
  }
  if (connectOnly || !address.local) {
    const { program } = context;
    throw registryUnreachable({ url: address.url, timeout: PROBE_MS / 1_000, program }, undefined);
  }
  using _lock = await takeStartLock(
    home.startLock,
    options.signal,
    () => gaveUp(options, "another start did not finish its registry in time"),
  );
  // Somebody else may have started it while this process waited for the lock.
  const running = await runningRegistry(home);
  if (running !== undefined) return reuse(running, address);
  await refuseTakenPort(address);
  return await startRegistry(options, context);
}

function reuse(running: RegistryRecord, address: RegistryAddress): ReadyRegistry {
  const port = Number(new URL(running.url).port);
  if (address.port === 0 || address.port === port) return { url: running.url, started: false };
  throw new CliError(
    EXIT.failure,
    `a registry already runs at ${running.url} (process ${running.pid}), not at ${address.url}`,
    {
      hint: `Use it with --registry-url ${running.url}, end it with \`stop --registry\`, ` +
        "or keep a second mesh under another MCP_MESH_HOME.",
    },
  );
}

/**
 * Whether a registry answers at an address; waits for one that is starting.
 *
 * @throws {CliError} exit 1 when something else does, or a registry that is not well.
 */
async function isRegistryUp(
  address: RegistryAddress,
  context: Context,
  signal: AbortSignal,
): Promise<boolean> {
  if (address.port === 0) return false;
  for (;;) {
    const answer = await askHealth(address, context);
    if (answer === undefined) return false;
    const health = RegistryHealthSchema.safeParse(answer.body).data;
    if (answer.status === 200 && health !== undefined) return true;
    if (health?.status === "starting" && !signal.aborted) {
      await context.sleep(STARTING_MS, signal);
      continue;
    }
    throw await notWell(address, answer.status, health);
  }
}

async function askHealth(
  { url }: RegistryAddress,
  context: Context,
): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const response = await context.fetch(`${url}/health`, {
      signal: AbortSignal.timeout(PROBE_MS),
    });
    return {
      status: response.status,
      body: await boundedText(response).then(boundedJson).catch(() => undefined),
    };
  } catch {
    return undefined;
  }
}

async function notWell(
  address: RegistryAddress,
  status: number,
  health: RegistryHealth | undefined,
): Promise<CliError> {
  if (health !== undefined) {
    return new CliError(
      EXIT.failure,
      `the registry at ${address.url} says it is ${health.status}`,
      {
        hint: "Read its log, or choose another with --registry-url.",
      },
    );
  }
  const who = address.local ? byHolder(await portHolder(address.port)) : "";
  return new CliError(
    EXIT.failure,
    `${address.url} is answered${who} with HTTP ${status}, but not as a registry does`,
    { hint: "Choose another address with --registry-port or --registry-url." },
  );
}

function byHolder(holder: string | undefined): string {
  return holder === undefined ? "" : ` by ${holder}`;
}

async function refuseTakenPort({ host, port }: RegistryAddress): Promise<void> {
  try {
    Deno.listen({ hostname: host, port }).close();
  } catch (cause) {
    // Anything else, the registry will tell when it tries.
    if (!(cause instanceof Deno.errors.AddrInUse)) return;
    throw new CliError(
      EXIT.failure,
      `port ${port} on ${host} is taken${
        byHolder(await portHolder(port))
      } and no registry answers there`,
      { hint: "End that process, or choose another port with --registry-port.", cause },
    );
  }
}

async function startRegistry(
  options: EnsureRegistryOptions,
  context: Context,
): Promise<ReadyRegistry> {
  const { home, onLine } = options;
  const log = home.log(REGISTRY_NAME);
  rotateLog(log);
  const child = startChild({
    ...registryCommand(options, context),
    cwd: home.root,
    env: { ...options.env, MCP_MESH_HOME: home.root },
    output: onLine === undefined ? { file: log } : { onLine: (_, line) => onLine(line) },
    input: true,
  });
  options.onStarted(child);
  void tellStartTime(child).then(() => {
    if (!options.foreground) child.tellNoMore();
  });
  const record = await waitInFolder(home.root, async () => {
    if (child.exit !== undefined) throw await didNotStart(child, home, onLine !== undefined);
    const written = await runningRegistry(home);
    return written?.pid === child.pid ? written : undefined;
  }, { wake: [child.exited], signal: options.signal });
  if (record !== undefined) return { url: record.url, started: true, kv: record.kv };
  throw gaveUp(options, "the registry was not ready in time");
}

/** The error for waiting no longer: what the user did, or that the time was up. */
function gaveUp({ signal, home }: EnsureRegistryOptions, problem: string): CliError {
  if (signal.reason instanceof CliError) return signal.reason;
  return new CliError(EXIT.timeout, problem, {
    hint: `Read ${home.log(REGISTRY_NAME)}, or give it longer with --startup-timeout.`,
  });
}

function registryCommand(
  { address, home, foreground }: EnsureRegistryOptions,
  context: Context,
): Pick<ChildOptions, "command" | "args"> {
  const kv = context.config.registryKv ?? home.registryKv;
  const { command, args } = context.self(REGISTRY_FLAGS);
  const own = ["__registry", `--host=${address.host}`, `--port=${address.port}`, `--kv=${kv}`];
  return { command, args: [...args, ...own, ...(foreground ? ["--foreground"] : [])] };
}

async function didNotStart(child: Child, home: MeshHome, shown: boolean): Promise<CliError> {
  const log = home.log(REGISTRY_NAME);
  const end = child.exit === undefined ? "did not start" : exitText(child.exit);
  const lines = shown ? [] : await lastLines(log, LOG_LINES).catch(() => []);
  const excerpt = lines.map((line) => `\n  ${line}`).join("");
  // On a full disk its log says little or nothing.
  const refusal = await tryWriting(home.root);
  const reason = refusal === undefined
    ? ""
    : `: nothing can be written into ${home.root} (${refusal.message})`;
  return new CliError(EXIT.failure, `the registry ${end} before it was ready${reason}${excerpt}`, {
    hint: [refusal?.advice, `Its log is ${log}.`].filter((line) => line !== undefined).join("\n"),
  });
}
