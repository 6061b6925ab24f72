import type { ASTNode, BinaryOperator } from "@marcbachmann/cel-js";
import { ExpressionError } from "../core/model/frozen.ts";
import { isComprehension, sourceOf } from "./bounds.ts";
import { isList, isMap, isTable, kindOf, lift, shown, type Cel, type CelMap, type CelTable } from "./cel.ts";
import { functions, methods, type FunctionFacts } from "./functions.ts";
import { add, arithmetic, compare, contains, equal, negate, nullHint } from "./operators.ts";
import { maxList, type Work } from "./work.ts";

interface Run {
  readonly names: CelMap;
  /** Variables of comprehensions. */
  readonly locals: Map<string, Cel>;
  readonly work: Work;
}

type Step = (run: Run) => Cel;

/**
 * Turn a checked expression into a closure. We evaluate ourselves instead of letting the library do it: only so every step
 * can be counted, every text and list capped, whole numbers kept exact, and a comparison of different kinds be an error.
 */
export function compile(node: ASTNode): Step {
  const step = compileNode(node);
  return (run) => {
    run.work.spend(1);
    return step(run);
  };
}

function compileNode(node: ASTNode): Step {
  switch (node.op) {
    case "value":
      return constant(node.args as Cel);
    case "id":
      return variable(node.args);
    case ".":
      return member(node, node.args[0], node.args[1]);
    case "[]":
      return index(node);
    case "call":
      return node.args[0] === "has" ? has(node) : call(node, functions[node.args[0]], node.args[1]);
    case "rcall":
      if (isComprehension(node)) return comprehension(node);
      return call(node, methods[node.args[0]], [node.args[1], ...node.args[2]]);
    case "list":
      return listOf(node.args);
    case "map":
      return mapOf(node.args);
    case "?:":
      return choice(node.args);
    case "&&":
      return logical(node.args, false);
    case "||":
      return logical(node.args, true);
    case "!_":
      return not(node.args);
    case "-_": {
      const value = compile(node.args);
      return (run) => negate(value(run));
    }
    case ".?":
    case "[?]":
      throw new ExpressionError(`${sourceOf(node)}: optional access is not part of plans`);
    default:
      return binary(node.op, node.args);
  }
}

function constant(value: Cel): Step {
  return () => value;
}

function variable(name: string): Step {
  return ({ names, locals }) => {
    const local = locals.get(name);
    if (local !== undefined) return local;
    if (Object.hasOwn(names, name)) return lift(names[name] ?? null);
    throw new ExpressionError(`${name} is not known here`);
  };
}

function member(node: ASTNode, object: ASTNode, name: string): Step {
  const container = compile(object);
  return (run) => memberOf(container(run), name, { node, object });
}

interface Taken {
  readonly node: ASTNode;
  readonly object: ASTNode;
}

function memberOf(value: Cel, name: string, { node, object }: Taken): Cel {
  if (isTable(value)) return rowOf(value, name);
  if (!isMap(value))
    throw new ExpressionError(
      `${sourceOf(node)}: ${sourceOf(object)} is ${kindOf(value)}, which has no members`,
      nullHint(value),
    );
  if (!Object.hasOwn(value, name)) throw new ExpressionError(`${sourceOf(object)} has no member ${shown(name)}`);
  return lift(value[name] ?? null);
}

/** A row that is not there is an error of whoever looked for it: `in` asks first. */
function rowOf(table: CelTable, key: Cel): Cel {
  const place = table.placeOf(key);
  const row = place === undefined ? undefined : table.rows[place];
  if (row !== undefined) return row;
  throw new ExpressionError(
    `lookup ${table.name} has no row for ${shown(key)}`,
    nullHint(key) ?? `Ask for it first: … in lookup.${table.name}`,
  );
}

function index(node: ASTNode & { readonly op: "[]" }): Step {
  const [object, at] = node.args;
  const [container, place] = [compile(object), compile(at)];
  return (run) => {
    const key = place(run);
    const list = container(run);
    if (isTable(list)) return rowOf(list, key);
    if (typeof key === "string") return memberOf(list, key, { node, object });
    if (!isList(list) || typeof key !== "bigint")
      throw new ExpressionError(
        `${sourceOf(node)}: can not take ${shown(key)} of ${kindOf(list)}`,
        nullHint(list, key),
      );
    const element = list[Number(key)];
    if (element === undefined) throw new ExpressionError(`${sourceOf(node)}: the list has ${list.length} elements`);
    return lift(element);
  };
}

/** Whether there is a value: what is unset is null, and a member, a row or an element may be missing. */
function has(node: ASTNode & { readonly op: "call" }): Step {
  const target = node.args[1][0];
  if (target === undefined) throw new ExpressionError(`${sourceOf(node)}: has(…) needs a value, such as item.name`);
  if (target.op === ".") return isThere(target.args[0], constant(target.args[1]));
  if (target.op === "[]") return isThere(target.args[0], compile(target.args[1]));
  const value = compile(target);
  return (run) => value(run) !== null;
}

function isThere(object: ASTNode, key: Step): Step {
  const container = compile(object);
  return (run) => {
    const place = key(run);
    const value = container(run);
    if (isTable(value)) return value.placeOf(place) !== undefined;
    if (isList(value)) return typeof place === "bigint" && (value[Number(place)] ?? null) !== null;
    return isMap(value) && typeof place === "string" && Object.hasOwn(value, place) && value[place] !== null;
  };
}

function call(node: ASTNode, facts: FunctionFacts | undefined, args: readonly ASTNode[]): Step {
  if (facts === undefined) throw new ExpressionError(`${sourceOf(node)}: there is no such function`);
  const { run, takesOmit = false } = facts;
  const steps = args.map(compile);
  return (at) => {
    const values = steps.map((step) => step(at));
    if (!takesOmit && values.some((value) => typeof value === "symbol"))
      throw new ExpressionError(`${sourceOf(node)}: \`omit\` is not a value`);
    for (const value of values) if (typeof value === "string") at.work.read(value);
    try {
      return run(values, { work: at.work, now: at.names.now });
    } catch (error) {
      throw named(node, error);
    }
  };
}

function listOf(elements: readonly ASTNode[]): Step {
  const steps = elements.map(compile);
  // Made once, so that a long list of ids is indexed once.
  if (elements.every(({ op }) => op === "value")) return constant(elements.map(({ args }) => args as Cel));
  return (run) => steps.map((step) => step(run));
}

function mapOf(entries: readonly (readonly [ASTNode, ASTNode])[]): Step {
  const steps = entries.map(([key, value]) => [literalText(key), compile(value)] as const);
  return (run) => Object.fromEntries(steps.map(([name, step]) => [name, step(run)]));
}

/** Keys of maps are texts in quotes: `bounds` has seen to it. */
function literalText(node: ASTNode): string {
  return node.op === "value" && typeof node.args === "string" ? node.args : sourceOf(node);
}

function choice([condition, yes, no]: readonly [ASTNode, ASTNode, ASTNode]): Step {
  const [test, left, right] = [compile(condition), compile(yes), compile(no)];
  return (run) => (truth(test(run), condition) ? left(run) : right(run));
}

/** What an error costs that is made and then not needed. */
const failureSteps = 50;

/** As CEL has it: what decides the result does so on either side, even if the other side can not be evaluated. */
function logical([left, right]: readonly [ASTNode, ASTNode], decisive: boolean): Step {
  const [first, second] = [compile(left), compile(right)];
  return (run) => {
    let failure: ExpressionError | undefined;
    try {
      if (truth(first(run), left) === decisive) return decisive;
    } catch (error) {
      if (!(error instanceof ExpressionError) || run.work.isSpent) throw error;
      run.work.spend(failureSteps);
      failure = error;
    }
    if (truth(second(run), right) === decisive) return decisive;
    if (failure !== undefined) throw failure;
    return !decisive;
  };
}

function not(node: ASTNode): Step {
  const step = compile(node);
  return (run) => !truth(step(run), node);
}

function truth(value: Cel, node: ASTNode): boolean {
  if (typeof value === "boolean") return value;
  throw new ExpressionError(`${sourceOf(node)} is ${kindOf(value)}, not true or false`, nullHint(value));
}

function binary(operator: BinaryOperator, [left, right]: readonly [ASTNode, ASTNode]): Step {
  const [first, second] = [compile(left), compile(right)];
  const apply = operation(operator);
  return (run) => {
    const a: Cel = first(run);
    const b: Cel = second(run);
    try {
      return apply(a, b, run.work);
    } catch (error) {
      throw named({ input: left.input, start: left.start, end: right.end }, error);
    }
  };
}

export function operation(operator: BinaryOperator): (a: Cel, b: Cel, work: Work) => Cel {
  switch (operator) {
    case "==":
      return equal;
    case "!=":
      return (a, b, work) => !equal(a, b, work);
    case "in":
      return contains;
    case "+":
      return add;
    case "<":
      return (a, b, work) => compare(a, operator, b, work) < 0;
    case "<=":
      return (a, b, work) => compare(a, operator, b, work) <= 0;
    case ">":
      return (a, b, work) => compare(a, operator, b, work) > 0;
    case ">=":
      return (a, b, work) => compare(a, operator, b, work) >= 0;
    case "-":
    case "*":
    case "/":
    case "%":
      return (a, b) => arithmetic(a, operator, b);
  }
}

function comprehension(node: ASTNode & { readonly op: "rcall" }): Step {
  const [name, range, args] = node.args;
  const [variableNode, ...bodies] = args;
  const variableName = variableNode?.op === "id" ? variableNode.args : "";
  const [source, body, last] = [compile(range), bodies[0], bodies.at(-1)];
  if (body === undefined || last === undefined)
    throw new ExpressionError(`${sourceOf(node)}: ${name} needs a variable and an expression`);
  const [test, result] = [compile(body), compile(last)];
  const walk = walker(name, bodies.length > 1);
  return (run) => {
    const elements = elementsOf(source(run), range);
    const around = run.locals.get(variableName);
    const at = (step: Step, element: Cel): Cel => {
      run.locals.set(variableName, lift(element));
      return step(run);
    };
    try {
      return walk(elements, {
        test: (element) => truth(at(test, element), body),
        result: (element) => at(result, element),
        work: run.work,
      });
    } finally {
      if (around === undefined) run.locals.delete(variableName);
      else run.locals.set(variableName, around);
    }
  };
}

interface Walk {
  readonly test: (element: Cel) => boolean;
  readonly result: (element: Cel) => Cel;
  readonly work: Work;
}

function walker(name: string, filtered: boolean): (elements: readonly Cel[], walk: Walk) => Cel {
  switch (name) {
    case "all":
      return (elements, { test }) => elements.every(test);
    case "exists":
      return (elements, { test }) => elements.some(test);
    case "exists_one":
      return (elements, { test }) => elements.filter(test).length === 1;
    case "filter":
      return (elements, { test }) => elements.filter(test);
    default:
      return (elements, { test, result, work }) => {
        work.list(Math.min(elements.length, maxList));
        return (filtered ? elements.filter(test) : elements).map(result);
      };
  }
}

function elementsOf(value: Cel, node: ASTNode): readonly Cel[] {
  if (isList(value)) return value;
  if (isTable(value)) return value.keys;
  if (isMap(value)) return Object.keys(value);
  throw new ExpressionError(`${sourceOf(node)} is ${kindOf(value)}, not a list`, nullHint(value));
}

/** An error of a function or operator, with the text it arose in. */
function named(
  node: { readonly input: string; readonly start: number; readonly end: number },
  error: unknown,
): unknown {
  if (!(error instanceof ExpressionError)) return error;
  const text = node.input.slice(node.start, node.end);
  const short = text.length > 80 ? `${text.slice(0, 77)}...` : text;
  return error.message.startsWith(`${short}: `) ? error : new ExpressionError(`${short}: ${error.message}`, error.hint);
}
