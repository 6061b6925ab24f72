import {
  defineProvider,
  itemId,
  type Answer,
  type Asked,
  type FieldFacts,
  type MethodFacts,
  type NamedProvider,
} from "../../runner/index.ts";

/** Things that carry labels, and a service that says only which things carry one. */
export interface Labels {
  readonly provider: NamedProvider;
  readonly labelled: Set<number>;
  /** How often it was asked who carries the label. */
  readonly asked: () => number;
}

const field = (name: string, type: "integer" | "string"): FieldFacts => ({
  ...{ name, type, source: name, spellings: [name], volatile: false, secret: false, lagMs: 0 },
});
const fields = [field("id", "integer"), field("name", "string")];
const methods: readonly MethodFacts[] = [
  { name: "ListThings", kind: "enumerate", repeat: "read", destructive: false, params: [] },
  { name: "WithLabel", kind: "read", repeat: "read", destructive: false, params: ["label"] },
  { name: "AddLabel", kind: "change", repeat: "set", destructive: false, params: ["id", "label", "on"] },
];

/**
 * @param send What becomes of a change: whether it is made, and what the caller hears.
 * @param tell What the caller hears of who carries the label, given the ids that do.
 */
export function newLabels(
  count: number,
  {
    send = () => ({ isMade: true, answer: { kind: "accepted" } }),
    tell = (ids, began) => ({ kind: "result", value: ids, began }),
  }: {
    send?: (id: number) => { readonly isMade: boolean; readonly answer: Answer };
    tell?: (ids: readonly number[], began: number) => Asked;
  } = {},
): Labels {
  const labelled = new Set<number>();
  let asked = 0;
  const fieldsOf = (id: number) => ({ id, name: `thing ${id}` });
  const ids = Array.from({ length: count }, (_, place) => place + 1);
  const provider = defineProvider({
    kind: "labels",
    catalogue: () => ({
      methodNames: methods.map(({ name }) => name),
      method: (name) => methods.find((method) => method.name === name),
      list: (method) =>
        method === "ListThings"
          ? {
              ...{ method, key: "id", fieldNames: ["id", "name"], reserved: [], scope: [] },
              field: (name) => fields.find((one) => one.name === name),
            }
          : undefined,
    }),
    connect: (service, { clock }) =>
      Promise.resolve({
        login: { user_id: 1, partner_id: null, name: "labeller" },
        skewMs: undefined,
        async *pages() {
          yield await Promise.resolve(ids.map((id) => ({ id: itemId(String(id)), fields: fieldsOf(id) })));
        },
        ask: () => {
          asked += 1;
          return Promise.resolve(tell([...labelled], clock.up()));
        },
        read: (_list, id) => {
          const about = { source: "thing", began: clock.up(), lagMs: service.lag.byIdMs };
          return Promise.resolve({ ...about, kind: "found", fields: fieldsOf(Number(id)) });
        },
        async write({ params }, { ready }) {
          if (!(await ready())) return { kind: "withdrawn" };
          const { id } = params as { readonly id: number };
          const { isMade, answer } = send(id);
          if (isMade) labelled.add(id);
          return answer;
        },
        [Symbol.asyncDispose]: () => Promise.resolve(),
      }),
  });
  return { provider, labelled, asked: () => asked };
}

export const labelsPlan = `rollcall: 1
name: label
service: labels
lookups:
  labelled:
    call: WithLabel
    params: { label: red }
    optional: true
enumerate:
  call: ListThings
  fields:
    id: id
    name: name
    has_label: { value: item.id in lookup.labelled, type: boolean }
  title: name
filter: item.id <= 5
change:
  set: { has_label: true }
  call: AddLabel
  params: { id: "\${{ item.id }}", label: red, on: "\${{ set.has_label }}" }
stop: { errors: 50, consecutive: 50, unknown: 50 }
verify: { within: 3s, every: 100ms }
`;
