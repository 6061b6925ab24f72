import { pageOf } from "./page.mjs";

const intro = `# The plan, key by key

Made from \`schemas/plan.schema.json\` by \`node schemas/docs.mjs\`. A first line
\`# yaml-language-server: $schema=../../schemas/plan.schema.json\` makes editors complete and check a plan as Rollcall does.

Keys that are expressions (\`filter\`, \`that\`, \`when\`, \`expect\`, \`pending\`, \`unless\`, \`per\`, \`pass\`, \`fail\`) hold CEL bare: \`item.os_type == "server"\`. Everywhere
else \`\${{ expression }}\` renders a value: alone in a scalar it keeps its type, inside text it becomes text, and \`$\${{\` is a literal.
Map keys are never templates. YAML tags, anchors, aliases and merge keys are errors, and so is a number with a leading zero.

A plan is at most 256 KiB, with at most 200 inputs, 20 lookups of 100 fields, 500 fields, 200 filter clauses, 200 members in \`set\` and 100 \`require\` rules; one
evaluation of an expression takes at most 200 000 steps.

Durations are \`90s\`, \`5m\` (minutes), \`2h\`, \`30d\`, \`2w\`, \`6mo\`, \`1y\`, \`250ms\`; a month is 30.44 days, a year 365.24. Sizes are powers of
1024, times are Unix seconds in UTC, an unset field is \`null\` and never missing.

| where | names in scope |
| --- | --- |
| everywhere | \`inputs\`, \`lookup\`, \`login\` (\`user_id\`, \`partner_id\`, \`name\`), \`now\` (Unix seconds, frozen when the run begins; in \`hold\` and \`gate\` the time of the look) |
| \`enumerate\`, \`lookups\` | and \`each\` (with \`for_each\`), \`page\` (with \`page\`, what its kind has); of \`lookup\` only those above; \`value\` of a field: and \`item\` with the fields above, \`row\` where the service knows nothing of the list, as is \`omit\` in its params |
| \`filter\`, \`set\`, \`unless\`, \`hold.when\`, \`pace.per\` | and \`item\`: the declared fields, and \`each\` with \`for_each\` |
| \`read\`, \`verify.read\` | and \`item\`, \`run\`; in \`absent\` and in \`value\` also the answer: \`row\`, or \`rows\` where it is a list |
| \`change.params\`, \`undo.params\` | and \`item\`, \`set\`, \`omit\` (leaves a member out), \`run\` (\`id\`, \`started\`); with \`chunk\` \`items\` in place of \`item\` |
| \`warn\` | and \`item\`, \`set\` in \`when\` |
| \`undo.unless\` | and \`before\`, \`run\`; \`verify.params\`: \`each\`, \`page\`, \`run\` |
| \`expect\`, \`pending\` | and \`before\`, \`after\`, \`set\`, \`run\` |
| \`gate.pass\`, \`gate.fail\` | and \`rows\`, \`changed\` (the items of the wave as they are after it), \`run\`; in \`gate.params\` no others |

Functions beside CEL's own: \`coalesce(a, b)\`, \`merge(a, b)\`, \`union(a, b)\`, \`minus(a, b)\`, \`ago("30d")\`, \`days(n)\`, \`time("2026-01-31")\`,
\`to_bytes("500 GB")\`, \`size_text(n)\`, \`hex_text(n)\` (\`"0x1f"\`), \`base64(text)\`, \`key(a, b)\`, \`rematch(text, pattern)\` (RE2, in linear time; CEL's \`matches\` is
refused), and on text \`split join trim lowerAscii upperAscii replace startsWith endsWith contains\`. \`has(x)\` says whether there is a value: it is \`x != null\`.

**What may be empty.** A service may leave out any field of an item but its key; sets are then empty lists, all else is \`null\`. Cells of a CSV
file, fields of listed rows and inputs that need no value are the same. Null can be compared with \`==\`, \`!=\` and looked for with \`in\`; where a value
is needed, in \`<\` and \`+\`, in \`name.startsWith("x")\`, in \`ago(x)\`, inside a text, as a condition, it is an error of the plan unless it has been
tested: \`item.seen != null && item.seen < ago("30d")\`, \`coalesce(item.seen, 0) < ago("30d")\`, or a clause above it in the same \`filter\`.
What the filter has tested holds for \`set\`, \`params\`, \`unless\` and \`before\` as well, not for \`after\`. A field with a \`default\`, or with
\`optional: false\`, is never null. This finds what is sure to be wrong on such an item, not all that can be: what has no type, such as the members of
an answer, is only known when it is there, and refuses its item then.

Elements of a list are followed the same way where it is known what they are. A list or a set that a service sends is taken to hold no null;
an element that is null all the same (\`["a", null]\`) is not dropped, and refuses its item where a value is needed, unless it is tested:
\`item.tags.exists(t, t != null && t.startsWith("z"))\`. An input that is a list holds none, and neither does a lookup of plain
values: of a one-column CSV file, the rows whose cell is empty are left out, so that an item without a name is not \`in\` it. Null is in a list
that holds null, and in no table and no map: \`item.name in lookup.names\` therefore says that there is a name, \`item.name in item.tags\` does not.

**Whole numbers are exact.** A number beyond 2^53 stays one: it is compared, counted with (within 64 bits) and sent as the digits that it came
with. YAML would round such a number: write it as \`\${{ 9007199254740993 }}\`, or in quotes where a field or an input of a whole type takes it.

**Lists that the service knows nothing of.** A service whose config says how it is spoken to, and no more, leaves it to the plan to describe
its lists: \`rows\`, \`key\`, \`fields\` with their types, and \`page\`. A row that is no object where fields are its members, a row without its key,
a key that is there twice or a value that is not of its type refuses the list: nothing is decided from it. So does a path that no row has, of
a field that is set, the key or the title, or that the filter, params or \`expect\` use; of any other field the preview warns of it. The same
holds for what a \`read\` shows. \`optional: true\`, written out, says that it may be missing everywhere.

**Waves and stops.** A change goes out in waves, each verified before the next starts; a count that is exceeded stops the run before the
next wave. The counts are tolerated: \`errors: 2\` stops at the third.

\`\`\`yaml
pace: { waves: [1, 10%, 100%], pause: 10m, cover: [os_type] }
stop: { errors: 2, of: wave, on_stop: verify }
\`\`\`

**Groups.** With \`per\` each customer, say, has a budget of errors of its own: one that goes wrong is parked and the others go on, until more than
\`groups\` are parked.

\`\`\`yaml
pace: { per: partner_id, per_concurrency: 2 }
stop: { errors: 2, groups: 3 }
\`\`\`

**Holds.** An item that is busy when its turn comes goes to the back of the queue, and is no error. It is read afresh, fields of \`read\` and
lookups that \`when\` uses included, and judged by the time of that look: \`ago("15m")\` is a quarter of an hour before it, so an item that was busy
when the run began is free once it is quiet for so long. Filter and change keep the time of the list, and so does a field that the plan computes with
\`now\`: write the time in \`when\` itself.

\`\`\`yaml
hold: { when: item.last_timestamp != null && item.last_timestamp > ago("15m"), every: 5m, give_up: 6h }
\`\`\`

**Gates.** What a list or any other call shows after a wave decides whether the next one starts. \`rows\` are maps, also with one field; an answer
that is no list is one row. Neither pass nor fail holds the run for a person. \`now\` and \`ago(…)\` are of the time of each measurement, in \`params\` too;
\`run.started\` is when the run began.

\`\`\`yaml
gate:
  call: EnumerateAccountStatistics
  params: { query: { PartnerId: 8, Filter: "T0 == 2" } }
  fields: [device_id]
  wait: 30m
  pass: rows.size() == 0
  fail: rows.exists(row, changed.exists(i, i.device_id == row.device_id))
\`\`\`

**Windows.** Outside of its window a run sends no change: it waits, and says until when. What is after midnight belongs to the day on which the
window opened.

\`\`\`yaml
window: { days: [mon, tue, wed, thu], from: "22:00", to: "05:00", zone: Europe/Berlin }
\`\`\`

**Dangers.** \`rollcall validate\` warns of what is valid and hardly ever meant, with its place, a code and what to do: a filter that is always true,
a removal by an old list, a value that is another one in every run. A warning changes no exit code, but for \`validate --strict\`, which
then ends with 3. \`preview\` and \`apply\` say the same in a line each, and the preview adds what depends on the number of items: a percentage
that is none of them, a stop that can not be exceeded. What a plan means all the same it says with a reason, under \`accept_risks\`.

**Going back.** \`rollcall undo RUN\` reads the list afresh and saves a change set that gives items their old values, by \`undo.call\` or else by
the change itself. It is applied as any other: compared right before each send, verified, once, and can be undone in its turn. Only what is
confirmed and known to be the run's own goes back, and only where the item still holds what the run wrote; everything else that the run may have
changed is listed with the reason and left alone, what is gone from the list with title and id: an undo of which nothing can go back ends with 5, one
that is not whole is applied as far as it goes and ends with 6. What was removed, secret fields and changes without \`set\` do not come back.

Names of enums and flags are looked at wherever they are written out: \`item.os_type == "Workstation"\` is an error, because the name is
\`workstation\`. A number that has no name yet stays the text of its digits and may be compared with: \`item.os_type == "7"\`.
`;

const sections = [
  ["`inputs.<name>`", "input"],
  ["`lookups.<name>`", "lookup"],
  ["`enumerate`", "enumerate"],
  ["`enumerate.fields.<name>`", "field"],
  ["`enumerate.page`", "page"],
  ["`read`", "read"],
  ["`change`", "change"],
  ["`change.result`", "result"],
  ["`undo`", "undo"],
  ["`guards`", "guards"],
  ["`warn[]`", "warning"],
  ["`pace`", "pace"],
  ["`stop`", "stop"],
  ["`hold`", "hold"],
  ["`gate`", "gate"],
  ["`window`", "window"],
  ["`verify`", "verify"],
  ["`verify.read`", "verifyRead"],
  ["`accept_risks`", "acceptRisks"],
];

/** docs/plan.md */
export const planPage = (schema) => pageOf(schema, { intro, sections });
