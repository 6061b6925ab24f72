/** Where a path from a row or an answer ends. `open`: nothing is there to look into. `members`: what is there in its place. */
export type PathEnd = "found" | "open" | { readonly members: readonly string[] };

/** What answers have where a path leads to nothing in any of them. */
export interface Unmet {
  readonly answers: number;
  readonly members: readonly string[];
}

/** Which of the paths that a plan declares lead to something, over all that was read: little is kept of each. */
export class PathsMet {
  readonly #found = new Set<string>();
  readonly #lost = new Map<string, { answers: number; readonly members: Set<string> }>();

  isFound(field: string): boolean {
    return this.#found.has(field);
  }

  note(field: string, end: PathEnd): void {
    if (end === "open") return;
    if (end === "found") {
      this.#found.add(field);
      this.#lost.delete(field);
      return;
    }
    const lost = this.#lost.get(field) ?? { answers: 0, members: new Set() };
    this.#lost.set(field, lost);
    lost.answers += 1;
    for (const name of end.members) if (lost.members.size < maxMembers) lost.members.add(name);
  }

  /** Undefined: it led to something, or there was nothing to look into. */
  unmet(field: string): Unmet | undefined {
    const lost = this.#lost.get(field);
    return lost && { answers: lost.answers, members: [...lost.members] };
  }
}

const maxMembers = 100;
