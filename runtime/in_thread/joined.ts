/**
 * A member of the mesh behind which there is only work that is done now and then; see
 * {@linkcode joinMesh}.
 *
 * @module
 */
import { agentConfig, readEnvironment } from "../node/config.ts";
import { checkDefinition, named } from "../define/check/check.ts";
import type { DependencyDefinitions } from "../define/dependency.ts";
import type { CallEnvironment, Host } from "../boundary/host.ts";
import { openLifespan } from "../handler/open_lifespan.ts";
import { runCheck } from "../handler/run_check.ts";
import { contextOf } from "../handler/run_operation.ts";
import { gatewaySurface } from "../node/gateway_surface.ts";
import type { Cause, JoinedMesh, JoinMeshDefinition } from "../define/join_mesh.ts";
import { listen, type Listener } from "../node/listen.ts";
import { standardErrorLog } from "../base/log.ts";
import type { AgentManifest } from "../define/manifest.ts";
import { dependencyManifests } from "../define/dependency_manifest.ts";
import type { InboundCall } from "../mcp/agent_server.ts";
import type { Outcome } from "../boundary/result.ts";
import type { Calls } from "../node/calls.ts";
import type { RouteContext } from "../define/route.ts";
import { describeServable } from "../define/servable.ts";
import { serveHost } from "../node/serve.ts";
import { withinCall } from "../handler/otel.ts";
import { object, port } from "../define/check/kind.ts";
import { shape } from "../define/check/shape.ts";
import { dependencies } from "../define/check/parts.ts";
import { SERVABLE } from "../define/servable.ts";

/** The definition of `joinMesh()`. */
const JOIN_MESH = shape<JoinMeshDefinition<DependencyDefinitions>>(
  "a definition for joinMesh",
  {
    ...SERVABLE,
    dependencies,
    healthPort: port,
    env: object,
  },
  { required: ["name", "dependencies"] },
);

/** The key of all work. */
const KEY = "app";

/** What is invoked: work that keeps what it comes to for itself. */
type Work = (environment: CallEnvironment) => Promise<Outcome>;

const DONE: Outcome = { kind: "response", response: undefined };

/** Joins the mesh; see `joinMesh`. */
export async function join<Ds extends DependencyDefinitions>(
  definition: JoinMeshDefinition<Ds>,
): Promise<JoinedMesh<Ds>> {
  checkDefinition(JOIN_MESH, named("joinMesh", definition), definition);
  const { healthPort, env = readEnvironment() } = definition;
  const dependencies: DependencyDefinitions = definition.dependencies;
  const manifest = manifestOf(definition, dependencies);
  const config = agentConfig(env, manifest);
  const log = standardErrorLog(config);
  const running = await serveHost(hostOfWork(definition, manifest), env, log, { listen: false });
  const { node } = running;
  let health: Listener | undefined;
  try {
    if (healthPort !== undefined) {
      const probes = gatewaySurface(node, node.calls, []);
      health = listen({
        hostname: config.bindHost,
        port: healthPort,
        maxConnections: config.maxConnections,
        handler: (request) => probes.fetch(request),
        onTrouble: (message) => log("error", message),
      });
    }
    await node.join(config.port);
  } catch (error) {
    await health?.close(0);
    await running.shutdown();
    throw error;
  }
  return {
    agentId: config.agentId,
    port: config.port,
    healthPort: health?.port,
    run: (work, cause) => runWork(node.calls, dependencies, work, cause),
    async [Symbol.asyncDispose]() {
      await running.shutdown();
      await health?.close(0);
    },
  };
}

function manifestOf(
  definition: JoinMeshDefinition<DependencyDefinitions>,
  dependencies: DependencyDefinitions,
): AgentManifest {
  const route = {
    key: KEY,
    pattern: undefined,
    description: "",
    maxBodyBytes: 0,
    dependencies: dependencyManifests(dependencies),
  };
  return { ...describeServable(definition), type: "api", routes: [route] };
}

function hostOfWork(
  definition: JoinMeshDefinition<DependencyDefinitions>,
  manifest: AgentManifest,
): Host {
  let held: AsyncDisposable | undefined;
  return {
    manifest,
    listen: () => () => {},
    // `runWork` is all that asks for it.
    invoke: (_key, args, environment) => (args as { work: Work }).work(environment),
    complete: () => Promise.resolve([]),
    async open(environment) {
      held = await openLifespan(definition, environment);
    },
    check: (kind) => runCheck(definition, kind),
    async [Symbol.asyncDispose]() {
      await held?.[Symbol.asyncDispose]();
    },
  };
}

async function runWork<T, Ds extends DependencyDefinitions>(
  calls: Pick<Calls, "answer">,
  dependencies: DependencyDefinitions,
  work: (context: RouteContext<Ds>) => T | Promise<T>,
  { headers = {}, signal = new AbortController().signal }: Cause = {},
): Promise<T> {
  let result: { readonly value: T } | undefined;
  let thrown: { readonly error: unknown } | undefined;
  const call: InboundCall & { readonly args: { readonly work: Work } } = {
    key: KEY,
    args: {
      work: async (environment) => {
        try {
          // It has what `dependencies` names, which is where `Ds` is from.
          const context = contextOf({ dependencies }, environment) as unknown as RouteContext<Ds>;
          result = { value: await withinCall(environment, () => work(context)) };
          return DONE;
        } catch (error) {
          thrown = { error };
          throw error;
        }
      },
    },
    headers: headersOf(headers),
    signal,
    client: undefined,
    answers: {},
    chunks: "only",
    emit: () => Promise.resolve(),
    progress: () => {},
  };
  try {
    await calls.answer(call);
  } catch (error) {
    throw thrown === undefined ? error : thrown.error;
  }
  // An answer without work done is a failure, which has been thrown.
  return result!.value;
}

function headersOf(given: NonNullable<Cause["headers"]>): Headers {
  if (given instanceof Headers) return given;
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) {
    for (const value of [values ?? []].flat()) headers.append(name, value);
  }
  return headers;
}
