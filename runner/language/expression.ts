import { Environment, type ASTNode } from "@marcbachmann/cel-js";
import { ExpressionError } from "../core/model/plan.ts";
import { astFaults, children, isComprehension, limits, sourceOf, textFault, type Fault } from "./bounds.ts";
import type { Cel, CelMap } from "./cel.ts";
import { compile } from "./evaluate.ts";
import { functions, methods } from "./functions.ts";
import { didYouMean } from "./suggest.ts";
import { Work } from "./work.ts";

/** CEL's types, as far as plans know them. `dyn`: only running it can tell. */
export type CelType = "int" | "double" | "string" | "bool" | "list" | "list<int>" | "list<string>" | "map" | "dyn";

/** The type of a name: CEL's own, a record, a list of records, or records by a key. */
export type NameType =
  | CelType
  | RecordType
  | { readonly listOf: RecordType }
  | { readonly tableOf: RecordType | "map"; readonly by: "int" | "string" | "double" | "bool" | "dyn" };

/** The names an expression may use. */
export type Names = Readonly<Record<string, NameType>>;
/** A record has exactly these members. Records of one `kind` are the same type. */
export interface RecordType {
  readonly kind: string;
  readonly members: Readonly<Record<string, NameType>>;
}

/** A checked expression. Pure: the same names give the same result. */
export interface Expression {
  readonly text: string;
  /** As CEL names it. */
  readonly type: string;
  /** The members of names it uses, such as `item.product_id`; a name used as a whole stands alone. */
  readonly uses: ReadonlySet<string>;
  /** @throws {ExpressionError} naming the part that could not be evaluated. */
  evaluate(names: CelMap): Cel;
}

/** An expression that can not be used, with every reason found. */
export class ExpressionFaults extends Error {
  readonly faults: readonly Fault[];
  constructor(faults: readonly Fault[]) {
    super(faults.map(({ message }) => message).join("; "));
    this.faults = faults;
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

/** Compiles expressions that see the same names. */
export class Scope {
  /** Of all expressions compiled so far. */
  readonly lookedFor: LookedFor[] = [];
  readonly #environment: Environment;
  readonly #names: Names;
  readonly #secrets: ReadonlySet<string>;

  /** @param secrets Paths such as `inputs.password` that exist, but not here. */
  constructor(names: Names, secrets: ReadonlySet<string> = new Set()) {
    this.#names = names;
    this.#secrets = secrets;
    this.#environment = environmentFor(names);
  }

  /** @throws {ExpressionFaults} */
  compile(text: string): Expression {
    const fault = textFault(text);
    if (fault) throw new ExpressionFaults([fault]);
    const ast = this.#parse(text);
    const uses = new Set(usesOf(ast));
    const faults = [...astFaults(ast), ...this.#secretFaults(ast), ...this.#nameFaults(ast, new Set())];
    if (faults.length > 0) throw new ExpressionFaults(faults);
    const type = this.#check(text);
    const step = compileOrFault(ast);
    this.lookedFor.push(...keysOf(ast));
    return { text, type, uses, evaluate: (names) => step({ names, locals: new Map(), work: new Work() }) };
  }

  #parse(text: string): ASTNode {
    try {
      return this.#environment.parse(text).ast;
    } catch (error) {
      throw new ExpressionFaults([this.#fault(error, text)]);
    }
  }

  #check(text: string): string {
    const checked = this.#environment.check(text);
    if (checked.valid) return checked.type ?? "dyn";
    throw new ExpressionFaults([this.#fault(checked.error, text)]);
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
        : [this.#unknownName(node.args, node.start)];
    const variable = isComprehension(node) && node.op === "rcall" ? node.args[2][0] : undefined;
    if (node.op !== "rcall" || variable?.op !== "id")
      return children(node).flatMap((child) => this.#nameFaults(child, variables));
    const inside = new Set([...variables, variable.args]);
    return [
      ...this.#nameFaults(node.args[1], variables),
      ...node.args[2].slice(1).flatMap((body) => this.#nameFaults(body, inside)),
    ];
  }

  #unknownName(name: string, start: number): Fault {
    return { start, code: "unknown-name", message: `there is no ${name} here`, hint: this.#nameHint(name) };
  }

  #fault(error: unknown, text: string): Fault {
    const { code = "", summary, range, node } = error as Partial<CelFailure>;
    const start = Math.min(range?.start ?? 0, text.length);
    const message = summary ?? (error instanceof Error ? error.message : String(error));
    switch (code) {
      case "no_such_key":
        return { start, ...this.#unknownMember(node, message) };
      case "unknown_variable":
        return this.#unknownName(message.replace("Unknown variable: ", ""), start);
      case "limit_exceeded":
        return { start, code: "expression-too-large", message: `the expression is too large: ${message}` };
      case "incompatible_ternary_branches":
        return {
          start,
          code: "bad-type",
          message: firstLower(message),
          hint: "Put dyn(…) around a branch whose type differs on purpose.",
        };
      case "no_such_overload":
        return { start, code: "bad-type", message: overloadMessage(message), hint: overloadHint(message) };
      default:
        return {
          start,
          code: error !== null && isTypeError(error) ? "bad-type" : "bad-expression",
          message: firstLower(message),
          hint: /^cannot index type/i.test(message) ? plainHint : undefined,
        };
    }
  }

  #unknownMember(node: ASTNode | undefined, message: string): Omit<Fault, "start"> {
    if (node?.op !== "." && node?.op !== "[]") return { code: "unknown-field", message: firstLower(message) };
    const name = node.op === "." ? node.args[1] : sourceOf(node.args[1]).replace(/^["']|["']$/g, "");
    const owner = sourceOf(node.args[0]);
    const record = this.#names[owner];
    const members = typeof record === "object" && "members" in record ? Object.keys(record.members) : [];
    const hint =
      owner === "item" && members.length > 0 && didYouMean(name, members) === undefined
        ? "Declare it under enumerate.fields."
        : didYouMean(name, members);
    return { code: owner === "inputs" ? "unknown-input" : "unknown-field", message: `${owner} has no ${name}`, hint };
  }

  #nameHint(name: string): string | undefined {
    if (name === "lookup") return "Declare what is to be looked up under lookups.";
    if (name === "each") return "each is known where for_each is written: it is the element whose list is read.";
    if (name === "row") return "The fields of the list are members of item.";
    return didYouMean(name, Object.keys(this.#names));
  }
}

const plainHint = "It is a plain value, as the rows of a lookup with one field are: it has no members.";

interface CelFailure {
  readonly code: string;
  readonly summary: string;
  readonly range: { readonly start: number };
  readonly node: ASTNode;
}

const nullable: readonly string[] = ["int", "double", "string", "bool", "list", "map"];

let base: Environment | undefined;

/** Types alone: nothing of the library's evaluation is used. */
function environmentFor(names: Names): Environment {
  base ??= baseEnvironment();
  const environment = base.clone();
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

function isTypeError(error: unknown): boolean {
  return error instanceof Error && error.name === "TypeError";
}

function overloadMessage(message: string): string {
  return `no such operation: ${message.replace("no such overload: ", "")}`;
}

function overloadHint(message: string): string | undefined {
  if (/\bnull\b/.test(message)) return "Only == and != can be used with null.";
  if (/int (==|!=|in|<|>|<=|>=) (list<)?string|string (==|!=|in|<|>|<=|>=) (list<)?int/.test(message)) {
    return "One side is a number and the other a text: write numbers without quotes.";
  }
  return undefined;
}

function firstLower(message: string): string {
  return message.charAt(0).toLowerCase() + message.slice(1);
}
