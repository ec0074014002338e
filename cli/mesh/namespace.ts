/**
 * Looking into one namespace of a registry, or as an operator into all.
 *
 * @module
 */
import { MESH_NAME } from "../../runtime/base/mesh_name.ts";
import type { OptionTable } from "../app/option.ts";
import type { Context } from "../app/context.ts";
import { usageError } from "../base/exit.ts";
import { type RegistryOptionValues, secretFor } from "./registry_address.ts";

/** The option of every command that looks at agents. */
export const NAMESPACE_OPTION = {
  namespace: {
    type: "string",
    value: "NAME",
    help: "Only this namespace; '*' is all, where the registry keeps that for operators",
  },
} as const satisfies OptionTable;

const HEADER = "x-mesh-namespace";
const EVERY = "*";
/** What a registry itself answers; anything else may reach an agent. */
const OWN_ROUTES = /\/(agents|events|events\/stream|why|traces|traces\/stream|trace\/[^/]+)$/;

/**
 * The context with a `fetch` that names a namespace in every request. For all namespaces it shows
 * the operators' secret as well, to the registry's own routes and nobody else.
 *
 * @param options The command's own; without a namespace the choice is the registry's.
 * @throws {CliError} exit 2 for what is no name of a namespace.
 */
export function inNamespace(
  context: Context,
  { namespace, ...registry }: RegistryOptionValues & { namespace: string | undefined },
): Context {
  if (namespace === undefined) return context;
  if (namespace !== EVERY && !MESH_NAME.test(namespace)) {
    throw usageError(
      `--namespace is "${namespace}", which is no name of a namespace`,
      "Names are lower-case letters, digits and dashes; '*' is all.",
    );
  }
  const { fetch } = context;
  return {
    ...context,
    fetch: async (input, init) => {
      const request = input instanceof Request ? input : undefined;
      const url = new URL(request?.url ?? String(input));
      const headers = new Headers(init?.headers ?? request?.headers);
      headers.set(HEADER, namespace);
      const mayShow = namespace === EVERY && OWN_ROUTES.test(url.pathname);
      const token = mayShow ? await secretFor("adminToken", registry, context) : undefined;
      if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
      return await fetch(input, { ...init, headers });
    },
  };
}
