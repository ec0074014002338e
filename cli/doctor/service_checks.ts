/**
 * Whether what a mesh talks to answers: the registry, its database, Redis.
 *
 * @module
 */
import { existsSync } from "node:fs";
import { once } from "node:events";
import { Redis } from "ioredis";
import { within } from "../../runtime/base/within.ts";
import { errorText } from "../../runtime/base/errors.ts";
import { VERSION } from "../../registry/base/version.ts";
import { boundedText } from "../../runtime/base/bounded_body.ts";
import { boundedJson } from "../../runtime/base/bounded_json.ts";
import { RegistryHealthSchema } from "../../runtime/protocol/listing.ts";
import { type TlsMaterial, tlsMaterial } from "../../runtime/base/tls_material.ts";
import type { Context } from "../app/context.ts";
import type { RegistryAddress } from "../mesh/registry_address.ts";
import { portHolder } from "../machine/port_holder.ts";
import { shellWord } from "../output/shell_word.ts";
import { withoutSecrets } from "../output/plain_address.ts";
import type { Finding } from "./finding.ts";

/** How long a Redis may take to close the connection, milliseconds. */
const DISCONNECT_MS = 100;

/** What sets the clock where that is not Linux. */
const CLOCK_FIX: Partial<Record<typeof Deno.build.os, string>> = {
  darwin: "sudo sntp -sS time.apple.com",
  windows: "w32tm /resync",
};

/** How far clocks may be apart before times in logs, leases and spans mislead, milliseconds. */
const SKEW_MS = 2_000;

/**
 * How the registry is, what it runs, and whether its clock and ours agree.
 *
 * @param started Where the registry is that `meshctl` has started here, if it runs.
 * @param timeoutMs Limit of each question.
 */
export async function registryFindings(
  { url, local, port }: RegistryAddress,
  started: string | undefined,
  { fetch, now, program }: Pick<Context, "fetch" | "now" | "program">,
  timeoutMs: number,
): Promise<Finding[]> {
  const asked = now();
  let response: Response;
  try {
    response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) });
  } catch {
    const fix = local ? `${program} start --registry-only -d` : `curl -v ${url}/health`;
    return [{ check: "registry", level: "failure", text: `no registry answers at ${url}`, fix }];
  }
  const body: unknown = await boundedText(response).then(boundedJson).catch(() => undefined);
  const health = RegistryHealthSchema.safeParse(body).data;
  if (health === undefined) {
    const holder = local ? await portHolder(port) : undefined;
    const who = holder === undefined ? "" : ` by ${holder}`;
    const text =
      `${url} is answered${who} with HTTP ${response.status}, but not as a registry does`;
    const fix = `${program} start --registry-only -d --registry-port 0`;
    return [{ check: "registry", level: "failure", text, fix }];
  }
  const level = response.ok && health.status === "healthy" ? "ok" : "failure";
  const clock = clockFinding(response.headers.get("date"), asked, now());
  const isStarted = local && started !== undefined && URL.parse(started)?.port === String(port);
  const kin = isStarted
    ? "started"
    : await describesItself(url, fetch, timeoutMs)
    ? "ours"
    : "other";
  return [
    { check: "registry", level, text: `${url} says it is ${health.status}` },
    versionFinding(health.version, kin, program),
    clock,
  ];
}

/** Whether a registry is of this project: the reference's does not describe its routes. */
async function describesItself(
  url: string,
  fetch: Context["fetch"],
  timeoutMs: number,
): Promise<boolean> {
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    const response = await fetch(`${url}/openapi.json`, { signal });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * Whether the registry is of the version of this `meshctl`.
 *
 * @param kin Whether `meshctl` has started it here, it is one of this project's or the reference's.
 */
export function versionFinding(
  version: string,
  kin: "started" | "ours" | "other",
  program: string,
): Finding {
  const check = "versions";
  if (kin === "other") {
    const text = `the registry is not meshctl's own, and says that it is ${version}`;
    return { check, level: "ok", text };
  }
  if (version.replace(/^v/, "") === VERSION) {
    return { check, level: "ok", text: `registry and meshctl are ${VERSION}` };
  }
  const text = `the registry is ${version}, meshctl is ${VERSION}`;
  if (kin === "ours") return { check, level: "warning", text: `${text}; it was not started here` };
  const fix = `${program} stop --registry && ${program} start --registry-only -d`;
  return { check, level: "warning", text, fix };
}

/**
 * Whether the registry's clock and ours agree.
 *
 * @param date Its `Date` header, which has whole seconds.
 * @param asked When it was asked, milliseconds since the epoch.
 * @param answered When it had answered.
 */
export function clockFinding(date: string | null, asked: number, answered: number): Finding {
  const theirs = Date.parse(date ?? "");
  if (Number.isNaN(theirs)) {
    return { check: "clock", level: "skipped", text: "the registry does not tell what time it is" };
  }
  const skew = theirs > answered ? theirs - answered : Math.min(0, theirs + 999 - asked);
  if (Math.abs(skew) <= SKEW_MS) {
    return { check: "clock", level: "ok", text: "the registry's clock agrees with this one" };
  }
  const side = skew > 0 ? "ahead of" : "behind";
  return {
    check: "clock",
    level: "warning",
    text: `the registry's clock is ${Math.abs(skew / 1_000).toFixed(1)} s ${side} this one`,
    fix: CLOCK_FIX[Deno.build.os] ?? "sudo timedatectl set-ntp true",
  };
}

/** Whether the database of a registry that is started here can be opened and read. */
export async function kvFinding(kv: string, timeoutMs: number): Promise<Finding> {
  const isFile = !/^https?:/.test(kv);
  if (isFile && !existsSync(kv)) {
    return { check: "kv", level: "ok", text: `${kv} is made when a registry is started` };
  }
  if (!("openKv" in Deno)) {
    return { check: "kv", level: "skipped", text: "this meshctl runs without --unstable-kv" };
  }
  try {
    const database = await inTime(Deno.openKv(kv), timeoutMs);
    try {
      await inTime(database.get(["doctor"]), timeoutMs);
    } finally {
      database.close();
    }
    return { check: "kv", level: "ok", text: `${kv} can be read` };
  } catch (error) {
    return {
      check: "kv",
      level: "failure",
      text: `${kv} cannot be read: ${reasonOf(error)}`,
      fix: isFile
        ? `mv ${shellWord(kv)} ${shellWord(`${kv}.broken`)}`
        : "export DENO_KV_ACCESS_TOKEN=…",
    };
  }
}

/**
 * Whether the Redis that is set answers.
 *
 * @param environment With `REDIS_URL` and, for `rediss://`, `REDIS_TLS_CA`, `REDIS_TLS_CERT` and
 * `REDIS_TLS_KEY`, as agents read them.
 * @param timeoutMs Limit of the question.
 */
export async function redisFinding(
  environment: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<Finding> {
  const { REDIS_URL: url, REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY } = environment;
  if (url === undefined || url === "") {
    return { check: "redis", level: "skipped", text: "REDIS_URL is not set" };
  }
  const shown = withoutSecrets(url);
  let tls: TlsMaterial | undefined;
  try {
    const files = { REDIS_TLS_CA, REDIS_TLS_CERT, REDIS_TLS_KEY };
    tls = url.startsWith("rediss:") ? tlsMaterial(files) : undefined;
  } catch (error) {
    return { check: "redis", level: "failure", text: reasonOf(error) };
  }
  const client = new Redis(url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    disconnectTimeout: DISCONNECT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    ...(tls !== undefined && { tls: { ...tls } }),
  });
  // Whoever waits for the connection is told only that there is none, not why.
  let fault: Error | undefined;
  client.on("error", (error) => fault = error);
  // Of the two failures of a connection that TLS refuses, the client takes one.
  client.on("connect", () => client.stream.on("error", () => {}));
  try {
    await inTime(client.connect().then(() => client.ping()), timeoutMs);
    return { check: "redis", level: "ok", text: `${shown} answers` };
  } catch (error) {
    return {
      check: "redis",
      level: "failure",
      text: `${shown} does not answer: ${reasonOf(fault ?? error)}`,
      fix: redisFix(url),
    };
  } finally {
    if (client.status !== "end") {
      const ended = once(client, "end");
      client.disconnect();
      await ended;
    }
  }
}

/** A Redis on this machine can be started; another one can only be done without. */
function redisFix(url: string): string {
  const { hostname = "", port = "" } = URL.parse(url) ?? {};
  if (!LOOPBACK.test(hostname)) return "unset REDIS_URL";
  return `docker run -d -p ${port || 6379}:6379 redis:8`;
}

const LOOPBACK = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;

const LATE = Symbol("late");

async function inTime<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  const answer = await within(timeoutMs, promise, LATE);
  if (answer === LATE) throw new Error(`no answer within ${timeoutMs / 1_000} s`);
  return answer;
}

function reasonOf(error: unknown): string {
  const [reason = ""] = errorText(error).split("\n");
  return reason;
}
