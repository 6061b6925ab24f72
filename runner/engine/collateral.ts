import { RunnerError } from "../core/model/errors.ts";
import type { Fact, FactOf } from "../core/model/events.ts";
import type { AlsoChanged } from "../core/model/collateral.ts";
import type { Item } from "../core/model/item.ts";
import { pick } from "../core/model/pick.ts";
import type { ChangeSet } from "../core/model/run-ports.ts";
import { titleOf } from "../core/select/decide.ts";
import {
  batchesOf,
  comparedFields,
  groupsOf,
  oursAmong,
  shiftsOf,
  type Compared,
  type Findings,
} from "../core/settle/collateral.ts";
import type { Job, Parts } from "./job.ts";
import { FirstList, LaterList } from "./two-lists.ts";

/** Items in one record. */
const recordSize = 1000;

/**
 * Holds the last whole list against the first one: what else changed, on items that were sent something and on all others.
 * 13 bytes a row and 8 more an item of the change set, as long as its ids rise; what an item was is read from disk again,
 * once, when there is something to tell.
 */
export class Collateral {
  readonly #changes: ChangeSet;
  readonly #job: Job;
  readonly #parts: Parts;
  readonly #fields: Compared;
  #first: FirstList | undefined;
  /** Why the first list is of no use. */
  #trouble: string | undefined;
  #now: LaterList | undefined;
  /** Of the last pass that was whole. */
  #whole: { readonly pass: number; readonly list: LaterList } | undefined;

  private constructor(changes: ChangeSet, job: Job, parts: Parts) {
    this.#changes = changes;
    this.#job = job;
    this.#parts = parts;
    this.#fields = comparedFields(job.plan);
    // What another list has, or has not, says nothing of the first.
    if (job.plan.verify.list !== undefined) this.#trouble = "the plan looks for its items in another list";
  }

  /** Undefined: the plan does not want to know. */
  static of(changes: ChangeSet, job: Job, parts: Parts): Collateral | undefined {
    return job.plan.verify.collateral === "ignore" ? undefined : new Collateral(changes, job, parts);
  }

  /** A whole list was read, and the process ended before it was written down what it showed: another one has to be read. */
  isOwed(): boolean {
    return this.#trouble === undefined && this.#whole === undefined && this.#parts.book.state.owesCollateral;
  }

  async begin(): Promise<void> {
    this.#now = undefined;
    this.#first ??= await this.#readFirst();
    if (this.#first !== undefined) this.#now = new LaterList(this.#first, (id) => this.#isTouched(id));
  }

  see(page: readonly Item[]): void {
    this.#now?.see(page);
  }

  /** The pass was whole: it counts, in place of the one before it. */
  complete(pass: number): void {
    if (this.#now !== undefined) this.#whole = { pass, list: this.#now };
    this.#now = undefined;
  }

  /** What there is to write down: items first, and then what it all comes to. Nothing where nothing was sent. */
  async *facts(): AsyncGenerator<readonly Fact[]> {
    const { book } = this.#parts;
    const facts = this.#whole === undefined ? this.#notChecked() : await this.#checked(this.#whole);
    for (const fact of facts) {
      book.note([fact]);
      yield [fact];
    }
  }

  #notChecked(): readonly Fact[] {
    const { state } = this.#parts.book;
    if (state.collateral !== undefined || !this.#hasSent()) return [];
    const why = this.#trouble ?? "no whole list was read after the last change";
    return [{ type: "collateral", checked: false, why }];
  }

  async #checked({ pass, list }: { readonly pass: number; readonly list: LaterList }): Promise<readonly Fact[]> {
    try {
      return this.#factsOf(pass, list, await this.#findings(list));
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      return [{ type: "collateral", checked: false, why: `what the list was is not known: ${error.message}` }];
    }
  }

  #factsOf(pass: number, list: LaterList, findings: Findings): readonly Fact[] {
    const { verify, enumerate } = this.#job.plan;
    const ours = oursAmong(findings, list.scope());
    const batches = batchesOf(findings, ours, (id) => this.#isTouched(id as Item["id"]));
    const counts = {
      touched: findings.touched.count,
      untouched: findings.untouched.count,
      appeared: findings.appeared.count,
      vanished: findings.vanished.count,
    };
    const all = Object.values(findings);
    const found = all.reduce((sum, { count }) => sum + count, 0);
    const known = all.reduce((sum, { items }) => sum + items.length, 0);
    const summary: FactOf<"collateral"> = {
      ...{ type: "collateral", checked: true, pass, rows: list.rows, found, ...counts },
      ...{ groups: groupsOf(batches), more: found - known },
      ...(verify.collateral === "fail" && found > 0 && { fails: true }),
      ...(enumerate.narrowed !== undefined && { narrowed: true }),
    };
    const told = batches.flatMap(({ items, ...of }) =>
      parted(items).map((some) => ({ type: "also" as const, ...of, items: some })),
    );
    return [...told, summary];
  }

  /** What the items that differ were, which only the disk knows. */
  async #findings(list: LaterList): Promise<Findings> {
    const appeared = this.#job.plan.enumerate.narrowed === undefined ? list.appeared : { count: 0, items: [] };
    const found = { touched: [], untouched: [], vanished: [] } as Record<
      "touched" | "untouched" | "vanished",
      AlsoChanged[]
    >;
    let vanished = 0;
    if (list.hasDifferences()) {
      for await (const item of this.#parts.firstList()) {
        const here = list.at(item.id);
        if (here.is === "differing") {
          const fields = here.touched ? this.#fields.others : [...this.#fields.own, ...this.#fields.others];
          found[here.touched ? "touched" : "untouched"].push(
            this.#changed(item, shiftsOf(fields, item.fields, here.after)),
          );
        } else if (here.is === "missing" && !this.#isAwaitedGone(item.id)) {
          vanished += 1;
          if (found.vanished.length < LaterList.mostKept) found.vanished.push(this.#changed(item, {}));
        }
      }
    }
    return {
      touched: { count: list.touched, items: found.touched },
      untouched: { count: list.untouched, items: found.untouched },
      appeared: { ...appeared, items: appeared.items.map((item) => this.#changed(this.#shown(item), {})) },
      vanished: { count: vanished, items: found.vanished },
    };
  }

  #changed(item: Item, fields: AlsoChanged["fields"]): AlsoChanged {
    return { id: item.id, title: titleOf(this.#job.plan, item), fields };
  }

  /** The first list has no secrets; the later one came as the service gave it. */
  #shown(item: Item): Item {
    const shown = this.#job.plan.enumerate.fields.filter(({ secret, type }) => !secret && type !== "secret");
    return {
      ...item,
      fields: pick(
        item.fields,
        shown.map(({ name }) => name),
      ),
    };
  }

  /** It was to go, or is known to have: the verdict on it speaks of that. */
  #isAwaitedGone(id: Item["id"]): boolean {
    const index = this.#changes.indexOf(id);
    if (index === undefined || !this.#isTouched(id)) return false;
    return this.#job.plan.change.expect.kind === "absent" || this.#parts.book.state.items.stateOf(index) === "vanished";
  }

  /** Something was sent for it, or may have been. */
  #isTouched(id: Item["id"]): boolean {
    const index = this.#changes.indexOf(id);
    return index !== undefined && this.#wasSent(index);
  }

  #wasSent(index: number): boolean {
    const answer = this.#parts.book.state.items.answerOf(index);
    return answer !== "none" && answer !== "drifted" && answer !== "already";
  }

  #hasSent(): boolean {
    for (let index = 0; index < this.#changes.size; index++) if (this.#wasSent(index)) return true;
    return false;
  }

  /** A report is not worth a verification: what is wrong with the file stops neither. */
  async #readFirst(): Promise<FirstList | undefined> {
    if (this.#trouble !== undefined) return undefined;
    const { selection } = this.#parts.book.state;
    const first = new FirstList(this.#fields, this.#changes, selection?.rows ?? 0);
    try {
      for await (const item of this.#parts.firstList()) first.add(item);
      return first;
    } catch (error) {
      if (!(error instanceof RunnerError)) throw error;
      this.#trouble = `what the list was is not known: ${error.message}`;
      return undefined;
    }
  }
}

function parted(items: readonly AlsoChanged[]): readonly (readonly AlsoChanged[])[] {
  return Array.from({ length: Math.ceil(items.length / recordSize) }, (_, part) =>
    items.slice(part * recordSize, (part + 1) * recordSize),
  );
}
