/**
 * What `--ignore-env` does, for agent code in a worker, which Deno has no such option for: variables
 * that may not be read are absent, so that npm packages which look at the whole environment load.
 *
 * @module
 */
import process from "node:process";

/**
 * Hides what may not be read.
 *
 * @param readable Names that may be read.
 * @param ignored Names that are absent otherwise; `true` means all others.
 */
export function ignoreEnv(readable: readonly string[], ignored: true | readonly string[]): void {
  const { get, has } = Deno.env;
  const mayRead = new Set(readable);
  const isAbsent = (name: string) =>
    !mayRead.has(name) && (ignored === true || ignored.includes(name));
  const toObject = () =>
    Object.fromEntries(readable.flatMap((name) => {
      const value = get(name);
      return value === undefined ? [] : [[name, value]];
    }));
  Object.assign(Deno.env, {
    get: (name: string) => isAbsent(name) ? undefined : get(name),
    has: (name: string) => !isAbsent(name) && has(name),
    toObject,
  });
  // Node's view of the environment asks for all of it at once.
  const env = new Proxy(toObject(), {
    get: (values, name) =>
      typeof name !== "string" || name in values || isAbsent(name)
        ? Reflect.get(values, name)
        : get(name),
  });
  Object.defineProperty(process, "env", { value: env, writable: true, configurable: true });
}
