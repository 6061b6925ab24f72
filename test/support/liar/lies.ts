/** What the liar does to a request, in place of what is right. */
export type Deed =
  /** A change is answered with success and not made; a login with false. */
  | { readonly does: "nothing" }
  /** Another value than the one that was asked for is stored; the answer is success. */
  | { readonly does: "store"; readonly value: Level }
  | {
      readonly does: "error";
      readonly applied: boolean;
      readonly code?: number;
      readonly message?: string;
      /** 200 when left out. */
      readonly status?: number;
    }
  /** An error whose message is the request, with its headers. */
  | { readonly does: "echo"; readonly applied: boolean }
  /** No answer: the connection stays open, or is closed. */
  | { readonly does: "silence" | "hang-up"; readonly applied: boolean }
  /** The right answer under an id that is not the one of the request: made up, of the request before, null, not there. */
  | {
      readonly does: "wrong-id" | "earlier-id" | "null-id" | "no-id";
      /** True when left out. */
      readonly applied?: boolean;
    }
  /** The right answer up to its middle, where the connection or only the JSON ends. */
  | { readonly does: "cut-off" | "half-json"; readonly applied: boolean }
  /** The right answer, and so many bytes of something else in it. */
  | { readonly does: "huge"; readonly applied: boolean; readonly bytes: number }
  /** A page of HTML in place of an answer. */
  | {
      readonly does: "html";
      readonly status: number;
      readonly applied: boolean;
      /** Seconds. */
      readonly retryAfter?: number;
    }
  /** The right answer, later. */
  | { readonly does: "wait"; readonly ms: number }
  /** In the answer to `set_many`: it is in neither list, or among those that failed. */
  | { readonly does: "leave-out" | "blame"; readonly applied: boolean }
  /** Every session ends first; the request is then one without a session. */
  | { readonly does: "end-sessions" }
  | ListDeed;

/** What it does to a page of the list. */
export type ListDeed =
  /** The first page whatever was asked for. */
  | { readonly does: "first-page" }
  /** No page has more rows than this, and nothing says so. */
  | { readonly does: "cap"; readonly size: number }
  /** The same, and the next page begins where it would without: what is cut off is in no page. */
  | { readonly does: "cut"; readonly size: number }
  /** Behind the last page come more, with rows that nobody has seen before. */
  | { readonly does: "go-on" }
  /** No rows; by cursor there is always another page of none. */
  | { readonly does: "nothing-there" }
  /** These are left out, and the pages are as if they had never been. */
  | { readonly does: "hide"; readonly items: readonly number[] }
  /** The cursor of the last page leads to the first one. */
  | { readonly does: "loop" }
  /** The last row of a page comes twice. */
  | { readonly does: "repeat-row" }
  /** The first row is left out, and the page is as long as ever: the one after its end moves up. */
  | { readonly does: "skip-row" }
  /** Keys that are numbers come as text, and the other way round. */
  | { readonly does: "other-key-type" };

/** A deed, and the requests that it is done to: all that match, unless it says which of them. */
export type Lie = Deed & {
  readonly on: Method;
  /** Only those about this item. */
  readonly item?: number;
  /** Only the so-and-so-manieth that matches, from 1. */
  readonly nth?: number;
  /** From the so-and-so-manieth on. */
  readonly from?: number;
};

type Method = "list" | "copy" | "count" | "get" | "set" | "set_many" | "remove" | "login" | "logout";

export type Level = number | string | null;

const listDeeds: ReadonlySet<string> = new Set([
  "first-page",
  "cap",
  "cut",
  "go-on",
  "nothing-there",
  "hide",
  "loop",
  "repeat-row",
  "skip-row",
  "other-key-type",
] satisfies ListDeed["does"][]);

export function isListDeed(deed: Deed | undefined): deed is ListDeed {
  return deed !== undefined && listDeeds.has(deed.does);
}

/** Whether the change is made all the same. */
export function isApplied(deed: Deed | undefined): boolean {
  if (deed === undefined) return true;
  return "applied" in deed ? deed.applied : deed.does !== "nothing";
}

/** Lies, each with the number of requests that it has met. The first that is due is told. */
export class Lies {
  readonly #lies: { readonly lie: Lie; met: number }[] = [];

  /** From now on; those told before go first. */
  tell(...lies: readonly Lie[]): void {
    this.#lies.push(...lies.map((lie) => ({ lie, met: 0 })));
  }

  /** Nothing but the truth from now on. */
  stop(): void {
    this.#lies.length = 0;
  }

  /** What is done to a request. Every lie that it matches counts it, told or not. */
  about(method: string, items: readonly number[]): Lie | undefined {
    let told: Lie | undefined;
    for (const one of this.#lies) {
      const { lie } = one;
      if (lie.on !== method || (lie.item !== undefined && !items.includes(lie.item))) continue;
      one.met += 1;
      const isDue = (lie.nth === undefined || one.met === lie.nth) && (lie.from === undefined || one.met >= lie.from);
      if (isDue) told ??= lie;
    }
    return told;
  }
}
