/**
 * Contexts of OpenTelemetry, kept along asynchronous calls. For `@opentelemetry/api`, which asks
 * whoever is registered for the one that holds now.
 *
 * @module
 */
import { AsyncLocalStorage } from "node:async_hooks";
import type { Context, ContextManager, Span } from "@opentelemetry/api";

/** Under which `@opentelemetry/api` keeps the span of a context. */
const SPAN = Symbol.for("OpenTelemetry Context Key SPAN");

/** Values by key; never changed, only followed by another. */
class Values implements Context {
  readonly #values: ReadonlyMap<symbol, unknown>;

  constructor(values: ReadonlyMap<symbol, unknown> = new Map()) {
    this.#values = values;
  }

  getValue(key: symbol): unknown {
    return this.#values.get(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new Values(new Map(this.#values).set(key, value));
  }

  deleteValue(key: symbol): Context {
    const values = new Map(this.#values);
    values.delete(key);
    return new Values(values);
  }
}

const ROOT: Context = new Values();

/** Keeps the context of every asynchronous call. */
export class Contexts implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();

  active(): Context {
    return this.#storage.getStore() ?? ROOT;
  }

  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    context: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(context, () => run.apply(thisArg, args));
  }

  bind<T>(context: Context, target: T): T {
    if (typeof target !== "function") return target;
    const bound = (...args: unknown[]) => this.#storage.run(context, () => target(...args));
    // It takes and gives what `target` does.
    return bound as T;
  }

  enable(): this {
    return this;
  }

  disable(): this {
    return this;
  }
}

/** The span of a context. */
export function spanOf(context: Context): Span | undefined {
  // What stands under this key was put there as a span.
  return context.getValue(SPAN) as Span | undefined;
}

/** A context with a span. */
export function withSpan(context: Context, span: Span): Context {
  return context.setValue(SPAN, span);
}
