import { RunnerError } from "../core/model/errors.ts";
import type { LedgerRecord } from "../core/model/events.ts";
import type { RunId } from "../core/model/item.ts";
import type { Anchor } from "../ledger/anchor.ts";
import type { NamedHead } from "../ledger/named-heads.ts";
import { headsNamedBy, startOf } from "./begun-after.ts";
import type { RunFolder } from "./folder.ts";

/** A run that another one names, and whose folder is not there. */
export interface Missing {
  readonly named: Anchor;
  /** Runs that are older are there: it is missing between others. False: who clears old runs away begins with the oldest. */
  readonly isHole: boolean;
  /** What is to be said of it, of the run that names it. */
  readonly text: string;
}

/** What the runs of a workspace say of one another: each names the heads that it found when it was begun. */
export class Between {
  readonly #there: ReadonlySet<RunId>;
  readonly #named: ReadonlyMap<RunId, readonly (Anchor | string)[]>;
  readonly #heads = new Map<RunId, NamedHead[]>();

  /** @param named By run, what its start names. Of a run that is not in it nothing is known. */
  constructor(there: readonly RunId[], named: ReadonlyMap<RunId, readonly (Anchor | string)[]>) {
    this.#there = new Set(there);
    this.#named = named;
    for (const later of named.keys())
      for (const head of this.headsNamedBy(later)) {
        const heads = this.#heads.get(head.run) ?? [];
        this.#heads.set(head.run, heads);
        heads.push({ ...head, by: `run ${later}, which was begun after it,` });
      }
  }

  /** From the first record of each. What can not be read names nothing: who reads that run says so. */
  static async of(all: readonly RunFolder[]): Promise<Between> {
    const named = new Map<RunId, readonly (Anchor | string)[]>();
    for (const folder of all) {
      try {
        const start = await startOf(folder);
        if (start !== undefined) named.set(folder.run, headsNamedBy(start));
      } catch (error) {
        if (!(error instanceof RunnerError)) throw error;
      }
    }
    return new Between(
      all.map(({ run }) => run),
      named,
    );
  }

  /** Heads that this run had when others were begun. */
  headsOf(run: RunId): readonly NamedHead[] {
    return this.#heads.get(run) ?? [];
  }

  /** Heads that the start of this run names. */
  headsNamedBy(run: RunId): readonly Anchor[] {
    return (this.#named.get(run) ?? []).filter((one) => typeof one !== "string");
  }

  /** Texts in the place of a head that name none. */
  nonsenseIn(run: RunId): readonly string[] {
    return (this.#named.get(run) ?? []).filter((one) => typeof one === "string");
  }

  /** Of the runs that this one names, those that are not there. */
  missingBefore(run: RunId): readonly Missing[] {
    const gone = this.headsNamedBy(run).filter((named) => !this.#there.has(named.run));
    return gone.map((named) => {
      const text = `run ${named.run}, which it was begun after, is not here any more (its record had ${named.seq} records then)`;
      const isHole = this.#hasOlderThan(named.run);
      return { named, isHole, text: isHole ? text : `${text}; all that is older is gone too` };
    });
  }

  /** Every run that is missing, once, as the last record that is known of it; with the run that says so. */
  missing(): readonly (Missing & { readonly by: RunId })[] {
    const found = new Map<RunId, Missing & { readonly by: RunId }>();
    for (const by of this.#named.keys())
      for (const missing of this.missingBefore(by)) {
        const { run, seq } = missing.named;
        if ((found.get(run)?.named.seq ?? 0) < seq) found.set(run, { ...missing, by });
      }
    return [...found.values()];
  }

  /** By the stamps of the ids, to the second; what was begun after a run by what it names is not older, whatever its stamp. */
  #hasOlderThan(gone: RunId): boolean {
    const stamp = stampOf(gone);
    return [...this.#there].some((run) => stampOf(run) <= stamp && !this.#isAfter(run, gone));
  }

  /** Whether a run was begun after another, by what it names and what those name. */
  #isAfter(run: RunId, other: RunId): boolean {
    const seen = new Set<RunId>([run]);
    for (const one of seen)
      for (const named of this.headsNamedBy(one)) {
        if (named.run === other) return true;
        seen.add(named.run);
      }
    return false;
  }
}

/** Holds a run's record against the heads that later runs name, while somebody reads it. */
export class HeadsMet {
  #open: readonly NamedHead[];

  constructor(heads: readonly NamedHead[]) {
    this.#open = heads;
  }

  take({ seq, hash }: LedgerRecord): void {
    if (this.#open.some((head) => head.seq === seq))
      this.#open = this.#open.filter((head) => head.seq !== seq || head.hash !== hash);
  }

  /** After the last record: what is wrong; undefined: every record that was named is there as it was. */
  wrong(): string | undefined {
    const [head] = this.#open;
    return head && `${head.by} names a record ${head.seq} that is not here: it was cut off, or changed`;
  }
}

function stampOf(run: RunId): string {
  return run.slice(0, run.indexOf("-"));
}
