import { proposeCompletions, type Application, type InputCompletion } from "@stricli/core";
import type { Io } from "./io.ts";
import { verbs, type Context, type Verb } from "./verbs.ts";

type Parser = (asked: Verb | undefined) => Promise<Application<Context>>;

/**
 * What the last of `words` may become, a line each: the word, a tab, what it is. From the commands and flags themselves, so
 * that nothing else has to be kept in step.
 */
export async function complete(words: readonly string[], io: Io, parser: Parser): Promise<number> {
  const [first, ...rest] = words;
  const line = first === "help" && rest.length > 0 ? rest : words;
  const context = { io, words: line, job: undefined, process: { ...io, exitCode: null } };
  // While the verb itself is being written, none is loaded.
  const asked = line.length < 2 ? undefined : verbs.find(({ name }) => name === line[0]);
  const application = await parser(asked);
  const proposals = await proposed(line, (input) => proposeCompletions(application, input, context));
  io.stdout.write(proposals.map(({ completion, brief }) => `${completion}\t${brief}\n`).join(""));
  return 0;
}

type Ask = (words: readonly string[]) => Promise<readonly InputCompletion[]>;

async function proposed(words: readonly string[], ask: Ask): Promise<readonly InputCompletion[]> {
  const before = words.slice(0, -1);
  const partial = words.at(-1) ?? "";
  const [, flag, value] = (before.includes("--") ? null : /^(--[^=]+)=(.*)$/s.exec(partial)) ?? [];
  if (flag !== undefined && value !== undefined) {
    const found = await proposed([...before, flag, value], ask);
    return found.filter(isValue).map((each) => after(`${flag}=`, each));
  }
  return expected(partial, [...(await ask(words)), ...(await moreOfList(before, partial, ask))]);
}

/** Further values of a flag that takes several with commas: it alone proposes all its values behind a comma. */
async function moreOfList(before: readonly string[], partial: string, ask: Ask): Promise<readonly InputCompletion[]> {
  const head = partial.slice(0, partial.lastIndexOf(",") + 1);
  if (head === "") return [];
  const given = new Set(head.split(","));
  const values = (await ask([...before, head])).filter((each) => isValue(each) && !each.completion.startsWith(head));
  return values
    .filter(({ completion }) => !given.has(completion))
    .map((each) => after(head, each))
    .filter(({ completion }) => completion.startsWith(partial));
}

/** Flags only where nothing else can stand, or when they are asked for; the bare `--` never. */
function expected(partial: string, found: readonly InputCompletion[]): readonly InputCompletion[] {
  const proposals = found.filter(({ completion }) => completion !== "--" && completion.startsWith(partial));
  if (partial.startsWith("-")) return proposals;
  const words = proposals.filter(({ kind }) => kind !== "argument:flag");
  return words.length > 0 ? words : proposals;
}

function isValue({ kind }: InputCompletion): boolean {
  return kind === "argument:value";
}

function after(prefix: string, each: InputCompletion): InputCompletion {
  return { ...each, completion: `${prefix}${each.completion}` };
}
