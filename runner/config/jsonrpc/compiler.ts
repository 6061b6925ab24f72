import { mostProblems } from "../../core/model/errors.ts";
import type { Value } from "../../core/model/item.ts";
import type { Problem } from "../../core/model/problem.ts";
import type { Finder } from "../../core/model/protocol.ts";
import { ExpressionFaults, reservedNames, type Expression } from "../../language/expression.ts";
import { isSpread, lostPart, parsePath, valueAt } from "../../language/paths.ts";
import type { Finding, Path, Source } from "../../language/source.ts";
import type { Told } from "../../language/told.ts";
import { compileTemplate, type Template } from "../../language/template.ts";
import { dotted, valueAt as partAt } from "../../language/tree.ts";
import type { ConfigScope } from "./names.ts";
import { discreet } from "./wording.ts";

/** Compiles what the config says of one service and keeps every problem, placed in the file. Paths begin at the service. */
export class ServiceCompiler {
  readonly problems: Problem[] = [];
  /** Secrets that some template uses. */
  readonly usedSecrets = new Set<string>();
  readonly #source: Source;
  readonly #service: Path;
  readonly #told: Told;

  /** @param told Where the shape was wrong: what stands there is not what was written. */
  constructor(source: Source, service: Path, told: Told) {
    this.#source = source;
    this.#service = service;
    this.#told = told;
  }

  /** A place as people write it. */
  place(path: Path): string {
    return dotted([...this.#service, ...path]);
  }

  report(path: Path, finding: Omit<Finding, "path">): void {
    const whole = [...this.#service, ...path];
    if (this.problems.length > mostProblems || this.#told.covers(whole)) return;
    this.problems.push(this.#source.problem({ ...finding, path: whole }));
  }

  template(path: Path, value: Value, known: ConfigScope): Template {
    const template = compileTemplate(value, {
      scope: known.scope,
      report: (below, { start, ...fault }) => {
        const said = discreet({ ...fault, start }, textAt(value, below), known);
        this.report([...path, ...below], { ...said, offset: start });
      },
    });
    this.#use(path, template.uses);
    return template;
  }

  /** A bare expression that is true or false. Undefined: it was reported. */
  condition(path: Path, text: string, known: ConfigScope): Expression | undefined {
    if (/^\s*\$\{\{[\s\S]*\}\}\s*$/.test(text)) {
      const message = "this key is an expression already";
      this.report(path, { code: "wrapped-expression", message, hint: "Write it without ${{ }}." });
      return undefined;
    }
    try {
      const expression = known.scope.compile(text);
      this.#use(path, expression.uses);
      if (expression.type === "bool" || expression.type === "dyn") return expression;
      const message = `the expression gives ${expression.type}, not true or false`;
      this.report(path, { code: "bad-type", message });
    } catch (error) {
      if (!(error instanceof ExpressionFaults)) throw error;
      for (const fault of error.faults) this.report(path, { ...discreet(fault, text, known), offset: fault.start });
    }
    return undefined;
  }

  /** A path to one value. */
  finder(path: Path, text: string): Finder {
    const find = this.memberFinder(path, text);
    return (answer) => find(answer) ?? null;
  }

  /** The same, with undefined where the path leads nowhere: what is null is there. */
  memberFinder(path: Path, text: string): (answer: Value) => Value | undefined {
    const parsed = parsePath(text);
    if (parsed !== undefined && parsed.up === 0 && !isSpread(parsed)) {
      return (value) => {
        const start = { value, around: [] };
        return lostPart(start, parsed) === undefined ? valueAt(start, parsed) : undefined;
      };
    }
    const isOfMany = parsed !== undefined && parsed.up === 0;
    const message = `${this.place(path)} ${isOfMany ? "leads to many values, and one is wanted" : "is not a path"}`;
    this.report(path, { code: "bad-path", message, hint: "Write . for the whole, or members: a.b, a[0].b." });
    return () => null;
  }

  /** What is given a name here has to be found by it in expressions. */
  named(path: Path, owner: "secrets" | "session", name: string): void {
    if (!reservedNames.has(name)) return;
    const message = `CEL reserves ${name}: ${owner}.${name} could not be read`;
    this.report(path, { at: "key", code: "reserved-name", message, hint: "Give it another name." });
  }

  #use(path: Path, uses: ReadonlySet<string>): void {
    for (const use of uses) {
      const [owner, name] = use.split(".");
      if (owner === "secrets" && name !== undefined) this.usedSecrets.add(name);
      if (name !== undefined || (owner !== "secrets" && owner !== "session")) continue;
      const message = `${owner} can only be used by the names in it`;
      this.report(path, { code: "bad-name", message, hint: `Write ${owner}.name.` });
    }
  }
}

/** The scalar in a value that a fault was found in. */
function textAt(value: Value, path: Path): string {
  const found = partAt(value, path);
  return typeof found === "string" ? found : "";
}
