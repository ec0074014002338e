import { deepEqual } from "node:assert/strict";
import { dataFindings } from "./data_check.ts";

const MIB = 1024 ** 2;
const data = "/home/data/some";

Deno.test("dataFindings() says how much is kept, and warns of what is more than may be", () => {
  const closed = "keeps at least 3 MiB in its data folder, more than its limit of 2 MiB";
  const use = { bytes: 1.4 * MIB, limit: 2 * MIB, is_whole: true };
  deepEqual(
    dataFindings([
      { name: "old" },
      { name: "some", data, data_use: use },
      { name: "few", data, data_use: { ...use, bytes: 5 } },
      { name: "full", data, data_use: { bytes: 3 * MIB, limit: 2 * MIB, is_whole: false, closed } },
    ]),
    [
      { check: "data", agent: "some", level: "ok", text: `keeps 1 MiB of 2 MiB in ${data}` },
      {
        check: "data",
        agent: "few",
        level: "ok",
        text: `keeps less than 1 MiB of 2 MiB in ${data}`,
      },
      {
        check: "data",
        agent: "full",
        level: "warning",
        text: `full ${closed}, ${data}, so its code may not write there; ` +
          "remove files, or raise MCP_MESH_DATA_LIMIT and start it again",
      },
    ],
  );
});
