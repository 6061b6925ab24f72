/** Escape sequences of terminals: CSI; OSC and its like with their end; then any other. Without an end the text after it stays. */
const escapes =
  // eslint-disable-next-line no-control-regex
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u0090\u0098\u009b-\u009f]*(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]?/g;

const lineBreaks = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
/** C0, C1, marks that change the direction of text, and the invisible ones that hide text within text. */
const invisible =
  // eslint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
const loneSurrogates = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text from outside as one line that can not steer a terminal: no escape sequence, no control character, no override of the
 * reading direction. Everything a service or a file says goes through here before a person sees it.
 */
export function cleanText(text: string): string {
  return text.replace(escapes, "").replace(lineBreaks, " ").replace(invisible, "").replace(loneSurrogates, "\ufffd");
}

/** JSON on one line, the same value, in which nothing steers a terminal either: what JSON leaves raw is written as an escape. */
export function cleanJson(value: unknown): string {
  return cleanJsonText(JSON.stringify(value));
}

/** The same for text that is JSON already. */
export function cleanJsonText(json: string): string {
  return json.replace(
    /[\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
