import type { FaultRule } from "./faults.ts";
import { fraction } from "./random.ts";

/** What a request is about: nothing, one thing, or several. */
type Items = number | readonly number[] | undefined;

/** How often a rule was met, and by which devices. */
interface Page {
  readonly rule: FaultRule;
  readonly meetings: Map<number, number>;
  seen: number;
  fired: number;
}

/** Which rules strike which request. Counts are kept only for what was met. */
export class FaultBook {
  readonly #pages: readonly Page[];
  readonly #seed: number;

  constructor(rules: readonly FaultRule[], seed: number) {
    this.#pages = rules.map((rule) => ({ rule, meetings: new Map(), seen: 0, fired: 0 }));
    this.#seed = seed;
  }

  /** The rules that strike this request, in the order of the file. Asked once for each request: asking counts. */
  strike(method: string, item: Items): FaultRule[] {
    return this.#pages.filter((page, index) => this.#strikes(page, { index, method, item })).map(({ rule }) => rule);
  }

  #strikes(page: Page, request: { index: number; method: string; item: Items }): boolean {
    const { rule } = page;
    const items = typeof request.item === "object" ? request.item : [request.item];
    const [item = 0] = items;
    if (rule.method !== undefined && rule.method !== request.method) return false;
    const { item: wanted } = rule;
    if (wanted !== undefined && !items.some((one) => among(wanted, one))) return false;
    page.seen += 1;
    const meeting = (page.meetings.get(item) ?? 0) + 1;
    if (rule.probability !== undefined) page.meetings.set(item, meeting);
    if (rule.limit !== undefined && page.fired >= rule.limit) return false;
    if (rule.nth !== undefined && !among(rule.nth, page.seen)) return false;
    if (rule.every !== undefined && page.seen % rule.every !== 0) return false;
    if (rule.probability !== undefined && this.#chance(request.index, item, meeting) >= rule.probability) return false;
    page.fired += 1;
    return true;
  }

  #chance(rule: number, item: number, meeting: number): number {
    return fraction(this.#seed, item, rule * 65_536 + meeting);
  }
}

function among(wanted: number | readonly number[], value: number | undefined): boolean {
  return typeof wanted === "number" ? wanted === value : value !== undefined && wanted.includes(value);
}
