import { deepEqual, equal } from "node:assert/strict";
import { row } from "../suites/mesh_fixture.ts";

row("GET /jobs", "is the reference's empty list, whatever is asked for", async (mesh) => {
  for (const query of ["", "?status=working&limit=50", "?capability=c&cursor="]) {
    const response = await mesh.send(`/jobs${query}`);
    equal(response.status, 200);
    deepEqual(await response.json(), { jobs: [], next_cursor: null });
  }
  const submitted = await mesh.send("/jobs", { method: "POST", body: "{}" });
  deepEqual([submitted.status, submitted.headers.get("allow")], [405, "GET"]);
  equal((await mesh.send("/jobs/")).status, 301);
});
