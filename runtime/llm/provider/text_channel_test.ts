import assert from "node:assert/strict";
import { TextChannel } from "./text_channel.ts";

Deno.test("TextChannel hands pieces over in order, the writer waiting for the reader", async () => {
  const channel = new TextChannel();
  const events: string[] = [];
  const write = async () => {
    for (const text of ["a", "b"]) {
      await channel.write(text);
      events.push(`${text} taken`);
    }
    channel.close();
  };
  const writing = write();
  for await (const text of channel.read()) {
    events.push(text);
    await Promise.resolve();
    assert.ok(!events.includes(`${text} taken`), "not before it is dealt with");
  }
  await writing;
  assert.deepEqual(events, ["a", "a taken", "b", "b taken"]);
});

Deno.test("TextChannel that is closed before anything came is empty", async () => {
  const channel = new TextChannel();
  channel.close();
  for await (const _ of channel.read()) assert.fail("there is nothing");
  await channel.write("too late");
});

Deno.test("TextChannel that is closed with a piece in it gives the piece, and ends", async () => {
  const channel = new TextChannel();
  const written = channel.write("last");
  channel.close();
  await written;
  const read: string[] = [];
  for await (const text of channel.read()) read.push(text);
  assert.deepEqual(read, ["last"]);
});
