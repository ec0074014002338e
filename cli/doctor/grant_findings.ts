/**
 * Findings about what the process of an agent's code gets of its first line, and about uses in the text
 * of its modules that go beyond it.
 *
 * @module
 */
import { withData } from "../../runtime/sandbox/permissions.ts";
import { childGrant } from "../../runtime/sandbox/child_grant.ts";
import { HARMLESS_VARIABLES } from "../../runtime/sandbox/child_environment.ts";
import type { ChildGrant } from "../../runtime/sandbox/grant.ts";
import type { MeshHome } from "../machine/home.ts";
import type { AgentSource } from "../start/agent_source.ts";
import { childCode, sharedDenoDir } from "../start/child_place.ts";
import { machineText, wayOutText, waysOut } from "../view/permission_view.ts";
import type { Finding } from "./finding.ts";
import { isAllowed, type PermissionUse } from "./used_permissions.ts";

/** Options for {@linkcode expectedGrant}. */
export interface GrantOptions {
  home: MeshHome;
  /** Absolute folder of the runtime. */
  root: string;
  /** The environment that the agent will have. */
  environment: Record<string, string>;
  /** Ports of the registry and of the agents of this machine. */
  meshPorts: readonly number[];
}

/** Returns what the process of an agent's code would get if it were started now. */
export function expectedGrant(
  { name, permissions }: Pick<AgentSource, "name" | "permissions">,
  { home, root, environment, meshPorts }: GrantOptions,
): ChildGrant {
  const cache = sharedDenoDir(environment, root);
  const { closed, unwritable } = childCode(name, root, { home, root, cache });
  const data = home.data(name);
  const facts = { meshPorts, environment, closed, unwritable, data };
  return childGrant(withData(permissions, data), {}, facts);
}

/** A use in a module, with its place as it is shown. */
export interface PlacedUse extends PermissionUse {
  place: string;
}

/**
 * Returns what there is to say of a grant.
 *
 * @param uses Those that the first line allows.
 */
export function grantFindings(
  { name, permissions }: Pick<AgentSource, "name" | "permissions">,
  grant: ChildGrant,
  uses: readonly PlacedUse[],
): Finding[] {
  const about = { check: "grant", agent: name } as const;
  const got = { ...permissions, net: grant.net };
  const beyond = uses.flatMap((use): Finding[] => {
    const { place, code, kind, item } = use;
    if (kind === "net" && !isAllowed(use, got)) {
      const text = `${place} uses ${code}, and its code reaches ` +
        `${machineText(grant.local)}; name the port: --allow-net=${item ?? "localhost:6379"}`;
      return [{ ...about, level: "warning", text }];
    }
    const isOfMesh = kind === "env" && /^MCP_MESH_/.test(item ?? "") &&
      !HARMLESS_VARIABLES.includes(item ?? "");
    if (!isOfMesh) return [];
    const text = `${place} uses ${code}, a variable of the mesh, which is not passed on`;
    return [{ ...about, level: "warning", text }];
  });
  const told = [
    ...grant.left_out.map(({ what, why }) => `is not given ${what}: ${why}`),
    ...grant.local.includes("*") ? [`reaches ${machineText(grant.local)}, by --allow-net`] : [],
    ...waysOut(permissions).length > 0 ? [`has a way out by ${wayOutText(permissions)}`] : [],
  ];
  return [
    ...beyond,
    ...told.map((text): Finding => ({ ...about, level: "ok", text: `its code ${text}` })),
  ];
}
