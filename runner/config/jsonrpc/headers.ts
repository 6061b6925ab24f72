/** Header names that a request or an answer can have. */
export function isHeaderName(name: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(name);
}

/** Whether a header belongs to HTTP itself, or to how the request is sent: nobody else sets it. */
export function isReserved(name: string): boolean {
  return reserved.has(name.toLowerCase()) || /^(proxy|sec)-/i.test(name);
}

const reserved: ReadonlySet<string> = new Set(
  "accept accept-encoding connection content-encoding content-length content-type date expect host keep-alive te trailer transfer-encoding upgrade user-agent via".split(
    " ",
  ),
);

/** What is wrong with the value of a header; undefined: nothing. */
export function valueFault(text: string): string | undefined {
  return /^[\t -~\u0080-\u00ff]*$/.test(text)
    ? undefined
    : "holds a character that no header can carry, such as a line break";
}
