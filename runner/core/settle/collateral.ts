import type { FieldFacts } from "../model/catalogue.ts";
import { digest64 } from "../model/digest.ts";
import type { AlsoCause, AlsoChanged, AlsoGroup, Also, Shift } from "../model/collateral.ts";
import type { Fields } from "../model/item.ts";
import type { Plan } from "../model/plan.ts";
import { comparable, sameValue } from "../model/values.ts";
import { fieldsToSee } from "./compare.ts";

/** Which fields of two lists are held against each other. Those that nobody was sent a change for: `own` and `others`. */
export interface Compared {
  /** Of the fields below, those that the change itself is about: the verdict on an item speaks of them. */
  readonly own: readonly FieldFacts[];
  readonly others: readonly FieldFacts[];
}

/**
 * What the list itself shows, without what changes by itself, what is secret, and what the plan makes of other fields. What
 * is read of an item by itself is not there when the list is read again.
 */
export function comparedFields(plan: Plan): Compared {
  const { fields, asked } = plan.enumerate;
  const apart = new Set((plan.reads ?? []).flatMap((read) => read.fields.map(({ name }) => name)));
  const all = (asked ?? fields).filter(
    (field) => !field.volatile && !field.secret && field.type !== "secret" && !apart.has(field.name),
  );
  const names = new Set([...plan.change.sets, ...fieldsToSee(plan)]);
  // The same column under another name changes with it, and so does the one that shows its name.
  const sources = new Set(fields.filter(({ name }) => names.has(name)).map(({ source }) => source));
  const isOwn = ({ name, source, follows = source }: FieldFacts): boolean =>
    names.has(name) || (source !== "" && (sources.has(source) || sources.has(follows)));
  return { own: all.filter(isOwn), others: all.filter((field) => !isOwn(field)) };
}

/** 64 bits of what an item holds in these fields: the same for values that are the same, whatever their order. */
export function printOf(fields: readonly FieldFacts[], item: Fields): bigint {
  return digest64(fields.map((field) => comparable(field, item[field.name] ?? null)).join("\n"));
}

/** The fields that differ, and what they were and are. */
export function shiftsOf(
  fields: readonly FieldFacts[],
  before: Fields,
  after: Fields,
): Readonly<Record<string, Shift>> {
  const values = fields.map((field) => {
    const { name } = field;
    return { field, was: before[name] ?? null, is: after[name] ?? null };
  });
  const differing = values.filter(({ field, was, is }) => !sameValue(field, was, is));
  return Object.fromEntries(differing.map(({ field, was, is }) => [field.name, { before: was, after: is }]));
}

/** What was found, kind by kind: the items that are known one by one, and how many there are in all. */
export type Findings = Readonly<Record<Also, { readonly count: number; readonly items: readonly AlsoChanged[] }>>;

/** How many items could have been found changed: `touched` of them were sent something. */
export interface Scope {
  readonly touched: number;
  readonly untouched: number;
}

/** So unlikely must it be that a field would have changed on touched items alone if that had nothing to do with the change. */
const leastLikely = 1 / 1000;

/**
 * Fields that changed as a side effect of ours by all appearances: on two touched items at least and on half of all, on no
 * untouched one, and on so many that this is hardly chance. One alone may be anybody's; and where not every changed
 * untouched item is known, no field is said to be ours.
 */
export function oursAmong({ touched, untouched }: Findings, scope: Scope): ReadonlySet<string> {
  if (untouched.count > untouched.items.length) return new Set();
  const elsewhere = new Set(untouched.items.flatMap(({ fields }) => Object.keys(fields)));
  const counts = new Map<string, number>();
  for (const { fields } of touched.items)
    for (const name of Object.keys(fields)) counts.set(name, (counts.get(name) ?? 0) + 1);
  // Items that are counted only may have changed in any field: what is said is said of the others.
  const looked = scope.touched - (touched.count - touched.items.length);
  const isOurs = ([name, changed]: readonly [string, number]): boolean =>
    !elsewhere.has(name) &&
    changed >= 2 &&
    changed * 2 >= looked &&
    chance(changed, looked, scope.untouched) <= leastLikely;
  return new Set([...counts].filter(isOurs).map(([name]) => name));
}

/** How likely it is that so many items, drawn from all of them, are all touched. */
function chance(changed: number, touched: number, untouched: number): number {
  let all = 1;
  for (let drawn = 0; drawn < changed; drawn++) {
    all *= (touched - drawn) / (touched + untouched - drawn);
    if (all < leastLikely) break;
  }
  return all;
}

/** Items of one kind with one cause. An item whose fields have several causes is in several of them, each with its fields. */
export interface Batch {
  readonly what: Also;
  readonly cause: AlsoCause;
  readonly items: readonly AlsoChanged[];
}

/** Each item that is known, under the cause of what is different about it. */
export function batchesOf(findings: Findings, ours: ReadonlySet<string>, isTouched: (id: string) => boolean): Batch[] {
  const { touched, untouched, appeared, vanished } = findings;
  const gone = (wanted: boolean): readonly AlsoChanged[] => vanished.items.filter(({ id }) => isTouched(id) === wanted);
  const batches: Batch[] = [
    { what: "touched", cause: "ours", items: narrowed(touched.items, (name) => ours.has(name)) },
    { what: "touched", cause: "unknown", items: narrowed(touched.items, (name) => !ours.has(name)) },
    { what: "untouched", cause: "elsewhere", items: untouched.items },
    { what: "appeared", cause: "elsewhere", items: appeared.items },
    { what: "vanished", cause: "unknown", items: gone(true) },
    { what: "vanished", cause: "elsewhere", items: gone(false) },
  ];
  return batches.filter(({ items }) => items.length > 0);
}

function narrowed(items: readonly AlsoChanged[], wanted: (name: string) => boolean): readonly AlsoChanged[] {
  return items.flatMap((item) => {
    const fields = Object.entries(item.fields).filter(([name]) => wanted(name));
    return fields.length === 0 ? [] : [{ ...item, fields: Object.fromEntries(fields) }];
  });
}

const examplesShown = 3;

/** The same by field, for people: commonest first within a kind. */
export function groupsOf(batches: readonly Batch[]): readonly AlsoGroup[] {
  return batches.flatMap(({ what, cause, items }) => {
    const names = new Set(items.flatMap(({ fields }) => Object.keys(fields)));
    const groups = (names.size === 0 ? [undefined] : [...names]).map((field): AlsoGroup => {
      const those = field === undefined ? items : items.filter(({ fields }) => Object.hasOwn(fields, field));
      const examples = those.slice(0, examplesShown).map(({ id, title, fields }) => ({
        ...{ id, title },
        ...(field === undefined ? {} : fields[field]),
      }));
      return { what, cause, ...(field === undefined ? {} : { field }), count: those.length, examples };
    });
    return groups.sort((a, b) => b.count - a.count);
  });
}
