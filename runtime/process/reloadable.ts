/**
 * A host whose code can be replaced while it is served: calls that are under way finish on the code
 * they began on, all others run on the newest. The code before it is kept until the newest has
 * proved good, so that there is a way back that takes no loading.
 *
 * @module
 */
import { within } from "../base/within.ts";
import type { CheckVerdict } from "../define/health_check.ts";
import type { CompletionRequest } from "../define/completion.ts";
import type { LlmSettings } from "../define/llm.ts";
import type { AgentManifest } from "../define/manifest.ts";
import type { Outcome } from "../boundary/result.ts";
import type {
  CallEnvironment,
  CheckKind,
  Host,
  HostEvents,
  LifespanEnvironment,
} from "../boundary/host.ts";
import type { Sandbox } from "../sandbox/sandboxed.ts";

/** What hosts are opened with. */
interface Opening {
  readonly environment: LifespanEnvironment;
  readonly llm: LlmSettings | undefined;
}

/** Code that can be replaced. */
export class ReloadableHost implements Host {
  readonly #listeners = new Set<HostEvents>();
  readonly #retired = new Set<Code>();
  #current: Code;
  /** What to go back to. */
  #kept: Code | undefined;
  #unfollow: () => void;
  #opening: Opening | undefined;
  readonly #drainMs: number;

  /**
   * @param first The code to begin with; good.
   * @param drainMs How long calls may go on in code that is replaced, milliseconds.
   */
  constructor(first: Sandbox, drainMs: number) {
    this.#drainMs = drainMs;
    this.#current = new Code(first);
    this.#unfollow = this.#follow(first);
  }

  get manifest(): AgentManifest {
    return this.#current.sandbox.manifest;
  }

  listen(listener: HostEvents): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  invoke(key: string, args: unknown, environment: CallEnvironment): Promise<Outcome> {
    return this.#current.during((sandbox) => sandbox.invoke(key, args, environment));
  }

  complete(key: string, request: CompletionRequest): Promise<readonly string[]> {
    return this.#current.during((sandbox) => sandbox.complete(key, request));
  }

  check(kind: CheckKind): Promise<CheckVerdict> {
    return this.#current.during((sandbox) => sandbox.check(kind));
  }

  async open(environment: LifespanEnvironment, llm?: LlmSettings): Promise<void> {
    this.#opening = { environment, llm };
    await this.#current.open(this.#opening);
  }

  /**
   * Has other code answer from now on, once it is opened.
   *
   * @param next Loaded; closed when it cannot be opened.
   * @returns Whether the agent says something else about itself now.
   * @throws {MeshError} Whatever kept it from opening; the code before it runs on then.
   */
  async replace(next: Sandbox): Promise<boolean> {
    const code = new Code(next);
    try {
      await this.#openBeside(code, this.#current);
    } catch (error) {
      await next[Symbol.asyncDispose]();
      throw error;
    }
    const before = this.#turnTo(code);
    if (this.#kept === undefined) this.#kept = before;
    else this.#retire(before);
    return this.#announce(before);
  }

  /** The code that runs has proved good: what was before it is not needed any more. */
  keep(): void {
    if (this.#kept !== undefined) this.#retire(this.#kept);
    this.#kept = undefined;
  }

  /**
   * Goes back to the last code that had proved good.
   *
   * @returns Whether the agent says something else about itself now; `undefined` when there is
   * nothing to go back to.
   * @throws {MeshError} Whatever kept it from opening again; the newest code runs on then.
   */
  async back(): Promise<boolean | undefined> {
    const good = this.#kept;
    if (good === undefined) return undefined;
    if (!good.isOpen) await this.#openBeside(good, this.#current);
    this.#kept = undefined;
    const before = this.#turnTo(good);
    this.#retire(before);
    return this.#announce(before);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#unfollow();
    const all = [this.#current, ...(this.#kept ? [this.#kept] : []), ...this.#retired];
    await Promise.all(all.map(({ sandbox }) => sandbox[Symbol.asyncDispose]()));
  }

  /** Some things can only be held once: then the other code lets go of them first. */
  async #openBeside(code: Code, other: Code): Promise<void> {
    if (this.#opening === undefined) return;
    try {
      await code.open(this.#opening);
    } catch (error) {
      if (!code.sandbox.manifest.lifespan || !other.sandbox.manifest.lifespan) throw error;
      await other.close();
      try {
        await code.open(this.#opening);
      } catch {
        await other.open(this.#opening);
        throw error;
      }
    }
  }

  #turnTo(code: Code): Code {
    const before = this.#current;
    this.#current = code;
    this.#unfollow();
    this.#unfollow = this.#follow(code.sandbox);
    return before;
  }

  #announce(before: Code): boolean {
    const was = before.sandbox.manifest;
    const changed = JSON.stringify(was) !== JSON.stringify(this.manifest);
    if (changed) { for (const listener of this.#listeners) listener.manifest?.(); }
    if (was.healthCheck || this.manifest.healthCheck) this.#opening?.environment.checkHealth();
    return changed;
  }

  #follow(sandbox: Sandbox): () => void {
    return sandbox.listen({
      manifest: () => {
        for (const listener of this.#listeners) listener.manifest?.();
      },
      resourceUpdated: (uri) => {
        for (const listener of this.#listeners) listener.resourceUpdated?.(uri);
      },
    });
  }

  /** Ends code that nothing runs on any more; calls that take too long on it are cut off. */
  #retire(code: Code): void {
    this.#retired.add(code);
    void code.idle(this.#drainMs).then(async () => {
      await code.sandbox[Symbol.asyncDispose]();
      this.#retired.delete(code);
    });
  }
}

/** One version of the code, and how many calls are under way in it. */
class Code {
  readonly sandbox: Sandbox;
  isOpen = false;
  #calls = 0;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(sandbox: Sandbox) {
    this.sandbox = sandbox;
  }

  async open({ environment, llm }: Opening): Promise<void> {
    await this.sandbox.open(environment, llm);
    this.isOpen = true;
  }

  async close(): Promise<void> {
    this.isOpen = false;
    await this.sandbox.close();
  }

  /** Runs something in it. */
  async during<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
    this.#calls += 1;
    try {
      return await work(this.sandbox);
    } finally {
      this.#calls -= 1;
      if (this.#calls === 0) this.#idle?.resolve();
    }
  }

  /**
   * Resolves once nothing is under way in it, or the time is up.
   *
   * @param ms Longest wait, in milliseconds.
   */
  async idle(ms: number): Promise<void> {
    if (this.#calls === 0) return;
    this.#idle = Promise.withResolvers();
    await within(ms, this.#idle.promise);
  }
}
