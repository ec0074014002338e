/**
 * Binding a port and serving it, for agents and the registry. A listener outlives a process's running
 * out of file descriptors: while there are none it is not heard, and then it is again.
 *
 * @module
 */
import { errorText } from "./errors.ts";
import { within } from "./within.ts";
import { backoffMs } from "./backoff.ts";
import { BoundedServer, type Handler } from "./bounded_server.ts";
import { Outage } from "./outage.ts";
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
const AGAIN = { firstMs: 50, longestMs: 2_000 };

type UnboundedServerOptions = ListenOptions & { readonly onTrouble: (message: string) => void };

/** `Deno.serve`, opened again whenever the system closes it. */
class UnboundedServer implements Listener {
  readonly port: number;
  readonly #options: UnboundedServerOptions;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #isClosed = false;
  /** Losses in a row. */
  #losses = 0;
  /** When it was opened last, in `performance.now()` time. */
  #openedAt = 0;
  #again: ReturnType<typeof setTimeout> | undefined;
  readonly #outage: Outage;

  constructor(options: UnboundedServerOptions) {
    this.#options = options;
    this.#outage = new Outage(options.onTrouble);
    this.#server = this.#open(options.port);
    this.port = this.#server.addr.port;
  }

  async close(graceMs: number): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#again);
    this.#outage[Symbol.dispose]();
    await within(graceMs, this.#server.shutdown());
  }

  #open(port: number): Deno.HttpServer<Deno.NetAddr> {
    const { hostname, handler, onTrouble } = this.#options;
    this.#openedAt = performance.now();
    const onError = (error: unknown) => {
      onTrouble(`an answer broke off: ${errorText(error)}`);
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
    if (this.#isClosed) return;
    const why = `no longer listening on port ${this.port}: ${errorText(error)}; trying again`;
    this.#outage.fails(why);
    if (performance.now() - this.#openedAt > AGAIN.longestMs) this.#losses = 0;
    this.#losses += 1;
    this.#again = setTimeout(() => this.#reopen(), backoffMs(AGAIN, this.#losses));
  }

  #reopen(): void {
    try {
      this.#server = this.#open(this.port);
      this.#outage.works(`listening on port ${this.port} again`);
    } catch (error) {
      this.#lost(error);
    }
  }
}
