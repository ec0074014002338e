/**
 * Binding a port and serving it, for agents and the registry. A listener outlives a process's running
 * out of file descriptors: while there are none it is not heard, and then it is again.
 *
 * @module
 */
import { BoundedServer, type Handler } from "./bounded_server.ts";
import { portHolder } from "./port_holder.ts";

export type { Handler };

/** How to listen. */
export interface ListenOptions {
  readonly hostname: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly handler: Handler;
  /**
   * Most connections at a time. With it, connections without a request and heads that come slowly are
   * bounded as well, at three to four times the cost of a request.
   *
   * @default {undefined} as many as come; `Deno.serve` answers them
   */
  readonly maxConnections?: number | undefined;
  /** Gets what is worth a line in a log. */
  readonly onTrouble?: (message: string) => void;
}

/** A bound port. */
export interface Listener {
  readonly port: number;
  /** Stops accepting; waits at most `graceMs` milliseconds for answers that are under way. */
  close(graceMs: number): Promise<void>;
}

/** The port is another program's. */
export class PortTaken extends Error {
  override readonly name = "PortTaken";
  readonly port: number;

  /** @param holder Who has it, as ` by process <pid> (<command>)`, or nothing. */
  constructor(hostname: string, port: number, holder: string, options: ErrorOptions) {
    super(`port ${port} on ${hostname} is taken${holder}`, options);
    this.port = port;
  }
}

/**
 * Listens and serves.
 *
 * @throws {PortTaken} Never silently another port.
 */
export function listen(options: ListenOptions): Listener {
  const { hostname, port, maxConnections, onTrouble = () => {} } = options;
  try {
    return maxConnections === undefined
      ? new UnboundedServer({ ...options, onTrouble })
      : new BoundedServer({ ...options, maxConnections, onTrouble });
  } catch (cause) {
    if (!(cause instanceof Deno.errors.AddrInUse)) throw cause;
    throw new PortTaken(hostname, port, portHolder(port), { cause });
  }
}

/** First and longest wait before listening again, in milliseconds. */
const AGAIN_MS = { first: 50, longest: 2_000 };
/** How long a listener must last to be taken for one that stays, in milliseconds. */
const STAYS_MS = 1_000;

type UnboundedServerOptions = ListenOptions & { readonly onTrouble: (message: string) => void };

/** `Deno.serve`, opened again whenever the system closes it. */
class UnboundedServer implements Listener {
  readonly port: number;
  readonly #options: UnboundedServerOptions;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #isClosed = false;
  #waitMs = AGAIN_MS.first;
  #again: ReturnType<typeof setTimeout> | undefined;
  /** Runs while it is not known whether the listener stays. */
  #probation: ReturnType<typeof setTimeout> | undefined;
  #isLost = false;

  constructor(options: UnboundedServerOptions) {
    this.#options = options;
    this.#server = this.#open(options.port);
    this.port = this.#server.addr.port;
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    clearTimeout(this.#probation);
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, graceMs);
    await Promise.race([this.#server.shutdown(), late.promise]);
    clearTimeout(timer);
  }

  #open(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { hostname, handler, onTrouble } = this.#options;
    const onError = (error: unknown) => {
      onTrouble(`an answer broke off: ${textOf(error)}`);
      return new Response(null, { status: 500 });
    };
    const server = Deno.serve(
      { hostname, port, onListen: () => {}, onError },
      (request, { remoteAddr }) => handler(request, remoteAddr.hostname),
    );
    server.finished.catch((error) => this.#lost(error));
    return server;
  }

  #lost(error: unknown): void {
    clearTimeout(this.#probation);
    if (this.#isClosed) return;
    if (!this.#isLost) {
      const { onTrouble } = this.#options;
      onTrouble(`no longer listening on port ${this.port}: ${textOf(error)}; trying again`);
    }
    this.#isLost = true;
    this.#again = setTimeout(() => this.#reopen(), this.#waitMs);
    this.#waitMs = Math.min(this.#waitMs * 2, AGAIN_MS.longest);
  }

  #reopen(): void {
    try {
      this.#server = this.#open(this.port);
    } catch (error) {
      return this.#lost(error);
    }
    // It may be lost as soon as it has taken what waited for it.
    this.#probation = setTimeout(() => {
      this.#isLost = false;
      this.#waitMs = AGAIN_MS.first;
      this.#options.onTrouble(`listening on port ${this.port} again`);
    }, STAYS_MS);
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
