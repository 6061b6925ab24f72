import {
  defineProvider,
  itemId,
  type Answer,
  type FieldFacts,
  type NamedProvider,
  type Service,
} from "../../runner/index.ts";

/** What a provider of somebody else's was asked for. */
export interface Shelf {
  readonly provider: NamedProvider;
  readonly books: Map<string, string>;
  /** The services it was connected to, and with which rate. */
  readonly connected: { readonly service: Service; readonly perMinute: number | undefined }[];
  readonly written: string[];
}

const fields: readonly FieldFacts[] = ["isbn", "place"].map((name) => ({
  name,
  type: "string",
  source: name,
  spellings: [name],
  volatile: false,
  secret: false,
}));

const text = (name: string) => ({ name, type: "text" });

/** A service in memory: books that stand somewhere. `answer` decides what a caller hears of a change; only a rejected one is not made. */
export function newShelf(count: number, answer: (isbn: string) => Answer = () => ({ kind: "accepted" })): Shelf {
  const books = new Map(Array.from({ length: count }, (_, place) => [`isbn-${place}`, "hall"]));
  const connected: Shelf["connected"] = [];
  const written: string[] = [];
  const itemOf = ([isbn, place]: readonly [string, string]) => ({ id: itemId(isbn), fields: { isbn, place } });
  const provider = defineProvider({
    kind: "shelf",
    catalogue: () => ({
      methodNames: ["ListBooks", "Put"],
      method: (name) =>
        name === "Put"
          ? { name, kind: "change", repeat: "set", destructive: false, params: ["isbn", "place"].map(text) }
          : name === "ListBooks"
            ? { name, kind: "enumerate", repeat: "read", destructive: false, params: [] }
            : undefined,
      list: (method) =>
        method === "ListBooks"
          ? {
              method,
              key: "isbn",
              fieldNames: fields.map(({ name }) => name),
              field: (name) => fields.find((field) => field.name === name),
              reserved: [],
              scope: [],
            }
          : undefined,
    }),
    connect: (service, { clock, perMinute }) => {
      connected.push({ service, perMinute });
      return Promise.resolve({
        login: { user_id: 7, partner_id: null, name: "librarian" },
        skewMs: undefined,
        async *pages() {
          yield await Promise.resolve([...books].map(itemOf));
        },
        ask: () =>
          Promise.resolve({ kind: "failed", failure: { class: "reject", code: "unknown", message: "only books" } }),
        read: (_list, id) => {
          const about = { source: "shelf", began: clock.up(), lagMs: service.lag.byIdMs };
          const place = books.get(id);
          const found = place === undefined ? undefined : itemOf([id, place]).fields;
          return Promise.resolve(
            found === undefined ? { ...about, kind: "absent" } : { ...about, kind: "found", fields: found },
          );
        },
        async write({ params }, { ready }) {
          if (!(await ready())) return { kind: "withdrawn" };
          const { isbn, place } = params as { readonly isbn: string; readonly place: string };
          const told = answer(isbn);
          if (told.kind !== "rejected") books.set(isbn, place);
          written.push(isbn);
          return told;
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      });
    },
  });
  return { provider, books, connected, written };
}

export const shelfPlan = `rollcall: 1
name: tidy
service: archive
inputs:
  place: { type: string }
  only: { type: list, default: [] }
  token: { type: secret, required: false }
enumerate: { call: ListBooks, fields: [isbn, place] }
filter: inputs.only == [] || item.isbn in inputs.only
change:
  set: { place: "\${{ inputs.place }}" }
  call: Put
  params: { isbn: "\${{ item.isbn }}", place: "\${{ set.place }}" }
verify: { within: 2s, every: 100ms }
`;
