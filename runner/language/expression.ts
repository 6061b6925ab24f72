import { Environment, type ASTNode, type ParseResult } from "@marcbachmann/cel-js";
import { ExpressionError } from "../core/model/frozen.ts";
import { lazily } from "../core/model/lazily.ts";
import { astFaults, children, isComprehension, limits, sourceOf, textFault, type Fault } from "./bounds.ts";
import type { Cel, CelMap } from "./cel.ts";
import { enumFaults } from "./enum-names.ts";
import { compile } from "./evaluate.ts";
import { flowOf } from "./flow.ts";
import { functions, methods } from "./functions.ts";
import { faultOf, unknownName } from "./library-faults.ts";
import { loosen } from "./loosened.ts";
import type { Names, NameType } from "./names.ts";
import { slipIn } from "./slips.ts";
import { Work } from "./work.ts";
import { writtenFaults } from "./written.ts";

export type { CelType, Names, NameType, RecordType } from "./names.ts";

/** A checked expression. Pure: the same names give the same result. */
export interface Expression {
  readonly text: string;
  /** As CEL names it. */
  readonly type: string;
  /** The members of names it uses, such as `item.product_id`; a name used as a whole stands alone. */
  readonly uses: ReadonlySet<string>;
  /** What to say where its result has to be there. Undefined: it is never null, as far as that is known. */
  readonly empty: Fault | undefined;
  /** What it gives may be a list that holds null. */
  readonly holdsNull: boolean;
  /** What it may come to that is written out, and where. */
  readonly literals: readonly Literal[];
  /** Values that are not null where it gives that. */
  proves(outcome: boolean): ReadonlySet<string>;
  /**
   * @param steps How many it may take, where that is not what any expression may.
   * @throws {ExpressionError} naming the part that could not be evaluated.
   */
  evaluate(names: CelMap, steps?: number): Cel;
}

export interface Literal {
  readonly value: Cel;
  /** Offset in the expression. */
  readonly start: number;
}

/** An expression that can not be used, with every reason found. */
export class ExpressionFaults extends Error {
  readonly faults: readonly Fault[];
  /** Values that were said to be null at times: it is said once. */
  readonly empty: readonly string[];
  /** The members of names it uses, as far as it could be read. */
  readonly uses: ReadonlySet<string>;
  constructor(
    faults: readonly Fault[],
    { empty = [], ast }: { readonly empty?: readonly string[]; readonly ast?: ASTNode } = {},
  ) {
    super(faults.map(({ message }) => message).join("; "));
    this.faults = faults;
    this.empty = empty;
    this.uses = new Set(ast === undefined ? [] : usesOf(ast));
  }
}

/** Names that can not be read back in an expression: `item.in` does not parse. */
export const reservedNames: ReadonlySet<string> = new Set(
  "in let for if else as break const continue function import loop namespace package return var void while true false null prototype __proto__".split(
    " ",
  ),
);

/** What an expression looks up: `lookup.moves[item.device_id]`, or `item.device_id in lookup.moves`. */
export interface LookedFor {
  readonly lookup: string;
  /** The text of the key's expression. */
  readonly key: string;
}

interface Known {
  readonly environment: () => Environment;
  readonly given: ReadonlySet<string>;
  readonly lookedFor: LookedFor[];
}

/** Compiles expressions that see the same names. */
export class Scope {
  /** Of all expressions compiled so far. */
  readonly lookedFor: LookedFor[];
  readonly #environment: () => Environment;
  readonly #names: Names;
  readonly #secrets: ReadonlySet<string>;
  readonly #given: ReadonlySet<string>;

  /** @param secrets Paths such as `inputs.password` that exist, but not here. */
  constructor(names: Names, secrets: ReadonlySet<string> = new Set(), known?: Known) {
    this.#names = names;
    this.#secrets = secrets;
    this.#environment = known?.environment ?? lazily(() => environmentFor(names));
    this.#given = known?.given ?? new Set();
    this.lookedFor = known?.lookedFor ?? [];
  }

  /** The same names, where values that may be null are known not to be. */
  knowing(paths: Iterable<string>): Scope {
    const given = new Set([...this.#given, ...paths]);
    return new Scope(this.#names, this.#secrets, {
      ...{ environment: this.#environment, given, lookedFor: this.lookedFor },
    });
  }

  /** @throws {ExpressionFaults} */
  compile(text: string): Expression {
    const { ast, type } = this.#checked(text);
    const flow = flowOf(ast, this.#names, this.#given);
    const written = [...writtenFaults(ast, this.#names), ...enumFaults(ast, this.#names)];
    const faults = [...written, ...flow.faults.filter(({ start }) => written.every((one) => one.start !== start))];
    if (faults.length > 0) throw new ExpressionFaults(faults, { empty: flow.paths, ast });
    this.lookedFor.push(...keysOf(ast));
    const { empty, holdsNull } = flow;
    return {
      ...{ text, type, empty, holdsNull, proves: (outcome: boolean) => flow.proves(outcome) },
      literals: literalsOf(ast),
      ...compiled(ast),
    };
  }

  /** A part of an expression that was compiled already: what it may be depends on the rest. @throws {ExpressionFaults} */
  compilePart(text: string): Pick<Expression, "uses" | "evaluate"> {
    return compiled(this.#checked(text).ast);
  }

  #checked(text: string): { readonly ast: ASTNode; readonly type: string } {
    const fault = textFault(text);
    if (fault) throw new ExpressionFaults([fault]);
    const parsed = this.#parse(text);
    const { ast } = parsed;
    const faults = [...astFaults(ast), ...this.#secretFaults(ast), ...this.#nameFaults(ast, new Set())];
    if (faults.length > 0) throw new ExpressionFaults(faults, { ast });
    loosen(ast);
    const { valid, type = "dyn", error } = parsed.check();
    if (!valid) throw new ExpressionFaults([faultOf(error, text, this.#names)], { ast });
    return { ast, type };
  }

  #parse(text: string): ParseResult {
    try {
      return this.#environment().parse(text);
    } catch (error) {
      throw new ExpressionFaults([slipIn(text) ?? faultOf(error, text, this.#names)]);
    }
  }

  #secretFaults(node: ASTNode): readonly Fault[] {
    const path = node.op === "." ? sourceOf(node).replace(/\s/g, "") : "";
    const own: readonly Fault[] = this.#secrets.has(path)
      ? [
          {
            start: node.start,
            code: "secret-input",
            message: `${path} is a secret and can not be used here`,
            hint: `A secret stands in change.params only, as \${{ ${path} }} by itself or inside a text.`,
          },
        ]
      : [];
    return [...own, ...children(node).flatMap((child) => this.#secretFaults(child))];
  }

  /** The library brings names of its own, such as `google` and `int`: only ours are names here. */
  #nameFaults(node: ASTNode, variables: ReadonlySet<string>): readonly Fault[] {
    if (node.op === "id")
      return Object.hasOwn(this.#names, node.args) || variables.has(node.args)
        ? []
        : [unknownName(node.args, node.start, this.#names)];
    const variable = isComprehension(node) && node.op === "rcall" ? node.args[2][0] : undefined;
    if (node.op !== "rcall" || variable?.op !== "id")
      return children(node).flatMap((child) => this.#nameFaults(child, variables));
    const inside = new Set([...variables, variable.args]);
    return [
      ...this.#nameFaults(node.args[1], variables),
      ...node.args[2].slice(1).flatMap((body) => this.#nameFaults(body, inside)),
    ];
  }
}

const nullable: readonly string[] = ["int", "double", "string", "bool", "list", "map"];

const base = lazily(baseEnvironment);

/** Types alone: nothing of the library's evaluation is used. */
function environmentFor(names: Names): Environment {
  const environment = base().clone();
  const kinds = new Set<string>();
  const nameOf = (type: NameType): string => {
    if (typeof type === "string") return type;
    if ("listOf" in type) return `list<${nameOf(type.listOf)}>`;
    if ("tableOf" in type) return `map<${type.by}, ${nameOf(type.tableOf)}>`;
    if (!kinds.has(type.kind)) {
      kinds.add(type.kind);
      const members = Object.entries(type.members).map(([name, member]) => [name, nameOf(member)] as const);
      environment.registerType(type.kind, { fields: Object.fromEntries(members) });
    }
    return type.kind;
  };
  for (const [name, type] of Object.entries(names)) environment.registerVariable(name, nameOf(type));
  return environment;
}

function baseEnvironment(): Environment {
  const environment = new Environment({ homogeneousAggregateLiterals: false, limits });
  const never = (): never => {
    throw new Error("the checking environment does not evaluate");
  };
  for (const type of nullable) environment.registerOperator(`${type} == null`, never);
  environment.registerOperator("int == double", never);
  for (const operator of ["+", "-", "*", "/"]) {
    environment.registerOperator(`int ${operator} double: double`, never);
    environment.registerOperator(`double ${operator} int: double`, never);
  }
  for (const { signatures } of [...Object.values(functions), ...Object.values(methods)]) {
    for (const signature of signatures) environment.registerFunction(signature, never, { async: false });
  }
  return environment;
}

function compiled(ast: ASTNode): Pick<Expression, "uses" | "evaluate"> {
  const step = compileOrFault(ast);
  return {
    uses: new Set(usesOf(ast)),
    evaluate: (names, steps) => step({ names, locals: new Map(), work: new Work(steps) }),
  };
}

/** Behind `? :` and `coalesce` too. */
function literalsOf(node: ASTNode): readonly Literal[] {
  if (node.op === "value") return [{ value: node.args as Cel, start: node.start }];
  if (node.op === "?:") return node.args.slice(1).flatMap(literalsOf);
  const isHandedOn = node.op === "call" && (node.args[0] === "coalesce" || node.args[0] === "dyn");
  return isHandedOn ? node.args[1].flatMap(literalsOf) : [];
}

function compileOrFault(ast: ASTNode): ReturnType<typeof compile> {
  try {
    return compile(ast);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new ExpressionFaults([
      { start: ast.start, code: "bad-expression", message: error.message, hint: error.hint },
    ]);
  }
}

function* usesOf(node: ASTNode): Generator<string> {
  if (node.op === "id") yield node.args;
  else if (node.op === "." && node.args[0].op === "id") yield `${node.args[0].args}.${node.args[1]}`;
  else if (node.op === "[]" && node.args[0].op === "id" && node.args[1].op === "value") {
    yield `${node.args[0].args}.${String(node.args[1].args)}`;
  } else for (const child of children(node)) yield* usesOf(child);
}

function* keysOf(node: ASTNode): Generator<LookedFor> {
  const pair = node.op === "in" ? ([node.args[1], node.args[0]] as const) : node.op === "[]" ? node.args : undefined;
  const lookup = pair && lookupOf(pair[0]);
  if (pair && lookup !== undefined) yield { lookup, key: sourceOf(pair[1]) };
  for (const child of children(node)) yield* keysOf(child);
}

/** The name in `lookup.name`. */
function lookupOf(node: ASTNode): string | undefined {
  if (node.op !== "." || node.args[0].op !== "id" || node.args[0].args !== "lookup") return undefined;
  return node.args[1];
}
