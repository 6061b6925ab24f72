import type { Catalogue, DescribedFacts, MethodFacts } from "../../core/model/catalogue.ts";
import type { MethodRule, Protocol } from "../../core/model/protocol.ts";
import type { Service } from "../../core/model/service.ts";

/** What the config says of the methods of a service; of its lists only a plan knows. */
export class JsonRpcCatalogue implements Catalogue {
  readonly methodNames: readonly string[];
  readonly isOpen: boolean;
  readonly configured: string;
  readonly #protocol: Protocol;
  readonly #lagMs: number;
  /** Called by session steps: what belongs to those is nothing for a plan, unless it is declared. */
  readonly #ofSession: ReadonlySet<string>;

  constructor(protocol: Protocol, { name, lag }: Pick<Service, "name" | "lag">) {
    const { methods, undeclared, session } = protocol;
    this.#protocol = protocol;
    this.configured = name;
    this.#lagMs = lag.listMs;
    this.methodNames = [...methods.keys()];
    this.isOpen = undeclared === "allow";
    const steps = session.logout === undefined ? session.login : [...session.login, session.logout];
    this.#ofSession = new Set(steps.map(({ call }) => call));
  }

  method(name: string): MethodFacts | undefined {
    const rule = this.#protocol.methods.get(name);
    if (rule !== undefined) return factsOf(name, rule);
    if (!this.#ofSession.has(name)) return undefined;
    return { name, kind: "session", repeat: "once", destructive: false, params: [], takesAny: true };
  }

  list(): undefined {
    return undefined;
  }

  described(name: string): DescribedFacts | undefined {
    const facts = this.method(name);
    const mayList = facts === undefined ? this.isOpen : facts.kind === "enumerate" || facts.kind === "read";
    return mayList ? { emptyIsUnset: this.#protocol.emptyIsUnset, lagMs: this.lagMs(name) } : undefined;
  }

  /** How old what a method answers may be, in ms. */
  lagMs(name: string): number {
    return this.#protocol.methods.get(name)?.lagMs ?? this.#lagMs;
  }
}

function factsOf(name: string, { kind, repeat, destructive, chunkMax }: MethodRule): MethodFacts {
  const facts = { name, kind, repeat, destructive, params: [], takesAny: true } as const;
  return chunkMax === undefined ? facts : { ...facts, chunkMax };
}
