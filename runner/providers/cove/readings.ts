import { IncompleteError } from "../../core/model/errors.ts";
import type { Fields } from "../../core/model/item.ts";
import type { Failure } from "../../core/model/outcome.ts";
import type { Reading } from "../../core/model/ports.ts";
import type { Service } from "../../core/model/service.ts";

/** Where a reading came from and how old it may be. */
export interface Age {
  readonly source: string;
  /** `Clock.up()` right before the request. */
  readonly began: number;
  readonly lagMs: number;
}

/** Says what the reads of single items came to: whatever goes wrong with one item is a reading too. */
export class Readings {
  readonly #lag: Service["lag"];

  constructor(lag: Service["lag"]) {
    this.#lag = lag;
  }

  byId(source: string, began: number): Age {
    return { source, began, lagMs: this.#lag.byIdMs };
  }

  inList(source: string, began: number): Age {
    return { source, began, lagMs: this.#lag.listMs };
  }

  /** What `read` gives; unreadable when it can not be understood. */
  found(age: Age, read: () => Fields): Reading {
    return this.understood(age, () => ({ ...age, kind: "found", fields: read() }));
  }

  /** What `look` gives; unreadable when it finds an answer that can not be understood. */
  understood(age: Age, look: () => Reading): Reading {
    try {
      return look();
    } catch (error) {
      if (!(error instanceof IncompleteError)) throw error;
      return this.unreadable(age, { class: "fatal", code: "bad-value", message: error.message });
    }
  }

  unreadable({ source, began }: Pick<Age, "source" | "began">, failure: Failure): Reading {
    return { ...this.inList(source, began), kind: "unreadable", failure };
  }
}
