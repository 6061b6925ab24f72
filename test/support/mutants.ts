import { parse, stringify } from "yaml";

/** A plan that somebody has broken by one slip, and how. */
export interface Mutant {
  readonly slip: string;
  readonly text: string;
}

type Path = readonly (string | number)[];
interface Leaf {
  readonly path: Path;
  readonly text: string;
}

/**
 * Every slip that is tried on this plan; the plan as it was is not among them.
 * @param enumOf The names that a field of the plan's list may have.
 */
export function mutantsOf(
  plan: string,
  enumOf: (method: string, field: string) => readonly string[],
): readonly Mutant[] {
  const document = parse(plan) as Tree;
  const slips: Mutant[] = [];
  const original = stringify(document, { lineWidth: 0 });
  const add = (slip: string, change: (copy: Tree) => void): void => {
    const copy = structuredClone(document);
    change(copy);
    const text = stringify(copy, { lineWidth: 0 });
    if (text !== original && slips.every((one) => one.text !== text)) slips.push({ slip, text });
  };
  const inputs = Object.entries((document.inputs ?? {}) as Record<string, { type: string; default?: unknown }>);
  const alike = (name: string): string[] => {
    const type = inputs.find(([one]) => one === name)?.[1].type;
    return inputs.filter(([other, { type: theirs }]) => other !== name && theirs === type).map(([other]) => other);
  };

  for (const path of clausesOf(document)) {
    const text = String(at(document, path));
    add(`drop the clause ${text}`, (copy) => (path.length === 1 ? put(copy, path, true) : drop(copy, path)));
    for (const [from, to] of operators) {
      for (const place of placesOf(text, from))
        add(`${to} for ${from} in ${text}`, (copy) =>
          put(copy, path, text.slice(0, place) + to + text.slice(place + from.length)),
        );
    }
    for (const list of text.matchAll(/ in \[([^,\]]+), *([^,\]]+)\]/g)) {
      for (const one of list.slice(1, 3))
        add(`only ${one} in ${text}`, (copy) => put(copy, path, text.replace(list[0], ` == ${one}`)));
    }
    for (const [whole, name = "", inside = ""] of text.matchAll(/item\.(\w+) in \[("[^\]]*)\]/g)) {
      const listed = JSON.parse(`[${inside}]`) as string[];
      const others = enumOf(String(at(document, ["enumerate", "call"])), name).filter((one) => !listed.includes(one));
      for (const one of others)
        add(`${one} too in ${text}`, (copy) => {
          put(copy, path, text.replace(whole, whole.replace("]", `, ${JSON.stringify(one)}]`)));
        });
    }
    for (const place of placesOf(text, ", now)"))
      add(`0 for now at ${place} of ${text}`, (copy) =>
        put(copy, path, `${text.slice(0, place)}, 0)${text.slice(place + ", now)".length)}`),
      );
    const wrapped = /coalesce\((item\.\w+), ([^()]+)\)/.exec(text);
    if (wrapped !== null)
      add(`no coalesce in ${text}`, (copy) => put(copy, path, text.replace(wrapped[0], wrapped[1] ?? "")));
  }

  for (const [name] of inputs) {
    for (const other of alike(name)) {
      const swapped = (text: string): string =>
        text.replaceAll(new RegExp(`\\binputs\\.(${name}|${other})\\b`, "g"), (_, found) =>
          found === name ? `inputs.${other}` : `inputs.${name}`,
        );
      add(`swap ${[name, other].sort().join(" and ")}`, (copy) => {
        for (const { path, text } of leavesOf(copy)) put(copy, path, swapped(text));
      });
    }
  }

  for (const part of ["enumerate", "lookups", "read", "change", "verify"]) {
    for (const { path, text } of leavesOf(at(document, [part]), [part])) {
      if (!text.includes("${{")) continue;
      for (const [, name = ""] of text.matchAll(/\binputs\.(\w+)/g))
        for (const other of alike(name))
          add(`inputs.${other} for inputs.${name} in ${path.join(".")}`, (copy) =>
            put(copy, path, text.replace(`inputs.${name}`, `inputs.${other}`)),
          );
      for (const [, name = ""] of text.matchAll(/\bset\.(\w+)/g))
        add(`item.${name} for set.${name} in ${path.join(".")}`, (copy) =>
          put(copy, path, text.replace(`set.${name}`, `item.${name}`)),
        );
    }
  }

  for (const path of membersOf(at(document, ["change", "params"]), ["change", "params"])) {
    const name = String(path.at(-1));
    add(`without ${path.join(".")}`, (copy) => drop(copy, path));
    if (typeof path.at(-1) === "string") {
      add(`${path.join(".")} with another name`, (copy) => {
        put(copy, [...path.slice(0, -1), `${name}s`], at(copy, path));
        drop(copy, path);
      });
    }
    const value = at(document, path);
    if (typeof value === "boolean") add(`the other ${path.join(".")}`, (copy) => put(copy, path, !value));
    if (typeof value === "string" && !value.includes("${{"))
      add(`another ${path.join(".")}`, (copy) => put(copy, path, `${value}x`));
  }
  for (const name of Object.keys((document.change as Tree).set ?? {}))
    add(`without set.${name}`, (copy) => drop(copy, ["change", "set", name]));
  for (const key of ["unless", "expect", "pending", "destructive", "result"])
    add(`without change.${key}`, (copy) => drop(copy, ["change", key]));
  for (const path of membersOf(at(document, ["verify", "params"]), ["verify", "params"]))
    add(`without ${path.join(".")}`, (copy) => drop(copy, path));

  if (at(document, ["change", "only_if_unchanged"]) === true)
    add("without change.only_if_unchanged", (copy) => drop(copy, ["change", "only_if_unchanged"]));
  for (const path of [["change"], ["undo"]])
    if (at(document, [...path, "chunk"]) !== undefined)
      add(`ten times ${path.join()}.chunk`, (copy) =>
        put(copy, [...path, "chunk"], 10 * Number(at(document, [...path, "chunk"]))),
      );
  for (const name of Object.keys(document.stop ?? {}))
    add(`a looser stop.${name}`, (copy) => put(copy, ["stop", name], Number(at(document, ["stop", name])) + 10));
  add("verify.horizon of a day", (copy) => {
    copy.verify = { ...(copy.verify as Tree | undefined), horizon: "1d" };
  });

  const undo = (document.undo ?? {}) as Tree;
  // With a reason alone, it changes what is said and nothing that is done.
  if (Object.keys(undo).some((key) => key !== "reason") && at(document, ["change", "set"]) !== undefined)
    add("without undo", (copy) => drop(copy, ["undo"]));
  if (undo.call !== undefined)
    add("undo.call as change.call", (copy) => put(copy, ["undo", "call"], at(copy, ["change", "call"])));
  if (undo.unless !== undefined) add("without undo.unless", (copy) => drop(copy, ["undo", "unless"]));
  const conditions: Path[] = [
    ["undo", "unless"],
    ...pathsOf(document, "warn", "when"),
    ...pathsOf(document, "guards.require", "that"),
  ];
  for (const name of Object.keys(document.lookups ?? {}))
    conditions.push(["lookups", name, "filter"], ["lookups", name, "for_each"]);
  for (const path of conditions) {
    const text = at(document, path);
    if (typeof text !== "string") continue;
    for (const [from, to] of operators)
      for (const place of placesOf(text, ` ${from} `))
        add(`${to} for ${from} in ${path.join(".")}`, (copy) =>
          put(copy, path, text.slice(0, place + 1) + to + text.slice(place + 1 + from.length)),
        );
    for (const [whole, left = "", right = ""] of text.matchAll(/(\w+) == (inputs\.\w+)/g))
      add(`contains for == in ${path.join(".")}`, (copy) =>
        put(copy, path, text.replace(whole, `${left}.contains(${right})`)),
      );
  }
  for (const place of ((document.warn ?? []) as unknown[]).keys())
    add(`without warn ${place + 1}`, (copy) => drop(copy, ["warn", place]));
  for (const path of [["read"], ...[0, 1, 2].map((place) => ["read", place])])
    if (at(document, [...path, "when"]) === "settle")
      add(`${path.join(".")} before`, (copy) => put(copy, [...path, "when"], "before"));

  const guards = (document.guards ?? {}) as Tree;
  for (const place of ((guards.require ?? []) as unknown[]).keys())
    add(`without guards.require ${place + 1}`, (copy) => drop(copy, ["guards", "require", place]));
  for (const key of ["max", "max_percent"]) {
    add(`without guards.${key}`, (copy) => drop(copy, ["guards", key]));
    if (guards[key] !== undefined)
      for (const [slip, value] of [
        ["half of", Math.floor(Number(guards[key]) / 2)],
        ["one more than", Number(guards[key]) + 1],
      ] as const)
        add(`${slip} guards.${key}`, (copy) => put(copy, ["guards", key], value));
  }
  if (guards.allow_absent !== undefined)
    add("one more than guards.allow_absent", (copy) => put(copy, ["guards", "allow_absent"], 1));
  if (guards.min !== undefined) add("guards.min 0", (copy) => put(copy, ["guards", "min"], 0));

  for (const [name, lookup] of Object.entries((document.lookups ?? {}) as Record<string, Tree>)) {
    for (const key of ["unused", "ignore_case", "optional"])
      if (lookup[key] !== undefined && lookup[key] !== defaults[key])
        add(`without lookups.${name}.${key}`, (copy) => drop(copy, ["lookups", name, key]));
    if (lookup.unused !== undefined && lookup.unused !== "ignore")
      add(`lookups.${name}.unused ignore`, (copy) => put(copy, ["lookups", name, "unused"], "ignore"));
    if (lookup.csv !== undefined && lookup.ignore_case === undefined && isTextKey(lookup))
      add(`lookups.${name}.ignore_case`, (copy) => put(copy, ["lookups", name, "ignore_case"], true));
  }
  for (const [name, { type, default: usual }] of inputs) {
    if (type === "boolean" && typeof usual === "boolean")
      add(`the other default of ${name}`, (copy) => put(copy, ["inputs", name, "default"], !usual));
    if (type === "duration" && typeof usual === "string")
      add(`another default of ${name}`, (copy) => put(copy, ["inputs", name, "default"], `1${usual}`));
    for (const key of ["pattern", "enum", "min", "max", "min_length", "max_length"])
      add(`without ${key} of ${name}`, (copy) => drop(copy, ["inputs", name, key]));
    const least = Number(at(document, ["inputs", name, "min_length"]) ?? 0);
    if (least > 1)
      add(`one less than min_length of ${name}`, (copy) => put(copy, ["inputs", name, "min_length"], least - 1));
  }
  return slips;
}

/** Left out, these mean the same. */
const defaults: Readonly<Record<string, unknown>> = { unused: "warn", ignore_case: false, optional: false };

const operators = [
  ["==", "!="],
  ["!=", "=="],
  ["<=", ">"],
  ["<=", "<"],
  [">=", "<"],
  [">=", ">"],
  ["&&", "||"],
  ["||", "&&"],
] as const;

type Tree = Record<string | number, unknown>;

function clausesOf(document: Tree): readonly Path[] {
  const { filter } = document;
  if (Array.isArray(filter)) return filter.map((_, place) => ["filter", place]);
  return typeof filter === "string" ? [["filter"]] : [];
}

/** The member `name` of each element of a list. */
function pathsOf(document: Tree, list: string, name: string): readonly Path[] {
  const path = list.split(".");
  return [...((at(document, path) ?? []) as unknown[]).keys()].map((place) => [...path, place, name]);
}

function isTextKey({ key, fields }: Tree): boolean {
  return typeof key === "string" && (fields as Tree | undefined)?.[key] === "string";
}

function placesOf(text: string, part: string): readonly number[] {
  const places: number[] = [];
  for (let place = text.indexOf(part); place !== -1; place = text.indexOf(part, place + 1)) places.push(place);
  return places;
}

function leavesOf(tree: unknown, path: Path = []): readonly Leaf[] {
  if (typeof tree === "string") return [{ path, text: tree }];
  if (tree === null || typeof tree !== "object") return [];
  const step = (name: string): string | number => (Array.isArray(tree) ? Number(name) : name);
  return Object.entries(tree).flatMap(([name, inside]) => leavesOf(inside, [...path, step(name)]));
}

/** Members at the ends of a tree. */
function membersOf(tree: unknown, path: Path): readonly Path[] {
  if (tree === null || typeof tree !== "object") return tree === undefined ? [] : [path];
  const step = (name: string): string | number => (Array.isArray(tree) ? Number(name) : name);
  return Object.entries(tree).flatMap(([name, inside]) => membersOf(inside, [...path, step(name)]));
}

function at(tree: unknown, path: Path): unknown {
  return path.reduce<unknown>((node, step) => (node as Tree | undefined)?.[step], tree);
}

function put(tree: unknown, path: Path, value: unknown): void {
  (at(tree, path.slice(0, -1)) as Tree)[path.at(-1)!] = value;
}

function drop(tree: unknown, path: Path): void {
  const holder = at(tree, path.slice(0, -1)) as Tree | unknown[] | undefined;
  const last = path.at(-1)!;
  if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else if (holder !== undefined) Reflect.deleteProperty(holder, last);
}
