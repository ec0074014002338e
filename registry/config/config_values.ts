/**
 * The kinds of values that variables have, as schemas of their texts. An absent or empty variable has
 * its default.
 *
 * @module
 */
import * as z from "zod";
import { parseDuration } from "../base/duration.ts";
import { type HostList, hostList } from "../base/host_list.ts";

/** A time; 0 is one. */
export const duration = (fallbackMs: number) =>
  z.string().default("").transform((text, context) => {
    if (text.trim() === "") return fallbackMs;
    const ms = parseDuration(text);
    if (ms !== undefined) return ms;
    context.addIssue("expected seconds, such as 20 or 0.5, or a duration such as 1m30s");
    return z.NEVER;
  });

/** A time longer than 0. */
export const positive = (fallbackMs: number) =>
  duration(fallbackMs).refine((ms) => ms > 0, "expected a time longer than 0");

/** A whole number from 0 to `max`. */
export const integer = (fallback: number, max: number) =>
  z.string().default("").transform((text, context) => {
    if (text.trim() === "") return fallback;
    const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value <= max) return value;
    context.addIssue(`expected a whole number from 0 to ${max}`);
    return z.NEVER;
  });

/** A whole number from 1 to `max`; empty is none. */
export const limit = (max: number) =>
  z.string().default("").transform((text, context): number | undefined => {
    if (text.trim() === "") return undefined;
    const value = /^\d+$/.test(text.trim()) ? Number(text) : NaN;
    if (value >= 1 && value <= max) return value;
    context.addIssue(`expected a whole number from 1 to ${max}`);
    return z.NEVER;
  });

/** Names in lower case, separated by commas. */
export const names = z.string().default("").transform((text) =>
  text.split(",").map((name) => name.trim().toLowerCase()).filter((name) => name !== "")
);

/** Hosts: names, `*.suffix`, addresses, networks or `*`; none is `undefined`. */
export const hosts = names.transform((items, context): HostList | undefined => {
  if (items.length === 0) return undefined;
  const list = hostList(items);
  if (!("fault" in list)) return list;
  context.addIssue(
    `${list.fault}; expected names, such as agent.example.com or *.example.com, addresses, ` +
      "networks, such as 10.0.0.0/8, or *",
  );
  return z.NEVER;
});

/** Yes or no. */
export const flag = z.string().default("").transform((text, context) => {
  const value = text.trim().toLowerCase();
  if (["true", "1", "false", "0", ""].includes(value)) return value === "true" || value === "1";
  context.addIssue("expected true or false");
  return z.NEVER;
});

/** Any text; empty is none. */
export const optional = z.string().default("").transform((text) => text.trim() || undefined);

/** An `http(s)` address, without a slash at its end; empty is none. */
export const publicUrl = optional.refine(
  (text) => text === undefined || (/^https?:\/\//i.test(text) && URL.canParse(text)),
  "expected an address such as https://agents.example.com",
).transform((text) => text?.replace(/\/+$/, ""));

/** A secret; empty is none. */
export const token = optional.refine(
  (text) => text === undefined || /^[\x21-\x7e]{8,}$/.test(text),
  "expected at least 8 printable characters without spaces",
);

/** To whom `/mcp` is open. */
export const opening = z.string().default("").transform((text) =>
  text.trim().toLowerCase() || "loopback"
)
  .pipe(z.enum(["loopback", "on", "off"], "expected loopback, on or off"));
