import type { ErrorRule } from "../../core/model/protocol.ts";
import type { ServiceCompiler } from "./compiler.ts";
import { toldCondition, toldDoubt } from "./conditions.ts";
import type { ErrorDocument } from "./document.ts";
import { answerScope } from "./names.ts";

export function compileErrors(documents: readonly ErrorDocument[], compiler: ServiceCompiler): readonly ErrorRule[] {
  const known = answerScope(["http", "error", "result", "body"]);
  return documents.map((document, at) => {
    const path = ["errors", at];
    const when = compiler.condition([...path, "when"], document.when, known);
    return {
      when: toldCondition(when),
      whyNot: toldDoubt(when),
      message: document.message === undefined ? undefined : compiler.finder([...path, "message"], document.message),
      class: document.class,
    };
  });
}
