import type { Answer } from "../../../runner/core/model/outcome.ts";
import type { Connection } from "../../../runner/core/model/ports.ts";
import type { Received, Witness } from "../oracle.ts";
import type { VirtualTime } from "./virtual.ts";

export type Fate = "accepted" | "rejected" | "lost-done" | "lost-undone" | "turned-away" | "undone";
type Seen = "pass" | "fail" | "neither";

/** What the service does: with each request for an item, with how many reads each is busy, and what a gate sees. */
export interface Script {
  readonly fates: readonly (readonly Fate[])[];
  readonly busy: readonly number[];
  readonly gates: readonly Seen[];
}

const failure = { class: "uncertain", code: "reset", message: "connection reset" } as const;
const answers: Readonly<Record<Fate, Answer>> = {
  accepted: { kind: "accepted" },
  undone: { kind: "accepted" },
  rejected: { kind: "rejected", failure: { ...failure, class: "reject" } },
  "lost-done": { kind: "lost", failure },
  "lost-undone": { kind: "lost", failure },
  "turned-away": { kind: "not-acted", failure: { ...failure, class: "throttle" } },
};

/** A service in memory that outlives the processes that talk to it. */
export class ModelService {
  readonly received: Received[] = [];
  readonly #script: Script;
  readonly #reads: number[];
  #gates = 0;
  #inFlight = 0;
  maxInFlight = 0;

  constructor(script: Script) {
    this.#script = script;
    this.#reads = script.fates.map(() => 0);
  }

  /** @param isAlive Whether the process that talks through it is. */
  connect(time: VirtualTime, isAlive: () => boolean): Connection {
    return {
      login: { user_id: 1, partner_id: null, name: "ada" },
      skewMs: undefined,
      pages: () => this.#pages(),
      ask: () => {
        const value = this.#script.gates[this.#gates++] ?? "pass";
        return Promise.resolve({ kind: "result", value, began: time.up() });
      },
      read: (_list, id) =>
        Promise.resolve({ kind: "found", source: "Get", began: time.up(), lagMs: 0, fields: this.#look(Number(id)) }),
      write: async ({ params }, { id, ready }) => {
        if (!(await ready()) || !isAlive()) return { kind: "withdrawn" };
        const { index } = params as { readonly index: number };
        const fate = this.#receive(index, id, time.up());
        this.#inFlight += 1;
        this.maxInFlight = Math.max(this.maxInFlight, this.#inFlight);
        await time.sleep(1 + ((index * 7) % 5));
        this.#inFlight -= 1;
        return answers[fate];
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /** The calls of a dead process are no longer waited for by anybody. */
  forget(): void {
    this.#inFlight = 0;
  }

  witness(): Witness {
    return {
      received: this.received,
      edits: [],
      maxInFlight: this.maxInFlight,
      valueNow: (item) => ({ tier: this.#tier(item, Infinity) }),
      valueAt: (item, up) => ({ tier: this.#tier(item, up) }),
    };
  }

  async *#pages() {
    const items = this.#script.fates.map((_, index) => this.#fields(index));
    yield await Promise.resolve(items.map((fields) => ({ id: fields.id as never, fields })));
  }

  /** Of an item by itself: each of the first looks finds it busy. */
  #look(index: number) {
    const nth = this.#reads[index] ?? 0;
    this.#reads[index] = nth + 1;
    return { ...this.#fields(index), busy: nth < (this.#script.busy[index] ?? 0) };
  }
  #fields(index: number) {
    return { id: String(index), tier: this.#tier(String(index), Infinity), busy: false };
  }
  #tier(item: string, up: number): string {
    return this.received.some((call) => call.item === item && call.effect !== undefined && call.effect <= up)
      ? "Gold"
      : "Bronze";
  }
  #receive(index: number, rpcId: string, arrived: number): Fate {
    const item = String(index);
    const nth = this.received.filter((call) => call.item === item).length;
    const fate = this.#script.fates[index]?.[nth] ?? "accepted";
    const isDone = fate === "accepted" || fate === "lost-done";
    this.received.push({
      ...{ rpcId, method: "Set", item, authenticated: true, arrived, effect: isDone ? arrived : undefined },
      ...(fate === "undone" && { fault: "accept-and-ignore" }),
    });
    return fate;
  }
}
