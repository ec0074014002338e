/**
 * `meshctl start`: run agents, and a registry when there is none.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { defineCommand } from "../command.ts";
import type { Context } from "../context.ts";
import { CliError, EXIT, type ExitCode } from "../exit.ts";
import { stayInForeground } from "../supervisor/foreground.ts";
import { createPrefixedOutput, type PrefixedOutput } from "../supervisor/prefixed_output.ts";
import { createSession, type Session } from "../supervisor/session.ts";
import { type StartedMesh, startMesh } from "../supervisor/start_mesh.ts";
import { startReport } from "../supervisor/start_report.ts";
import { readStartRequest, START_OPTIONS, type StartRequest } from "../supervisor/start_request.ts";

/** Grace for what was started when the start fails: the user waits for the reason. */
const FAILURE_GRACE_MS = 600;

/** `meshctl start [files and folders]`. */
export const startCommand = defineCommand({
  name: "start",
  summary: "Start agents, and a registry when there is none",
  usage: "[files and folders of agents]",
  details: "An agent's code may touch exactly what the flags of its first line allow. Without\n" +
    "agents, only the registry is started. Without -d, everything runs in the foreground until\n" +
    "Ctrl+C. If one agent does not start, nothing is left running.\n\n" +
    "--mcp makes any MCP server an agent: its tools are capabilities, tagged by --mcp-tags. What\n" +
    "is in the options is seen by everybody who may list processes; write secrets as ${NAME},\n" +
    "in single quotes, and the variable of that name is filled in.",
  positionals: { min: 0, max: Infinity },
  options: START_OPTIONS,
  examples: [
    { line: "start agents/trip-planner", note: "Every agent in a folder, in the foreground" },
    { line: "start -d flight.ts hotel.ts", note: "Two agents in the background" },
    { line: "start --registry-only -d", note: "A registry in the background" },
    { line: "start --pack agents/trip-planner", note: "All agents in one process" },
    {
      line: "start -d --mcp memory='npx -y @modelcontextprotocol/server-memory'",
      note: "An MCP server that is started, as an agent",
    },
    {
      line: "start --mcp docs=https://host/mcp --mcp-header 'docs=Authorization: Bearer ${TOKEN}'",
      note: "An MCP server at a URL, with a secret that stays one",
    },
  ],
  run: async (context, { options, positionals }) => {
    const request = await readStartRequest(options, positionals, context);
    if (options.check) await checkTypes(request, context);
    const talk = options.quiet ? () => {} : (text: string) => context.stderr.write(`${text}\n`);
    for (const { name, declared } of request.sources) {
      if (!declared) {
        talk(`${name} declares no permissions in its first line, so its code has none`);
      }
    }
    const session = createSession(request.home);
    using output = request.detach ? undefined : createPrefixedOutput(context, request.home);
    using interruption = followInterrupts(context, session);
    const { interrupted } = interruption;
    const onLine = output === undefined ? undefined : untilClosed(output, interruption);
    let mesh: StartedMesh;
    try {
      mesh = await startMesh(request, { session, onLine, interrupted }, context);
    } catch (error) {
      await session.end(FAILURE_GRACE_MS);
      throw error;
    }
    if (request.detach) return await reportDetached(mesh, context, options.quiet);
    try {
      await reportForeground(mesh, context, talk);
      if (session.agents.length === 0 && session.registry === undefined) return EXIT.ok;
      talk("Ctrl+C stops everything.\n");
      const code = await stayInForeground({ session, interrupted }, context);
      if (interrupted.aborted) talk("Stopping …");
      return code;
    } finally {
      await session.end(request.shutdownMs);
    }
  },
});

/** What the user asked for while a start runs. */
interface Interruption extends Disposable {
  /** Aborts at the first Ctrl+C. */
  interrupted: AbortSignal;
  /** Asks for an orderly end, as Ctrl+C does. */
  interrupt(): void;
}

/** Shows lines until nobody reads them any more, which ends the start. */
function untilClosed(output: PrefixedOutput, { interrupt }: Interruption): PrefixedOutput["line"] {
  return (...line) => {
    try {
      output.line(...line);
    } catch (error) {
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
      interrupt();
    }
  };
}

/** Follows Ctrl+C: the first asks for an orderly end, the second kills. */
function followInterrupts(context: Context, session: Session): Interruption {
  const controller = new AbortController();
  const interrupt = () =>
    controller.abort(new CliError(EXIT.failure, "interrupted before everything was ready"));
  const listening = context.onInterrupt(() => {
    if (controller.signal.aborted) session.kill();
    else interrupt();
  });
  return {
    interrupted: controller.signal,
    interrupt,
    [Symbol.dispose]: () => listening[Symbol.dispose](),
  };
}

async function checkTypes(request: StartRequest, context: Context): Promise<void> {
  const files = request.sources.flatMap(({ file, origin }) => origin === undefined ? [file] : []);
  if (files.length === 0) return;
  const args = ["check", "--quiet", "--config", `${context.root}/deno.json`, ...files];
  try {
    await promisify(execFile)(context.deno, args, { env: request.environment });
  } catch (error) {
    const messages = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    throw new CliError(EXIT.failure, `the agents do not type-check\n${messages.trim()}`, {
      hint: "Correct them, or start without --check.",
      cause: error,
    });
  }
}

async function reportDetached(
  mesh: StartedMesh,
  context: Context,
  quiet: boolean,
): Promise<ExitCode> {
  const { summary, warnings, calls, pages } = await startReport(mesh, context);
  const count = mesh.agents.length;
  const head = count === 0
    ? "Registry is running in the background"
    : `Started ${count} agent${count === 1 ? "" : "s"} in the background`;
  if (!quiet) context.stdout.write(`${[head, ...summary].join("\n")}\n`);
  for (const warning of warnings) context.stderr.write(`${warning}\n`);
  const tips = [
    ...pages.map((page) => `Page: ${page}`),
    ...calls.map((call) => `Try: ${call}`),
    `Stop: ${context.program} stop`,
  ];
  if (!quiet) context.stderr.write(`\n${tips.join("\n")}\n`);
  const open = mesh.unresolved.filter(({ required }) => required).length;
  if (open === 0) return EXIT.ok;
  throw new CliError(
    EXIT.failure,
    `${open} required ${open === 1 ? "dependency has" : "dependencies have"} no provider`,
    { hint: "The agents keep running and are wired as soon as a provider registers." },
  );
}

async function reportForeground(
  mesh: StartedMesh,
  context: Context,
  talk: (text: string) => void,
): Promise<void> {
  const { summary, warnings, calls, pages } = await startReport(mesh, context);
  talk(["", ...summary].join("\n"));
  for (const warning of warnings) context.stderr.write(`${warning}\n`);
  const tips = [
    ...pages.map((page) => `Page: ${page}`),
    ...calls.map((call) => `Try, in another terminal: ${call}`),
  ];
  if (tips.length > 0) talk(`\n${tips.join("\n")}`);
}
