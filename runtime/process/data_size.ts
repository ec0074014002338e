/**
 * How much is in the data folder of an agent. Its code may have made anything of it meanwhile, and
 * changes it while it is measured: what cannot be looked at is reported, and no link is followed.
 *
 * @module
 */
import { join } from "node:path";
import { errorText } from "../base/errors.ts";
import { sleep } from "../base/sleep.ts";

/** The size of a folder. */
export interface DataSize {
  /** Bytes on the disk, as far as they were counted. */
  readonly bytes: number;
  /** Whether everything was counted. */
  readonly isWhole: boolean;
  /** Why something could not be looked at. */
  readonly problem?: string;
}

/** Options for {@linkcode dataSize}. */
export interface DataSizeOptions {
  /** Bytes beyond which nothing more is counted. */
  readonly enoughBytes: number;
  /** The part of its time that this thread spends on it, above 0 and up to 1. */
  readonly share: number;
  /** Ends the count, which is not whole then. */
  readonly signal?: AbortSignal;
}

/** A file takes at least this, bytes: so very many empty ones are not nothing, and end the count. */
export const LEAST_FILE_BYTES = 4_096;
/** Time of this thread that is spent at once, milliseconds. */
const SLICE_MS = 2;
/** Size of a block as the system counts them, bytes (stat(2)). */
const BLOCK_BYTES = 512;

/** Measures a folder with all that is in it. A folder that is not there has nothing in it. */
export async function dataSize(folder: string, options: DataSizeOptions): Promise<DataSize> {
  const { enoughBytes, signal } = options;
  const pace = new Pace(options);
  const folders = [folder];
  let bytes = 0;
  let problem: string | undefined;
  const looked = (error: unknown) => {
    // It was removed after it was listed.
    if (!(error instanceof Deno.errors.NotFound)) problem ??= errorText(error);
  };
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    try {
      for await (const { name } of Deno.readDir(next)) {
        if (pace.isSpent) await pace.rest();
        if (signal?.aborted || bytes > enoughBytes) return sizeOf(bytes, false, problem);
        const path = join(next, name);
        try {
          const found = Deno.lstatSync(path);
          bytes += sizeOnDisk(found);
          if (found.isDirectory) folders.push(path);
        } catch (error) {
          looked(error);
        }
      }
    } catch (error) {
      looked(error);
    }
  }
  return sizeOf(bytes, problem === undefined, problem);
}

function sizeOf(bytes: number, isWhole: boolean, problem: string | undefined): DataSize {
  return { bytes, isWhole, ...(problem === undefined ? {} : { problem }) };
}

/** A sparse file is as large as what it holds; not every system says what that is. */
function sizeOnDisk({ blocks, size }: Deno.FileInfo): number {
  return Math.max(LEAST_FILE_BYTES, blocks === null ? size : blocks * BLOCK_BYTES);
}

/** Keeps to a part of the time of this thread. */
class Pace {
  readonly #restMs: number;
  readonly #signal: AbortSignal | undefined;
  #since = performance.now();

  constructor({ share, signal }: DataSizeOptions) {
    this.#restMs = SLICE_MS / share - SLICE_MS;
    this.#signal = signal;
  }

  get isSpent(): boolean {
    return performance.now() - this.#since > SLICE_MS;
  }

  async rest(): Promise<void> {
    await sleep(this.#restMs, this.#signal);
    this.#since = performance.now();
  }
}
