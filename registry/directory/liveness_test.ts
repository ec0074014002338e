import { deepEqual } from "node:assert/strict";
import { Entry } from "./entry.ts";
import { Liveness } from "./liveness.ts";
import { acceptRegistration } from "./record.ts";
import { RegistrationSchema } from "../../runtime/protocol/registration.ts";

function entry(id: string): Entry {
  const accepted = acceptRegistration(undefined, RegistrationSchema.parse({ agent_id: id }), 0);
  if ("refused" in accepted) throw new Error(accepted.refused);
  return new Entry(accepted.record, { status: "healthy", seen: 0 });
}

Deno.test("lapsed() finds who passed the deadline, and beats move deadlines", () => {
  const [a, b] = [entry("a"), entry("b")];
  const liveness = new Liveness(100);
  const lapsed = (now: number) => liveness.lapsed([a, b], now).map(({ id }) => id);
  liveness.touch(a, 0);
  liveness.touch(b, 50);
  deepEqual(lapsed(100), []);
  deepEqual(lapsed(101), ["a"]);
  a.status = "unhealthy";
  liveness.touch(b, 120);
  deepEqual(lapsed(200), []);
  liveness.touch(a, 210);
  a.status = "healthy";
  deepEqual(lapsed(220), []);
  deepEqual(lapsed(221), ["b"]);
});

Deno.test("lapsed() does not walk the agents before a deadline can have passed", () => {
  const liveness = new Liveness(100);
  const known = entry("a");
  liveness.touch(known, 0);
  let walks = 0;
  const counting = {
    *[Symbol.iterator]() {
      walks++;
      yield known;
    },
  };
  for (let now = 0; now <= 100; now++) liveness.lapsed(counting, now);
  deepEqual(walks, 0);
  liveness.touch(known, 90);
  for (let now = 101; now <= 190; now++) liveness.lapsed(counting, now);
  deepEqual(walks, 1);
});

Deno.test("grant() gives time without a beat", () => {
  const liveness = new Liveness(100);
  const known = entry("a");
  liveness.grant(known, 1000);
  deepEqual([known.seen, known.deadline], [0, 1100]);
});
