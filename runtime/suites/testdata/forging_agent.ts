/** Sends messages in place of the runtime in its worker: code that does is ended, and nothing else is. */
import { agent, tool } from "mesh";
import { z } from "zod";
import { Outbox } from "../../sandbox/outbox.ts";
import { FORGED } from "./forged_messages.ts";

/** The way out, as it is when the runtime uses it next. */
const way = Promise.withResolvers<Outbox<unknown>>();
const { postNow } = Outbox.prototype;
Outbox.prototype.postNow = function (message) {
  way.resolve(this);
  Outbox.prototype.postNow = postNow;
  return postNow.call(this, message);
};

export default agent({
  name: "forger",
  tools: {
    forge: tool({ input: z.object({ what: z.string() }) }, async ({ what }) => {
      const outbox = await way.promise;
      for (const message of FORGED[what]?.() ?? []) postNow.call(outbox, message);
      // Its answer comes after what it has forged.
      return "sent";
    }),
    waits: tool({}, () => new Promise<string>(() => {})),
    fine: tool({}, () => "fine"),
  },
});
