import {
  ConnectError,
  defineProvider,
  IncompleteError,
  itemId,
  type Answer,
  type Connection,
  type FieldFacts,
  type FieldType,
  type Item,
  type ListFacts,
  type MethodFacts,
  type Outside,
  type Reading,
  type Service,
} from "rollcall";

const fields = [field("id", "string"), field("brightness", "integer")];

const list: ListFacts = {
  method: "ListLamps",
  key: "id",
  fieldNames: fields.map(({ name }) => name),
  field: (name) => fields.find((one) => one.name === name),
  reserved: [],
  scope: [],
};

const methods: readonly MethodFacts[] = [
  { name: "ListLamps", kind: "enumerate", repeat: "read", destructive: false, params: [] },
  // `set`: a second call with the same value changes nothing, so one that provably did not act may be sent again.
  { name: "SetBrightness", kind: "change", repeat: "set", destructive: false, params: ["lamp", "brightness"] },
];

export const lamps = defineProvider({
  kind: "lamps",
  catalogue: () => ({
    methodNames: methods.map(({ name }) => name),
    method: (name) => methods.find((one) => one.name === name),
    list: (method) => (method === list.method ? list : undefined),
  }),
  connect: async (service, outside, signal) => {
    const line = new Line(service, outside);
    const first = await line.send("/lamps", { signal });
    if (first?.ok !== true) throw new ConnectError("connect", `No lamps are to be had at ${service.url}.`);
    await first.body?.cancel();
    return connectionOf(line, service, outside);
  },
});

function field(name: string, type: FieldType): FieldFacts {
  return { name, type, source: name, spellings: [name], volatile: false, secret: false };
}

/** HTTP within the service's limits. */
class Line {
  readonly #service: Service;
  readonly #outside: Outside;
  #nextTurn = 0;

  constructor(service: Service, outside: Outside) {
    this.#service = service;
    this.#outside = outside;
  }

  /** Wait for the next call that the rate allows. */
  async turn(signal: AbortSignal): Promise<void> {
    const { clock, perMinute } = this.#outside;
    const at = Math.max(clock.up(), this.#nextTurn);
    this.#nextTurn = at + (perMinute === undefined ? 0 : 60_000 / perMinute);
    await clock.sleep(at - clock.up(), signal);
  }

  /** Undefined: no clear answer, whatever the reason. What was sent may have been done. */
  async send(
    path: string,
    { signal, ...init }: RequestInit & { readonly signal: AbortSignal },
  ): Promise<Response | undefined> {
    const { url, limits } = this.#service;
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
    return fetch(`${url}${path}`, { ...init, signal: deadline, redirect: "error" }).catch(() => undefined);
  }
}

function connectionOf(line: Line, { lag }: Service, { clock }: Outside): Connection {
  return {
    login: { user_id: null, partner_id: null, name: "anybody" },
    skewMs: undefined,

    async *pages(_list, signal) {
      for (let after = ""; ;) {
        await line.turn(signal);
        const response = await line.send(`/lamps?after=${after}`, { signal });
        if (signal.aborted) return;
        if (response?.ok !== true) throw new IncompleteError(`The lamps after "${after}" could not be read.`);
        const page = ((await response.json()) as readonly unknown[]).map(itemOf);
        const last = page.at(-1);
        if (last === undefined) return;
        if (last.id <= after) throw new IncompleteError(`The list goes on with ${last.id} after ${after}.`);
        after = last.id;
        yield page;
      }
    },

    // A lookup of a plan would ask here; lamps have nothing else to tell.
    ask: ({ method }) => {
      const failure = { class: "reject", code: "unknown-method", message: `${method} can not be asked for` } as const;
      return Promise.resolve({ kind: "failed", failure });
    },

    async read(_list, id, _names, signal): Promise<Reading> {
      await line.turn(signal);
      const about = { source: `/lamps/${id}`, began: clock.up(), lagMs: lag.byIdMs };
      const response = await line.send(about.source, { signal });
      if (response?.status === 404) return { ...about, kind: "absent" };
      if (response?.ok === true) return { ...about, kind: "found", fields: itemOf(await response.json()).fields };
      const failure = {
        class: "uncertain",
        code: String(response?.status ?? "no-answer"),
        message: "not readable",
      } as const;
      return { ...about, kind: "unreadable", failure };
    },

    async write({ params }, { ready, signal, withdrawal }): Promise<Answer> {
      await line.turn(AbortSignal.any([signal, withdrawal ?? signal]));
      const { lamp, brightness } = params as { readonly lamp: string; readonly brightness: number };
      // Right before the bytes leave: this is where the run writes down that they do, or says that they must not.
      if (!(await ready())) return { kind: "withdrawn" };
      const response = await line.send(`/lamps/${lamp}`, { method: "PUT", body: String(brightness), signal });
      if (response === undefined) {
        return { kind: "lost", failure: { class: "uncertain", code: "no-answer", message: "no answer came" } };
      }
      if (response.ok) return { kind: "accepted" };
      const failure = { class: "reject", code: String(response.status), message: response.statusText } as const;
      return { kind: response.status < 500 ? "rejected" : "lost", failure };
    },

    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** A lamp as the service writes it. @throws {IncompleteError} when it is none: better no list than half of one. */
function itemOf(row: unknown): Item {
  const { id, brightness } = row as { readonly id?: unknown; readonly brightness?: unknown };
  if (typeof id === "string" && typeof brightness === "number") return { id: itemId(id), fields: { id, brightness } };
  throw new IncompleteError(`Not a lamp: ${JSON.stringify(row)}`);
}
