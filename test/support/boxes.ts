import type { Catalogue, MethodFacts } from "../../runner/core/model/catalogue.ts";
import { jsonText, exactly } from "../../runner/core/model/exact.ts";

import {
  defineProvider,
  IncompleteError,
  type Answer,
  type Asked,
  type ListRequest,
  type Page,
  type Item,
  type NamedProvider,
  type Value,
} from "../../runner/index.ts";

/** What a service is asked, and what it answers. */
export type Handler = (params: Value) => Value;

/** A call that came, its params as the text that would go over the wire. */
export interface Came {
  readonly method: string;
  readonly params: string;
}

/** A method as a config would declare it. */
export function declared(name: string, kind: MethodFacts["kind"], more: Partial<MethodFacts> = {}): MethodFacts {
  const repeat = kind === "change" ? "set" : "read";
  return { name, kind, repeat, destructive: false, params: [], takesAny: true, ...more };
}

/** A catalogue that knows some methods, and of no list what it is made of. */
export function openCatalogue(
  methods: readonly MethodFacts[],
  { isOpen = true, emptyIsUnset = false }: { readonly isOpen?: boolean; readonly emptyIsUnset?: boolean } = {},
): Catalogue {
  return {
    methodNames: methods.map(({ name }) => name),
    method: (name) => methods.find((one) => one.name === name),
    list: () => undefined,
    described: () => ({ emptyIsUnset, lagMs: 20 }),
    isOpen,
  };
}

/** A service of the kind `boxes` that a plan describes; it answers as the handlers say, each call over JSON text. */
export function boxes(
  catalogue: Catalogue,
  handlers: Readonly<Record<string, Handler>>,
): { readonly provider: NamedProvider; readonly came: Came[] } {
  const came: Came[] = [];
  const call = (method: string, params: Value): Value => {
    const text = jsonText(params);
    came.push({ method, params: text });
    const handler = handlers[method];
    if (handler === undefined) throw new IncompleteError(`there is no method ${method}`);
    return handler(parsed(text));
  };
  const provider = defineProvider({
    kind: "boxes",
    catalogue: () => catalogue,
    connect: (service, { clock }) =>
      Promise.resolve({
        login: { user_id: null, partner_id: null, name: "anybody" },
        skewMs: undefined,
        pages: (list) => pagesOf(list, call),
        ask: ({ method, params }): Promise<Asked> => {
          const began = clock.up();
          return Promise.resolve({ kind: "result", value: call(method, params), began });
        },
        read: async (list, id) => {
          const about = { source: list.method, began: clock.up(), lagMs: service.lag.byIdMs };
          for await (const page of pagesOf(list, call)) {
            const item = page.find((one) => one.id === id);
            if (item !== undefined) return { ...about, kind: "found", fields: item.fields };
          }
          return { ...about, kind: "absent" };
        },
        async write({ method, params }, { ready }): Promise<Answer> {
          if (!(await ready())) return { kind: "withdrawn" };
          return { kind: "accepted", value: call(method, params) };
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  });
  return { provider, came };
}

/** One page after another, until one is empty or says that it is the last. */
async function* pagesOf(
  { described, params, method }: ListRequest,
  call: (method: string, params: Value) => Value,
): AsyncGenerator<readonly Item[]> {
  if (described === undefined) throw new Error("the plan was to describe its list");
  const { paging } = described;
  const ids = new Set<string>();
  let page: Page | undefined =
    paging.by === "none"
      ? undefined
      : { size: paging.size, ...(paging.by === "cursor" ? { cursor: null } : { [paging.by]: paging.start }) };
  for (;;) {
    const answer = call(method, page === undefined ? params : described.params(page));
    const items = described.items(answer);
    for (const { id } of items) if (ids.size === ids.add(id).size) throw new IncompleteError(`${id} came on two pages`);
    yield await Promise.resolve(items);
    if (page === undefined || paging.by === "none") return;
    if (paging.by === "cursor") {
      const cursor = paging.next(answer);
      if (cursor === null) return;
      page = { size: paging.size, cursor };
    } else {
      if (items.length === 0) return;
      const at: number = (page[paging.by] ?? 0) + (paging.by === "offset" ? items.length : 1);
      page = { size: paging.size, [paging.by]: at };
    }
  }
}

/** JSON as a provider reads it: a whole number that would be rounded stays exact. */
function parsed(text: string): Value {
  const marked = text.replace(/(?<=[[:,]|^)(-?\d{16,})(?=[\],}]|$)/g, (digits) =>
    JSON.stringify(exactly(BigInt(digits))),
  );
  return JSON.parse(marked) as Value;
}
