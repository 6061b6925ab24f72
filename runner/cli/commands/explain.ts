import { formatVersion } from "../../core/model/events.ts";
import { RunnerError } from "../../core/model/errors.ts";
import type { RunId } from "../../core/model/item.ts";
import { cleanJson } from "../../reporters/clean.ts";
import type { Around } from "../../reporters/explained/around.ts";
import { differenceText } from "../../reporters/explained/difference.ts";
import { itemText } from "../../reporters/explained/item.ts";
import { nearMissText } from "../../reporters/explained/near.ts";
import { Storyteller, type StoryLine } from "../../reporters/story.ts";
import type { ItemExplanation } from "../../core/model/explained.ts";
import { openDesk, type Desk } from "../desk.ts";
import type { Io } from "../io.ts";
import {
  commandLine,
  defineCommand,
  fileFlag,
  planFlags,
  wholeNumber,
  zoneFlags,
  type PlanFlags,
  type ZoneFlags,
} from "../options.ts";
import { runsAndPlans } from "../proposals.ts";
import { whileReading } from "../reading.ts";

export type ExplainFlags = PlanFlags &
  ZoneFlags & {
    readonly near: boolean;
    readonly against?: string;
    readonly from?: string;
    readonly examples: number;
  };

export const command = defineCommand<ExplainFlags, [string, string?]>({
  sentence: "Say why an item is where it is: clauses, request, story; or what nearly matched",
  parameters: {
    flags: {
      ...planFlags,
      ...zoneFlags,
      near: {
        kind: "boolean",
        default: false,
        withNegated: false,
        brief: "Items that one clause of the filter alone keeps out; so it is without an ID",
      },
      against: {
        kind: "parsed",
        parse: String,
        optional: true,
        placeholder: "RUN",
        brief:
          "Which items this run selects and that one did not, and the other way round; last: the one of the same plan before it",
      },
      from: fileFlag("Of a plan: decide on the inventory.ndjson of an earlier run; no network"),
      examples: {
        kind: "parsed",
        parse: wholeNumber(0),
        default: "5",
        placeholder: "N",
        brief: "Items that are named of each clause, at most",
      },
    },
    positional: {
      kind: "tuple",
      parameters: [
        {
          brief: "A run, as for `show`, whose folder tells all; or a plan, whose list is read as by a preview",
          parse: String,
          proposeCompletions: runsAndPlans,
          placeholder: "RUN|PLAN",
        },
        {
          brief: "An item: its id, or its title if no other has that",
          parse: String,
          placeholder: "ID",
          optional: true,
        },
      ],
    },
  },
  run: explain,
});

/** Why an item of a run is where it is, what nearly matched, or how two runs differ. Offline, unless a plan is named. Exit 0. */
export async function explain(io: Io, flags: ExplainFlags, what: string, item?: string): Promise<number> {
  refuseTogether(flags, item);
  await using desk = await openDesk(io, flags);
  const run = isRunWord(what) ? asRun(what, flags) : await runOf(desk, flags, what);
  const around = aroundOf(desk, flags);
  if (flags.against !== undefined) await tellDifference(desk, flags, { run, against: flags.against, around });
  else if (item === undefined) await tellNearMisses(desk, flags, { run, around });
  else await tellItem(desk, flags, { run, item, around });
  return 0;
}

function refuseTogether({ near, against }: ExplainFlags, item: string | undefined): void {
  const asked = [
    ...(item === undefined ? [] : [`the item ${item}`]),
    ...(near ? ["--near"] : []),
    ...(against === undefined ? [] : ["--against"]),
  ];
  if (asked.length < 2) return;
  throw new RunnerError("usage", `${asked.join(" and ")}: one question at a time.`, {
    hint: "Leave all but one out.",
  });
}

/** What can be a run is one: a plan of such a name is named as `./NAME`. */
function isRunWord(word: string): boolean {
  return word === "latest" || /^[0-9][0-9A-Za-z-]*$/.test(word);
}

function asRun(run: string, { set, inputs, service, from }: ExplainFlags): string {
  const given = Object.entries({ set, inputs, service, from }).find(([, value]) => value !== undefined);
  if (given === undefined) return run;
  throw new RunnerError("usage", `--${given[0]} is about a plan, and ${run} is a run: what it went by is frozen.`, {
    hint: `Leave it out, or name the plan. A plan file of that name: ./${run}`,
  });
}

/** Read the list of a plan as a preview does. The run that this leaves can be asked again without a network. */
async function runOf(desk: Desk, flags: ExplainFlags, file: string): Promise<string> {
  const { io, screen, workspace } = desk;
  const plan = await desk.loadPlan(file, desk.inputs(flags, { twice: false }));
  const run = await whileReading(desk, {
    flags,
    start: async (options, tell) => {
      let found: RunId | undefined;
      const from = flags.from === undefined ? {} : { from: flags.from };
      for await (const event of workspace.preview(plan, { ...options, ...from })) {
        if (event.type === "run") found = event.run;
        tell(event);
      }
      if (found === undefined) throw new Error("a preview tells its run first");
      return found;
    },
  });
  if (!flags.json)
    screen.note(`Nothing was sent. Ask again without a network: ${commandLine(io, flags, ["explain", run, "ID"])}`);
  return run;
}

function aroundOf({ io, screen }: Desk, flags: ExplainFlags): Around {
  const { width, paint } = screen;
  return { zone: flags.zone, width, paint, command: (...words) => commandLine(io, flags, words) };
}

interface Asked {
  readonly run: string;
  readonly around: Around;
}

async function tellItem(
  { workspace, screen }: Desk,
  flags: ExplainFlags,
  { run, item, around }: Asked & { readonly item: string },
): Promise<void> {
  const told = await workspace.explain(run, item);
  const story = await storyOf(workspace, told, flags.zone);
  if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "explanation", ...told, story }));
  else screen.result(itemText(told, story, around));
}

async function storyOf(
  workspace: Desk["workspace"],
  { of: { run, types }, ended }: ItemExplanation,
  zone: string,
): Promise<readonly StoryLine[]> {
  if (ended === undefined) return [];
  const storyteller = new Storyteller({ types, zone });
  const lines: StoryLine[] = [];
  for await (const record of workspace.records(run))
    lines.push(...storyteller.tell(record).filter(({ index }) => index === ended.index));
  return lines;
}

async function tellNearMisses({ workspace, screen }: Desk, flags: ExplainFlags, { run, around }: Asked): Promise<void> {
  const report = await workspace.nearMisses(run, { examples: flags.examples });
  if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "near-misses", ...report }));
  else screen.result(nearMissText(report, around));
}

async function tellDifference(
  { workspace, screen }: Desk,
  flags: ExplainFlags,
  { run, against, around }: Asked & { readonly against: string },
): Promise<void> {
  const told = await workspace.difference(run, against);
  if (flags.json) screen.result(cleanJson({ v: formatVersion, type: "difference", ...told }));
  else screen.result(differenceText(told, around));
}
