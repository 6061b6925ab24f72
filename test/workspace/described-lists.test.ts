import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import {
  openWorkspace,
  type Catalogue,
  type FactOf,
  type RunEvent,
  type Value,
  type Workspace,
} from "../../runner/index.ts";
import { boxes, declared, openCatalogue, type Came, type Handler } from "../support/boxes.ts";
import { collect, newFolder } from "../support/runs.ts";

const config = `rollcall: 1
services:
  boxes:
    kind: boxes
    url: http://127.0.0.1:1/boxes
    late: 50ms
    lag: { list: 20ms, by_id: 0s }
    limits: { timeout: 300ms }
`;

interface Service {
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly catalogue?: Catalogue;
}

interface Opened {
  readonly workspace: Workspace;
  readonly cwd: string;
  readonly came: Came[];
  /** Params of the calls of a method, as they went over the wire. */
  readonly sent: (method: string) => readonly string[];
}

const workspaces: Workspace[] = [];
afterEach(async () => {
  for (const workspace of workspaces.splice(0)) await workspace[Symbol.asyncDispose]();
});

async function opened({ handlers, catalogue = openCatalogue([]) }: Service, plan: string): Promise<Opened> {
  const cwd = newFolder();
  writeFileSync(join(cwd, "rollcall.config.yaml"), config);
  writeFileSync(
    join(cwd, "plan.yaml"),
    `rollcall: 1\nname: boxes\nservice: boxes\n${plan}verify: { within: 2s, every: 100ms }\n`,
  );
  const { provider, came } = boxes(catalogue, handlers);
  const workspace = await openWorkspace({ cwd, env: { CI: "" }, providers: [provider] });
  workspaces.push(workspace);
  return {
    workspace,
    cwd,
    came,
    sent: (method) => came.filter((one) => one.method === method).map(({ params }) => params),
  };
}

async function preview({ workspace }: Opened, options = {}): Promise<Extract<RunEvent, { type: "preview" }>> {
  const events = await collect(workspace.preview(await workspace.loadPlan("plan.yaml"), options));
  return events.find((event): event is Extract<RunEvent, { type: "preview" }> => event.type === "preview")!;
}

async function applied({ workspace }: Opened): Promise<FactOf<"end">> {
  const events = await collect(workspace.apply(await workspace.loadPlan("plan.yaml"), { consent: () => true }));
  return events.findLast((event): event is FactOf<"end"> => event.type === "end")!;
}

const members = (params: Value) => params as Readonly<Record<string, Value>>;
const ordered = (params: Value) => params as readonly Value[];

/** Preview, apply, and apply again: the second one sends nothing. */
async function wholeRun(
  line: Opened,
  change: string,
  { selected, already = 0 }: { selected: number; already?: number },
) {
  expect((await preview(line)).counts).toMatchObject({ selected, already });
  expect(line.sent(change)).toEqual([]);
  expect(await applied(line)).toMatchObject({ exit: 0, counts: { confirmed: selected, already } });
  const sent = line.sent(change);
  expect(sent).toHaveLength(selected);
  expect(await applied(line)).toMatchObject({ exit: 0, counts: { confirmed: 0, already: selected + already } });
  expect(line.sent(change)).toEqual(sent);
  expect(await line.workspace.audit("latest")).toMatchObject({ ok: true });
  return sent;
}

describe("a plan that describes its list, from preview to proof", () => {
  it("of objects in pages by offset, with named params and ids that have a slash", async () => {
    const all = Array.from({ length: 7 }, (_, place) => ({ id: `org/${place}`, on: place % 2 === 0 }));
    const line = await opened(
      {
        handlers: {
          "box.list": (params) => {
            const { from, n } = members(params) as { from: number; n: number };
            return { boxes: all.slice(from, from + n), total: all.length };
          },
          "box.set": (params) => {
            const { id, on } = members(params);
            all.find((box) => box.id === id)!.on = on === true;
            return "ok";
          },
        },
      },
      `enumerate:
  call: box.list
  params: { from: "\${{ page.offset }}", n: "\${{ page.size }}" }
  page: { by: offset, size: 3 }
  rows: boxes
  key: id
  fields: { id: { from: id, type: string }, on: { from: on, type: boolean } }
filter: true
change:
  set: { on: true }
  call: box.set
  params: { id: "\${{ item.id }}", on: "\${{ set.on }}" }
  only_if_unchanged: true
`,
    );
    const sent = await wholeRun(line, "box.set", { selected: 3, already: 4 });
    expect(sent.toSorted()[0]).toBe('{"id":"org/1","on":true}');
    expect(line.sent("box.list").slice(0, 4)).toEqual([0, 3, 6, 7].map((from) => `{"from":${from},"n":3}`));
  });

  it("of a map whose key is a field, with params in order and numbers that are texts", async () => {
    const all: Record<string, { size: string }> = { a: { size: "1" }, b: { size: "2" }, c: { size: "0x3" } };
    const line = await opened(
      {
        handlers: {
          list: () => all,
          resize: (params) => {
            const [id, size] = ordered(params);
            all[String(id)]!.size = String(size);
            return null;
          },
        },
      },
      `enumerate:
  call: list
  rows: { at: ., map_key: name }
  key: name
  fields: { name: { from: name, type: string }, size: { from: size, type: hex } }
filter: coalesce(item.size, 0) < 10
change:
  set: { size: 2 }
  call: resize
  params: ["\${{ item.name }}", "\${{ string(set.size) }}"]
`,
    );
    expect((await wholeRun(line, "resize", { selected: 2, already: 1 })).toSorted()).toEqual([
      '["a","2"]',
      '["c","2"]',
    ]);
  });

  it("of single values, read one by one, and verified in another list", async () => {
    const enabled = new Set(["a", "c"]);
    const names = ["a", "b", "c"];
    const line = await opened(
      {
        handlers: {
          names: () => names,
          get: (params) => ({ info: { on: enabled.has(String(ordered(params)[0])) ? "1" : "0" } }),
          all: () => ["z", ...names],
          enable: (params) => {
            enabled.add(String(ordered(params)[0]));
            return true;
          },
        },
      },
      `enumerate:
  call: names
  rows: { at: ., scalar: name }
  key: name
  fields: { name: { from: name, type: string } }
read:
  call: get
  params: ["\${{ item.name }}"]
  fields: { on: { from: info.on, type: boolean } }
filter: true
change:
  set: { on: true }
  call: enable
  params: ["\${{ item.name }}", "\${{ set.on }}"]
`,
    );
    writeFileSync(
      join(line.cwd, "plan.yaml"),
      readFileSync(join(line.cwd, "plan.yaml"), "utf8").replace("verify: {", "verify: { call: all, "),
    );
    expect(await wholeRun(line, "enable", { selected: 1, already: 2 })).toEqual(['["b",true]']);
    expect(line.sent("all").length).toBeGreaterThan(0);
  });

  it("of lists in lists, by cursor, with the group of each", async () => {
    const volume = new Map([
      ["c1", 10],
      ["c2", 80],
      ["c3", 90],
    ]);
    const groups: readonly (readonly [string, readonly string[]])[] = [
      ["g1", ["c1", "c2"]],
      ["g2", ["c3"]],
    ];
    const line = await opened(
      {
        handlers: {
          "Server.GetStatus": (params) => {
            const place = Number(members(params).after ?? 0);
            const [id, clients] = groups[place]!;
            return {
              groups: [
                {
                  id,
                  clients: clients.map((client) => ({ id: client, config: { volume: String(volume.get(client)) } })),
                },
              ],
              next: place + 1 < groups.length ? place + 1 : null,
            };
          },
          "Client.SetVolume": (params) => {
            const { id, volume: value, group } = members(params);
            if (!groups.some(([name, clients]) => name === group && clients.includes(String(id))))
              throw new Error("no such client");
            volume.set(String(id), Number(value));
            return {};
          },
        },
      },
      `enumerate:
  call: Server.GetStatus
  params: { after: "\${{ coalesce(page.cursor, omit) }}" }
  page: { by: cursor, next: next }
  rows: groups[].clients[]
  key: id
  fields: { id: id, group: ^id, volume: { from: config.volume, type: integer } }
filter: item.group == "g1" || item.id == "c3"
change:
  set: { volume: 50 }
  call: Client.SetVolume
  params: { id: "\${{ item.id }}", group: "\${{ item.group }}", volume: "\${{ set.volume }}" }
`,
    );
    await wholeRun(line, "Client.SetVolume", { selected: 3 });
    expect(line.sent("Server.GetStatus").slice(0, 2)).toEqual(["{}", '{"after":1}']);
  });

  it("of quantities in hex and ids beyond 2^53, which stay exact on the way", async () => {
    const big = 9_007_199_254_740_993n;
    const gas = new Map([0n, 1n, 2n].map((place) => [String(big + place), "0x1f"]));
    const line = await opened(
      {
        handlers: {
          list: () =>
            [...gas].map(([id, limit]) => ({
              id: { $int: id },
              limit,
              raw: { owner: { $int: "18446744073709551615" } },
            })),
          set: (params) => {
            const { id, limit, raw } = members(params) as unknown as {
              id: { $int: string };
              limit: string;
              raw: { owner: { $int: string } };
            };
            if (raw.owner.$int !== "18446744073709551615") throw new Error("it was rounded");
            gas.set(id.$int, limit);
            return null;
          },
        },
      },
      `enumerate:
  call: list
  key: id
  fields: { id: id, limit: { from: limit, type: hex }, raw: { from: raw, type: object, optional: false } }
filter: item.id != 9007199254740994
change:
  set: { limit: 255 }
  call: set
  params:
    id: \${{ item.id }}
    limit: \${{ hex_text(set.limit) }}
    raw: '\${{ merge(item.raw, {"tag": 1}) }}'
`,
    );
    const { sample } = await preview(line);
    expect(sample.map(({ id, title }) => [id, title])).toEqual([
      ["9007199254740993", "9007199254740993"],
      ["9007199254740995", "9007199254740995"],
    ]);
    const sent = await wholeRun(line, "set", { selected: 2 });
    expect(sent.toSorted()[0]).toBe(
      '{"id":9007199254740993,"limit":"0xff","raw":{"owner":18446744073709551615,"tag":1}}',
    );
  });

  it("changes several in one call, and hears of each under the id that the list has", async () => {
    const on = new Set<number>();
    const line = await opened(
      {
        handlers: {
          list: () => [1, 2, 3, 4, 5].map((id) => ({ id: `0x${id}`, on: on.has(id) })),
          enable: (params) => {
            const ids = ordered(params)[0] as readonly number[];
            for (const id of ids) on.add(id);
            return { done: ids.map((id) => `0x${id}`), failed: [] };
          },
        },
        catalogue: openCatalogue([declared("list", "enumerate"), declared("enable", "change", { chunkMax: 2 })]),
      },
      `enumerate:
  call: list
  key: id
  fields: { id: { from: id, type: hex }, on: { from: on, type: boolean } }
filter: true
change:
  set: { on: true }
  call: enable
  params: ["\${{ items.map(i, i.id) }}", "\${{ set.on }}"]
  chunk: 2
  result: { succeeded: done, failed: failed }
`,
    );
    expect(await applied(line)).toMatchObject({ exit: 0, counts: { confirmed: 5 } });
    expect(line.sent("enable")).toEqual(["[[1,2],true]", "[[3,4],true]", "[[5],true]"]);
  });

  it("goes on with the same list where it was interrupted", async () => {
    const on = new Set<number>();
    const stop = new AbortController();
    const line = await opened(
      {
        handlers: {
          list: (params) =>
            [1, 2, 3, 4, 5, 6]
              .slice(Number(ordered(params)[0]))
              .slice(0, 2)
              .map((id) => ({ id, on: on.has(id) })),
          set: (params) => {
            on.add(Number(ordered(params)[0]));
            stop.abort();
            return true;
          },
        },
      },
      `enumerate:
  call: list
  params: ["\${{ page.offset }}"]
  page: { by: offset, size: 2 }
  key: id
  fields: { id: id, on: { from: on, type: boolean } }
filter: true
change:
  set: { on: true }
  call: set
  params: ["\${{ item.id }}", "\${{ set.on }}"]
pace: { concurrency: 1 }
`,
    );
    const plan = await line.workspace.loadPlan("plan.yaml");
    await collect(line.workspace.apply(plan, { consent: () => true, stop: stop.signal }));
    expect(on.size).toBeLessThan(6);
    const events = await collect(line.workspace.resume("latest"));
    expect(events.findLast((event) => event.type === "end")).toMatchObject({ exit: 0, counts: { confirmed: 6 } });
    expect(line.sent("set")).toHaveLength(6);
  });

  it("removes what the filter finds, list by list, and proves that it is gone", async () => {
    const shelves: Record<string, string[]> = { top: ["a", "old"], low: ["b", "old too"] };
    const line = await opened(
      {
        handlers: {
          shelves: () => Object.keys(shelves).map((name) => ({ name })),
          list: (params) => (shelves[String(members(params).shelf)] ?? []).map((id) => ({ id })),
          drop: (params) => {
            const { shelf, id } = members(params);
            shelves[String(shelf)] = shelves[String(shelf)]!.filter((one) => one !== id);
            return true;
          },
        },
        catalogue: openCatalogue([declared("drop", "change", { destructive: true })]),
      },
      `lookups:
  shelves: { call: shelves, fields: [name] }
enumerate:
  call: list
  for_each: lookup.shelves
  params: { shelf: "\${{ each }}" }
  total: size(lookup.shelves) * 2
  key: id
  fields: { id: { from: id, type: string }, shelf: { value: each, type: string } }
filter: item.id.startsWith("old")
change:
  call: drop
  params: { shelf: "\${{ each }}", id: "\${{ item.id }}" }
  expect: absent
  destructive: true
guards: { max: 5 }
`,
    );
    expect((await preview(line)).counts).toMatchObject({ rows: 4, selected: 2 });
    const text = readFileSync(join(line.cwd, "plan.yaml"), "utf8").replace(/ {2}total: .*\n/, "");
    writeFileSync(join(line.cwd, "plan.yaml"), text);
    expect(await applied(line)).toMatchObject({ exit: 0, counts: { confirmed: 2 } });
    expect(shelves).toEqual({ top: ["a"], low: ["b"] });
  });
});

describe("a list that the plan describes and the service gives wrongly", () => {
  const plan = `enumerate:
  call: list
  key: id
  fields: { id: id, on: { from: on, type: boolean } }
filter: true
change:
  set: { on: true }
  call: set
  params: ["\${{ item.id }}", "\${{ set.on }}"]
`;

  it.each([
    [[{ id: 1 }, { on: true }], "Row 2: there is no id, and an item needs a text or a whole number as its key"],
    [[{ id: 1 }, { id: 1 }], "Rows 1 and 2 have the same id: 1."],
    [{ error: "later" }, 'The answer has no rows: what was read is not a list: {"error":"later"}.'],
  ])("decides nothing: %j", async (answer, message) => {
    const line = await opened({ handlers: { list: () => answer } }, plan);
    await expect(applied(line)).rejects.toMatchObject({ code: "incomplete", message });
    expect(line.sent("set")).toEqual([]);
  });

  it("while it is verified leaves what was sent unjudged until it can be read", async () => {
    const on = new Set<number>();
    let isBroken = false;
    const line = await opened(
      {
        handlers: {
          list: () => (isBroken ? [{ id: 1 }, {}] : [1, 2].map((id) => ({ id, on: on.has(id) }))),
          set: (params) => {
            on.add(Number(ordered(params)[0]));
            isBroken = true;
            return true;
          },
        },
      },
      plan,
    );
    expect(await applied(line)).toMatchObject({ counts: { pending: 2 } });
    isBroken = false;
    const events = await collect(line.workspace.verify("latest"));
    expect(events.findLast((event) => event.type === "end")).toMatchObject({ exit: 0, counts: { confirmed: 2 } });
  });
});

describe("a path that is misspelt", () => {
  const rows = [
    { id: "a", quota: 5, tags: null, spec: null },
    { id: "b", quota: 6, note: "n", spec: null },
  ];
  const handlers: Record<string, Handler> = {
    "box.list": () => rows,
    "box.get": () => ({ limit: 3, labels: null }),
    "box.set": () => "ok",
  };
  const plan = (fields: string, { filter = "true", title = "", read = "" } = {}): string => `enumerate:
  call: box.list
  key: id
${title}  fields: { id: id, quota: { from: quota, type: integer }, ${fields} }
filter: ${filter}
${read}change:
  set: { quota: 55 }
  call: box.set
  params: { id: "\${{ item.id }}", quota: "\${{ set.quota }}" }
`;
  const read = (fields: string): string => `read:\n  call: box.get\n  fields: { ${fields} }\n`;
  const optional = "Where it may be missing everywhere, write optional: true at the field.";

  it.each([
    [
      "of a field that is set",
      plan("extra: spec").replace("from: quota", "from: qouta"),
      "None of 2 rows has qouta, which the field quota is read from.",
      `Did you mean quota? ${optional}`,
    ],
    [
      "of a field that is filtered by",
      plan("mark: nothing_near", { filter: "item.mark == null" }),
      "None of 2 rows has nothing_near, which the field mark is read from.",
      `Known are: id, quota, tags, spec, note. ${optional}`,
    ],
    [
      "of the title",
      plan("name: noet", { title: "  title: name\n" }),
      "None of 2 rows has noet, which the field name is read from.",
      `Did you mean note? ${optional}`,
    ],
    [
      "of a field that another is made of",
      plan('own: noet, made: { value: "item.own == null ? 1 : 2" }', { filter: "item.made == 1" }),
      "None of 2 rows has noet, which the field own is read from.",
      `Did you mean note? ${optional}`,
    ],
    [
      "of a field that is read",
      plan("extra: spec", { read: read("limit: { from: limt, type: integer }"), filter: "item.limit == null" }),
      "None of 2 answers of box.get has limt, which the field limit is read from.",
      `Did you mean limit? ${optional}`,
    ],
  ])("%s refuses the list", async (_, text, message, hint) => {
    const line = await opened({ handlers }, text);
    await expect(preview(line)).rejects.toMatchObject({ message, hint });
    expect(line.sent("box.set")).toEqual([]);
  });

  it("is a warning where nothing hangs on it, and nothing where the plan says so or the service may", async () => {
    const text = plan("other: noet, one: { from: nope, optional: true }, deep: spec.size, some: note", {
      read: read("limit: limit, also: { from: limt, type: integer }"),
      filter: "item.one == null && item.deep == null",
    });
    const { warnings } = await preview(await opened({ handlers }, text));
    expect(warnings?.map((one) => [one.message.split(". ")[0], one.items])).toEqual([
      ["None of 2 rows has noet, which the field other is read from", undefined],
      ["None of 2 answers of box.get has limt, which the field also is read from", undefined],
    ]);
  });

  it("is nothing where a set is null: it is empty, in the list and in what is read", async () => {
    const text = plan("tags: { from: tags, type: set }", {
      read: read("labels: { from: labels, type: set }"),
      filter: "size(item.tags) == 0 && !('x' in item.labels)",
    });
    const { counts, sample } = await preview(await opened({ handlers }, text));
    expect(counts).toMatchObject({ selected: 2, refused: 0 });
    expect(sample).toHaveLength(2);
  });
});

describe("a refusal", () => {
  const handlers: Record<string, Handler> = {
    "box.count": () => ({ n: 1 }),
    "box.list": () => [{ id: "a", on: false }],
    "box.get": () => ({ limit: "much" }),
    "box.set": () => "ok",
  };
  const plan = (list: string, read = ""): string => `lookups: { count: { call: box.count, value: count } }
enumerate:
  call: box.list
  key: id
${list}  fields: { id: id, on: { from: on, type: boolean } }
filter: true
${read}change:
  set: { on: true }
  call: box.set
  params: ["\${{ item.id }}", "\${{ set.on }}"]
`;

  it("names the lookup where the total of a list is null", async () => {
    const line = await opened({ handlers }, plan("  total: lookup.count\n"));
    await expect(preview(line)).rejects.toMatchObject({
      message: "enumerate.total gives null, and no number of items.",
      hint: expect.stringContaining("lookup"),
    });
  });

  it("says to run again where items could not be read", async () => {
    const read = "read: { call: box.get, fields: { limit: { from: limit, type: integer } } }\n";
    const line = await opened({ handlers }, plan("", read));
    await expect(
      line.workspace.loadPlan("plan.yaml").then((one) => collect(line.workspace.apply(one, { consent: () => true }))),
    ).rejects.toMatchObject({
      hint: expect.stringContaining("run again"),
    });
  });
});

describe("recipes of the page on services", () => {
  const changing = (
    of: (row: Record<string, Value>, params: Record<string, Value>) => void,
    more: Record<string, Handler> = {},
  ) => {
    const rows: Record<string, Value>[] = ["a", "b"].map((id) => ({ id, label: "Old", limit: 1, other: [1] }));
    const set: Handler = (params) => {
      const given = members(members(params).box ?? params);
      of(
        rows.find(({ id }) => id === given.id)!,
        { ...given },
      );
      return "ok";
    };
    return { handlers: { "box.list": () => rows, "box.set": set, ...more } };
  };
  const list = (fields: string): string => `enumerate:
  call: box.list
  key: id
  fields:
    id: { from: id, type: string }
${fields}filter: true
`;

  it("send what a value is made of where the service stores another spelling", async () => {
    const service = changing((row, { label }) => (row.label = `'${String(label)}'`));
    const line = await opened(
      service,
      `${list("    label: { from: label, type: string }\n")}change:
  set: { label: "'web'" }
  call: box.set
  params:
    id: \${{ item.id }}
    label: \${{ set.label.replace("'", "") }}
`,
    );
    expect((await wholeRun(line, "box.set", { selected: 2 }))[0]).toContain('"label":"web"');
  });

  it("set a field that undoes what the service does", async () => {
    const line = await opened(
      changing((row, { label }) => (row.label = String(label).toUpperCase())),
      `${list("    label: { value: row.label.lowerAscii(), type: string }\n")}change:
  set: { label: web }
  call: box.set
  params: { id: "\${{ item.id }}", label: "\${{ set.label }}" }
`,
    );
    await wholeRun(line, "box.set", { selected: 2 });
  });

  it("send a whole row back with one member in place", async () => {
    const line = await opened(
      changing((row, params) => Object.assign(row, params)),
      `${list("    limit: { from: limit, type: integer }\n    whole: { from: ., type: object, optional: false }\n")}change:
  set: { limit: 5 }
  call: box.set
  params:
    box: "\${{ merge(item.whole, {'limit': set.limit}) }}"
  only_if_unchanged: true
`,
    );
    const [sent] = (await wholeRun(line, "box.set", { selected: 2 })).toSorted();
    expect(sent).toBe('{"box":{"id":"a","label":"Old","limit":5,"other":[1]}}');
  });

  it("prove a change by a list of its own", async () => {
    const banned: Value[] = [{ id: "b" }];
    const line = await opened(
      changing((row) => banned.push({ id: row.id! }), { "ban.list": () => banned }),
      `lookups:
  banned: { call: ban.list, key: id, fields: { id: { from: id, type: string } } }
${list("")}change:
  call: box.set
  params: { id: "\${{ item.id }}" }
  unless: item.id in lookup.banned
  expect: after.id in lookup.banned
`,
    );
    await wholeRun(line, "box.set", { selected: 1, already: 1 });
  });

  it("name the group that an item was listed in", async () => {
    const line = await opened(
      changing((row) => (row.limit = 5), { groups: () => [{ id: "g" }] }),
      `lookups:
  groups: { call: groups, fields: { id: { from: id, type: string } } }
${list("    limit: { from: limit, type: integer }\n").replace("  key: id\n", '  key: id\n  for_each: lookup.groups\n  params: { of: "${{ each }}" }\n')}change:
  set: { limit: 5 }
  call: box.set
  params: { id: "\${{ item.id }}", of: "\${{ each }}", limit: "\${{ set.limit }}" }
`,
    );
    expect((await wholeRun(line, "box.set", { selected: 2 })).toSorted()[0]).toBe('{"id":"a","of":"g","limit":5}');
  });
});

describe("an inventory of a list that a plan describes", () => {
  const list = (rows: string, key = "id") => `enumerate:
  call: list
  params: { from: "\${{ page.offset }}" }
  page: { by: offset, size: 2 }
  rows: ${rows}
  key: ${key}
  fields: { id: id, other: other, on: { from: on, type: boolean }, both: { value: 'string(row.id) + "!"', type: string } }
filter: item.both != "2!"
change:
  set: { on: true }
  call: set
  params: ["\${{ item.id }}", "\${{ set.on }}"]
`;
  const all = [1, 2, 3].map((id) => ({ id, other: id + 10, on: false }));
  const handlers = {
    list: (params: Value) => ({
      boxes: all.slice(Number(members(params).from), Number(members(params).from) + 2),
      crates: [],
    }),
  };

  it("is decided on again without the service", async () => {
    const line = await opened({ handlers }, list("boxes"));
    const first = await preview(line);
    expect(first.counts).toMatchObject({ rows: 3, selected: 2, "filtered-out": 1 });
    const asked = line.came.length;
    const [run] = await collect(line.workspace.preview(await line.workspace.loadPlan("plan.yaml")));
    const { folder } = run as Extract<RunEvent, { type: "run" }>;
    const again = await preview(line, { from: join(folder, "inventory.ndjson") });
    expect(again.counts).toEqual(first.counts);
    expect(line.came.length).toBeGreaterThan(asked);
    for (const [rows, key, why] of [
      ["crates", "id", "it has no id; its fields are id, other, on, both"],
      ["boxes", "other", "its items are told apart by id, those of the plan by other"],
    ] as const) {
      writeFileSync(join(line.cwd, "other.yaml"), `rollcall: 1\nname: boxes\nservice: boxes\n${list(rows, key)}`);
      const other = await line.workspace.loadPlan("other.yaml");
      const from = join(folder, "inventory.ndjson");
      await expect(collect(line.workspace.preview(other, { from }))).rejects.toMatchObject({
        code: "usage",
        message: expect.stringContaining(why),
      });
    }
  });
});

describe("a test of a plan that describes its list", () => {
  it("gives its fields as the plan declares them", async () => {
    const line = await opened(
      { handlers: {} },
      `enumerate:
  call: box.list
  params: ["\${{ page.number }}", "\${{ page.size }}"]
  page: { by: number, size: 50 }
  rows: groups[].boxes[]
  key: id
  fields:
    id: { from: id, type: integer }
    group: ^id
    size: { from: size, type: bytes }
    label: { value: row.a + row.b, type: string }
    twice: { value: "coalesce(item.size, 0) * 2" }
filter: item.group == "g"
change:
  set: { size: 2048 }
  call: box.set
  params: ["\${{ item.id }}", "\${{ item.label }}", "\${{ item.twice }}", "\${{ set.size }}"]
`,
    );
    mkdirSync(join(line.cwd, "tests"), { recursive: true });
    writeFileSync(
      join(line.cwd, "plan.test.yaml"),
      `rollcall: 1
plan: plan.yaml
every_item: { group: g, size: 1K, label: xy }
cases:
  - name: Boxes of the group grow
    items:
      - { id: 1 }
      - { id: 2, size: 2K }
      - { id: 3, group: h }
      - { id: "9007199254740993" }
    expect:
      selected: { 1: { size: 1024 -> 2048 }, "9007199254740993": { size: 1024 -> 2048 } }
      already: [2]
      filtered: [3]
      asks: [{ method: box.list, params: [1, 50] }]
      requests:
        - { method: box.set, params: [1, xy, 2048, 2048] }
        - { method: box.set, params: ["9007199254740993", xy, 2048, 2048] }
      undo:
        - { method: box.set, params: [1, xy, 2048, 1024] }
        - { method: box.set, params: ["9007199254740993", xy, 2048, 1024] }
    after:
      items: { 1: { size: 2K } }
      expect: { 1: confirmed, "9007199254740993": diverged }
`,
    );
    for await (const { problems, cases } of line.workspace.test(["plan.test.yaml"])) {
      expect(problems).toEqual([]);
      expect(cases).toMatchObject([{ outcome: "passed", mismatches: [] }]);
    }
    expect.assertions(2);
  });
});

describe("a plan that describes its list, rehearsed", () => {
  it("needs no call but those of the preview before, for a list, a lookup, a read and a change of several items", async () => {
    const all = Array.from({ length: 7 }, (_, place) => ({ id: place + 1, on: false }));
    const line = await opened(
      {
        handlers: {
          "box.list": (params) => {
            const { from, n } = members(params) as { from: number; n: number };
            return { boxes: all.slice(from, from + n) };
          },
          "box.room": (params) => ({ room: Number(members(params).id) % 2 === 0 ? "hall" : "cellar" }),
          "box.rooms": () => ({ rooms: ["hall", "cellar"] }),
        },
        catalogue: openCatalogue([
          declared("box.list", "enumerate"),
          ...["box.room", "box.rooms"].map((name) => declared(name, "read")),
          declared("box.set", "change", { chunkMax: 3 }),
        ]),
      },
      `lookups:
  rooms: { call: box.rooms, value: rooms, type: list }
enumerate:
  call: box.list
  params: { from: "\${{ page.offset }}", n: "\${{ page.size }}" }
  page: { by: offset, size: 3 }
  rows: boxes
  key: id
  fields: { id: { from: id, type: integer }, on: { from: on, type: boolean } }
read:
  call: box.room
  params: { id: "\${{ item.id }}" }
  fields: { room: { from: room, type: string } }
filter: item.room in lookup.rooms
change:
  set: { on: true }
  call: box.set
  params: { ids: "\${{ items.map(i, i.id) }}", on: "\${{ set.on }}" }
  chunk: 3
  result: { succeeded: done, failed: failed }
  only_if_unchanged: true
`,
    );
    expect((await preview(line)).counts.selected).toBe(7);
    const before = line.came.length;
    const plan = await line.workspace.loadPlan("plan.yaml");
    const rehearsal = await line.workspace.rehearse(plan, { run: "latest", profile: "none", latencyMs: 10 });
    expect(rehearsal).toMatchObject({ exit: 0, counts: { confirmed: 7 }, list: { from: "run", rows: 7 } });
    // A lookup, a page, a read for each of seven, and before each change the item and its read once more.
    expect(rehearsal.calls.reads).toBeGreaterThanOrEqual(1 + 1 + 7 + 2 * 7);
    expect(rehearsal.calls.changes).toBe(3);
    const some = await line.workspace.rehearse(plan, {
      run: "latest",
      profile: "none",
      faults: { reject: 0.5 },
      seed: 2,
    });
    expect((some.counts?.rejected ?? 0) + (some.counts?.confirmed ?? 0) + (some.counts?.["not-started"] ?? 0)).toBe(7);
    expect(some.counts?.rejected).toBeGreaterThan(0);
    expect(line.came).toHaveLength(before);
  });
});
