import { dirname, resolve } from "node:path";
import { PlanError } from "../core/model/errors.ts";
import type { Fields, Value } from "../core/model/item.ts";
import type { ItemState } from "../core/model/outcome.ts";
import type { Login } from "../core/model/frozen.ts";
import { reasonOf } from "../core/model/reason.ts";
import { checkShape } from "../language/schema.ts";
import { readSource, type Source } from "../language/source.ts";
import { liesBelow, readOwnText } from "./own-text.ts";
import { aboutFile } from "../core/model/problem.ts";

/** A test file as written, once its shape has been checked. `schemas/test.schema.json` is the contract. */
export interface TestDocument extends GivenDocument {
  readonly plan: string;
  readonly cases: readonly CaseDocument[];
}

export interface CaseDocument extends GivenDocument {
  readonly name: string;
  /** Many items more that are alike. */
  readonly crowd?: {
    readonly count: number;
    readonly of?: Fields;
    readonly are: "selected" | "already" | "filtered" | "refused";
  };
  readonly expect: ExpectDocument;
  readonly after?: AfterDocument;
}

/** What a plan meets: at the top of the file for every case, in a case for that one. */
export interface GivenDocument {
  readonly inputs?: Fields;
  readonly now?: number | string;
  readonly login?: Partial<Login>;
  readonly lookups?: Fields;
  /** By method, then by item. */
  readonly reads?: Readonly<Record<string, Fields>>;
  readonly every_item?: Fields;
  readonly items?: readonly Fields[];
  readonly lists?: readonly { readonly each: Value; readonly items: readonly Fields[] }[];
}

export interface CallDocument {
  readonly method: string;
  readonly params?: Value;
  readonly route?: { readonly device: Id };
}

type Id = number | string;
/** Ids, or by id a text that what is found must contain. */
export type IdsOrTexts = readonly Id[] | Readonly<Record<string, string>>;

export interface ExpectDocument {
  readonly selected?: readonly Id[] | Readonly<Record<string, Fields>>;
  readonly already?: readonly Id[];
  readonly filtered?: IdsOrTexts;
  readonly refused?: IdsOrTexts;
  readonly requests?: readonly CallDocument[] | number;
  readonly undo?: readonly CallDocument[] | number;
  readonly warned?: IdsOrTexts;
  readonly confirm?: "count" | "yes";
  readonly recheck?: boolean;
  readonly stop?: Readonly<Partial<Record<"errors" | "consecutive" | "unknown", number>>>;
  readonly asks?: readonly CallDocument[];
  readonly guards?: string | Readonly<Record<string, string>>;
  /** What guards allow, in their own words. */
  readonly allowed?: Readonly<Record<string, string>>;
  readonly error?: string;
}

export interface AfterDocument {
  readonly answers?: Readonly<Record<string, "accepted" | "rejected" | "lost">>;
  readonly returns?: readonly Value[];
  readonly items?: Readonly<Record<string, Fields | string>>;
  readonly lookups?: Fields;
  readonly reads?: Readonly<Record<string, Fields>>;
  readonly wait?: string;
  readonly asks?: readonly CallDocument[];
  readonly expect: Readonly<Record<string, ItemState>>;
}

export interface TestFile {
  readonly source: Source;
  readonly document: TestDocument;
  /** Path of the plan. */
  readonly plan: string;
}

/**
 * Read a test file and find its plan, which lies in its folder or below.
 * @param cwd Where its path begins; problems are told with the path as it was given. @throws {PlanError} with every problem.
 */
export async function readTestFile(file: string, cwd: string): Promise<TestFile> {
  const path = resolve(cwd, file);
  const source = readSource(await textOf(path), file);
  const { problems } = await checkShape(source, "test");
  if (problems.length > 0) throw new PlanError(problems);
  const document = source.value as unknown as TestDocument;
  const plan = resolve(dirname(path), document.plan);
  const outside = await isOutside(plan, dirname(path));
  if (outside === undefined) return { source, document, plan };
  throw new PlanError([
    source.problem({
      path: ["plan"],
      code: "bad-file",
      message: `${document.plan} ${outside}`,
      hint: "Name the plan relative to this file: it lies in the same folder or below.",
    }),
  ]);
}

async function isOutside(plan: string, folder: string): Promise<string | undefined> {
  try {
    return (await liesBelow(folder, plan)) ? undefined : "lies outside the folder of its test";
  } catch (error) {
    return `can not be read: ${reasonOf(error)}`;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readOwnText(file);
  } catch (error) {
    if (error instanceof PlanError) throw error;
    const message = `${file} can not be read: ${reasonOf(error)}`;
    throw new PlanError([aboutFile(file, { code: "unreadable", message, private: true })]);
  }
}
