import { deepEqual, match } from "node:assert/strict";
import { agentInfo, toolInfo } from "../mesh/mesh_fixture.ts";
import { createPalette } from "../output/colour.ts";
import { serviceJson, serviceListing, serviceTable } from "./service_listing.ts";
import { offeredTools } from "../mesh/tool_reference.ts";

const listing = serviceListing(offeredTools([
  agentInfo({
    name: "billing",
    capabilities: ["bill.invoice.send", "bill.invoice.list", "weather", "bill.pay"]
      .map((name) => toolInfo({ name })),
  }),
  agentInfo({
    name: "spare",
    capabilities: [toolInfo({ name: "bill.pay", available: false, unavailable_reason: "why not" })],
  }),
]));

Deno.test("serviceListing() cuts a capability at its last dot", () => {
  deepEqual(
    listing.services.map(({ service, methods }) => [service, methods.map(({ method }) => method)]),
    [["bill", ["pay"]], ["bill.invoice", ["list", "send"]]],
  );
  deepEqual(listing.ungrouped, ["weather"]);
});

Deno.test("serviceTable() has a row for every provider, and counts what is left", () => {
  deepEqual(serviceTable(listing, { palette: createPalette(false) }), [
    "SERVICE       METHOD  AGENT    STATUS",
    "-".repeat(51),
    "bill          pay     billing  available",
    "bill          pay     spare    unavailable: why not",
    "bill.invoice  list    billing  available",
    "bill.invoice  send    billing  available",
    "",
    "Capabilities without a service: 1",
  ]);
  match(
    serviceTable({ services: [], ungrouped: [] }, { palette: createPalette(false) }).join(),
    /^No services found$/,
  );
});

Deno.test("serviceJson() has lists only, never null", () => {
  deepEqual(serviceJson(listing).services[0], {
    service: "bill",
    methods: [{
      method: "pay",
      capability: "bill.pay",
      providers: [
        {
          agent_id: "billing-00000001",
          agent_name: "billing",
          available: true,
          unavailable_reason: null,
        },
        {
          agent_id: "spare-00000001",
          agent_name: "spare",
          available: false,
          unavailable_reason: "why not",
        },
      ],
    }],
  });
  deepEqual(serviceJson({ services: [], ungrouped: [] }), { services: [], ungrouped: [] });
});
