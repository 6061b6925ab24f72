/** Control characters that a table has no place for (RFC 4180); many programs take a NUL for the end of the file. */
// eslint-disable-next-line no-control-regex
const unprintable = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g;

/**
 * Cells as a line of CSV (RFC 4180), without its end. In place of control characters stands U+FFFD. What a spreadsheet would take for a formula begins with an apostrophe; that a
 * number is one is seen by its form. Some spreadsheets pass over blanks, or take the wide forms of these characters for the same. In some
 * countries a semicolon parts cells, and where text is pasted a tab does: a cell that has one is quoted, and so that what is
 * parted there, quotes and all, holds no formula either, one behind them, or at the beginning of a line, has an apostrophe too.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cell).join(",");
}

/** Where a formula would begin if the cell were parted there, or a quote that hides one. */
const behindAnother = /([;\t\r\n]["\s]*)(?=[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

function cell(raw: string): string {
  const text = raw.replace(unprintable, "\ufffd");
  const isFormula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  const safe = (isFormula ? `'${text}` : text).replace(behindAnother, "$1'");
  return /[",;\t\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
