/**
 * What one kind of client sees of the mesh: the tools of a namespace that fit a query. Clients that
 * ask for the same share a view, and its texts are written once for as long as nothing changes.
 *
 * @module
 */
import type { Snapshot } from "../directory/snapshot.ts";
import { digestOf } from "../directory/record.ts";
import { Catalog, type OfferedTool } from "./catalog.ts";
import { toolPage, type ToolTexts } from "./tool_listing.ts";
import type { ToolSearch } from "./tool_search.ts";
import { fits, type ToolFilter, type ViewQuery } from "./view_query.ts";

/** Of the time that passes, at most this part is spent on catalogs for calls. */
const CATALOG_SHARE = 0.1;

/** The catalog of one namespace, made again when it is asked for after a change. */
export class CurrentCatalog {
  readonly #snapshot: Snapshot;
  readonly #namespace: string | undefined;
  #catalog: Catalog | undefined;
  /** Identifies the state of the snapshot that the catalog shows. */
  #pass: unknown;
  #goodUntil = 0;

  /** @param namespace `undefined` for all. */
  constructor(snapshot: Snapshot, namespace: string | undefined) {
    this.#snapshot = snapshot;
    this.#namespace = namespace;
  }

  /** As everything is now. */
  now(): Catalog {
    const pass = this.#snapshot.pass();
    if (this.#catalog === undefined || this.#pass !== pass) {
      const begun = performance.now();
      this.#catalog = new Catalog(this.#snapshot, this.#namespace);
      this.#pass = pass;
      const ended = performance.now();
      this.#goodUntil = ended + (ended - begun) / CATALOG_SHARE;
    }
    return this.#catalog;
  }

  /**
   * As everything was a moment ago. In a large mesh that changes all the time, a catalog for every
   * call would cost more than the calls.
   */
  recently(): Catalog {
    return this.#catalog !== undefined && performance.now() < this.#goodUntil
      ? this.#catalog
      : this.now();
  }

  /** Whether the agents that offer a tool are there as they were. */
  isCurrent({ providers }: OfferedTool): boolean {
    return providers.every((agent) =>
      agent.status === "healthy" && this.#snapshot.get(agent.id) === agent
    );
  }
}

/** The texts made from one catalog. */
interface Written {
  readonly of: Catalog;
  readonly tools: readonly OfferedTool[];
  readonly pages: Map<string | undefined, ToolListText>;
}

/** A page of `tools/list`. */
export interface ToolListText {
  /** The tools, as a JSON array. */
  readonly tools: string;
  /** Where the next page begins; absent on the last. */
  readonly nextCursor?: string;
}

/** What {@linkcode View} works with. */
export interface ViewOptions {
  readonly query: ViewQuery;
  readonly catalog: CurrentCatalog;
  readonly texts: ToolTexts;
  readonly search: ToolSearch;
}

/** The tools of a namespace that fit a query. */
export class View {
  readonly query: ViewQuery;
  readonly #catalog: CurrentCatalog;
  readonly #texts: ToolTexts;
  readonly #search: ToolSearch;
  #written: Written | undefined;

  constructor({ query, catalog, texts, search }: ViewOptions) {
    this.query = query;
    this.#catalog = catalog;
    this.#texts = texts;
    this.#search = search;
  }

  /** The tools seen now, in order of their names. */
  get tools(): readonly OfferedTool[] {
    return this.#current().tools;
  }

  /** A page of them; `undefined` when the cursor is none of ours. */
  page(cursor: string | undefined): ToolListText | undefined {
    const { tools, pages } = this.#current();
    const known = pages.get(cursor);
    if (known !== undefined) return known;
    const page = toolPage(tools, cursor);
    if (page === undefined) return undefined;
    const { nextCursor } = page;
    const text = {
      tools: `[${page.tools.map((tool) => this.#texts.of(tool)).join()}]`,
      ...(nextCursor !== undefined && { nextCursor }),
    };
    // Only pages that follow from one another are kept: cursors can be made up.
    const isNext = cursor === undefined ||
      [...pages.values()].some((one) => one.nextCursor === cursor);
    if (isNext) pages.set(cursor, text);
    return text;
  }

  /** The tool of a name, if it is seen; one whose agents have gone is not. */
  find(name: string): OfferedTool | undefined {
    const recent = this.#seen(this.#catalog.recently(), name);
    return recent !== undefined && this.#catalog.isCurrent(recent)
      ? recent
      : this.#seen(this.#catalog.now(), name);
  }

  /** The tools that fit a filter as well, those with most words of a query first. */
  search(query: string, filter: ToolFilter): OfferedTool[] {
    return this.#search.find(this.tools.filter(({ tool }) => fits(tool, filter)), query);
  }

  /** The names of the tools seen that lost this name because they share it. */
  namesSharing(name: string): string[] {
    return this.#catalog.now().sharing(name).filter(({ tool }) => fits(tool, this.query))
      .map(({ name }) => name);
  }

  /** Differs when what is listed differs; what there is to search is not listed. */
  digest(): string {
    if (this.query.search) return "";
    return digestOf(this.tools.map((tool) => this.#texts.of(tool)));
  }

  #seen(catalog: Catalog, name: string): OfferedTool | undefined {
    const found = catalog.find(name);
    return found !== undefined && fits(found.tool, this.query) ? found : undefined;
  }

  #current(): Written {
    const catalog = this.#catalog.now();
    if (this.#written?.of !== catalog) {
      const tools = catalog.tools.filter(({ tool }) => fits(tool, this.query));
      this.#written = { of: catalog, tools, pages: new Map() };
    }
    return this.#written;
  }
}
