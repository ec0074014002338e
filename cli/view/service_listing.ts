/**
 * Capabilities with dots in their names as services and methods: what `list --services` shows.
 * `billing.invoices.send` is the method `send` of the service `billing.invoices`.
 *
 * @module
 */
import { availabilityCell, isAvailable } from "../mesh/mesh_view.ts";
import { type Cell, renderTable, type TablePlace } from "../output/table.ts";
import type { OfferedTool } from "../mesh/tool_reference.ts";

/** A method of a service. */
export interface ServiceMethod {
  method: string;
  capability: string;
  /** Tools that offer it. */
  providers: OfferedTool[];
}

/** Capabilities with the same beginning. */
export interface Service {
  service: string;
  methods: ServiceMethod[];
}

/** Services, and the capabilities that belong to none; both sorted by name. */
export interface ServiceListing {
  services: Service[];
  ungrouped: string[];
}

/** Sorts tools into services. */
export function serviceListing(tools: OfferedTool[]): ServiceListing {
  const byCapability = Map.groupBy(tools, ({ tool }) => tool.name);
  const capabilities = [...byCapability.keys()].toSorted();
  const services = new Map<string, ServiceMethod[]>();
  for (const capability of capabilities) {
    const dot = capability.lastIndexOf(".");
    if (dot < 0) continue;
    const service = capability.slice(0, dot);
    const methods = services.get(service) ?? [];
    const providers = byCapability.get(capability) ?? [];
    services.set(service, [
      ...methods,
      { method: capability.slice(dot + 1), capability, providers },
    ]);
  }
  return {
    services: [...services].map(([service, methods]) => ({ service, methods }))
      .toSorted((a, b) => a.service < b.service ? -1 : 1),
    ungrouped: capabilities.filter((name) => !name.includes(".")),
  };
}

/** Lines of the table: one provider of a method a row. */
export function serviceTable({ services, ungrouped }: ServiceListing, place: TablePlace): string[] {
  const rows = services.flatMap(({ service, methods }) =>
    methods.flatMap(({ method, providers }) =>
      providers.map(({ agent, tool }): Cell[] => [
        service,
        method,
        agent.name,
        availabilityCell(tool),
      ])
    )
  );
  const columns = ["SERVICE", "METHOD", "AGENT", "STATUS"].map((title) => ({ title }));
  return [
    ...(rows.length === 0 ? ["No services found"] : renderTable(columns, rows, place)),
    ...(ungrouped.length === 0 ? [] : ["", `Capabilities without a service: ${ungrouped.length}`]),
  ];
}

/** The document of `list --services --json`. */
export function serviceJson({ services, ungrouped }: ServiceListing) {
  return {
    services: services.map(({ service, methods }) => ({
      service,
      methods: methods.map(({ method, capability, providers }) => ({
        method,
        capability,
        providers: providers.map(({ agent, tool }) => ({
          agent_id: agent.id,
          agent_name: agent.name,
          available: isAvailable(tool),
          unavailable_reason: tool.unavailable_reason ?? null,
        })),
      })),
    })),
    ungrouped,
  };
}
