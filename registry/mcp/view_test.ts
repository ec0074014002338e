import { deepEqual, equal, notEqual } from "node:assert/strict";
import { RegistrationSchema } from "../../runtime/protocol/registration.ts";
import { Entry } from "../directory/entry.ts";
import { acceptRegistration } from "../directory/record.ts";
import { Snapshot } from "../directory/snapshot.ts";
import { ToolTexts } from "./tool_listing.ts";
import { ToolSearch } from "./tool_search.ts";
import { CurrentCatalog, View } from "./view.ts";
import { readParameters } from "../base/parameter.ts";
import { EVERYTHING, VIEW_PARAMETERS, viewQuery } from "./view_query.ts";

function entry(id: string, tools: string[], port = 1): Entry {
  const message = RegistrationSchema.parse({
    agent_id: id,
    http_host: `${id}.test`,
    http_port: port,
    tools: tools.map((name) => ({
      function_name: name,
      capability: name,
      inputSchema: { type: "object" },
    })),
  });
  const accepted = acceptRegistration(undefined, message, 0);
  if ("refused" in accepted) throw new Error(accepted.refused);
  return new Entry(accepted.record, { status: "healthy", seen: 0 });
}

function view(snapshot: Snapshot, query = ""): View {
  const read = readParameters(VIEW_PARAMETERS, new URLSearchParams(query));
  if ("fault" in read) throw new Error(read.fault.text);
  return new View({
    query: viewQuery(read.values),
    catalog: new CurrentCatalog(snapshot, undefined),
    texts: new ToolTexts(),
    search: new ToolSearch(),
  });
}

Deno.test("CurrentCatalog is made once for as long as nothing changes", () => {
  const snapshot = new Snapshot();
  const one = entry("one", ["a"]);
  snapshot.put(one);
  const catalog = new CurrentCatalog(snapshot, undefined);
  const first = catalog.now();
  equal(catalog.now(), first);
  equal(catalog.recently(), first);
  snapshot.setStatus(one, "unhealthy");
  notEqual(catalog.now(), first);
});

Deno.test("View.find() never finds a tool whose agents have gone, or at an old address", () => {
  const snapshot = new Snapshot();
  const seen = view(snapshot);
  for (let round = 0; round < 50; round++) {
    const before = entry("one", ["a"], 1);
    snapshot.put(before);
    equal(seen.find("a")?.providers[0], before);
    const after = entry("one", ["a"], 2);
    snapshot.put(after);
    equal(seen.find("a")?.providers[0], after);
    snapshot.setStatus(after, "unhealthy");
    equal(seen.find("a"), undefined);
    snapshot.delete(after);
  }
});

Deno.test("View.digest() differs exactly when what is listed differs", () => {
  const snapshot = new Snapshot();
  snapshot.put(entry("one", ["a"]));
  const [all, only, search] = [
    view(snapshot),
    view(snapshot, "capability=a"),
    view(snapshot, "mode=search"),
  ];
  const before = [all.digest(), only.digest(), search.digest()];
  snapshot.put(entry("one", ["a"], 2));
  deepEqual([all.digest(), only.digest(), search.digest()], before, "an address is not listed");
  snapshot.put(entry("two", ["b"]));
  notEqual(all.digest(), before[0]);
  equal(only.digest(), before[1]);
  equal(search.digest(), before[2]);
});

Deno.test("View.page() gives the same text until something changes", () => {
  const snapshot = new Snapshot();
  snapshot.put(entry("one", ["a", "b"]));
  const seen = view(snapshot);
  const page = seen.page(undefined);
  equal(seen.page(undefined), page);
  deepEqual(JSON.parse(page?.tools ?? "").map(({ name }: { name: string }) => name), ["a", "b"]);
  snapshot.put(entry("two", ["c"]));
  notEqual(seen.page(undefined), page);
  equal(seen.page("?"), undefined);
  deepEqual(seen.search("b", EVERYTHING).map(({ name }) => name), ["b"]);
});
