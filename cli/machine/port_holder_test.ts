import { equal, match } from "node:assert/strict";
import { listeningInode, portHolder } from "./port_holder.ts";
import { processTest } from "../../.ci/fixtures/process_tests.ts";

processTest("portHolder() names the process that listens", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  match(await portHolder(port) ?? "", new RegExp(`^process ${Deno.pid} \\(.*deno`));
  listener.close();
  equal(await portHolder(port), undefined);
});

Deno.test("listeningInode() skips connections and other ports", () => {
  const table = [
    "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode",
    "   0: 0100007F:1F40 0100007F:D431 01 00000000:00000000 00:00000000 00000000  0  0 111 1",
    "   1: 00000000:1F41 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 222 1",
    "   2: 0100007F:1F40 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 333 1",
  ].join("\n");
  equal(listeningInode(table, 8000), "333");
  equal(listeningInode(table, 80), undefined);
});
