/**
 * Cells as a line of CSV (RFC 4180), without its end. What a spreadsheet would take for a formula begins with an apostrophe; that a
 * number is one is seen by its form. Some spreadsheets pass over blanks, or take the wide forms of these characters for the same.
 */
export function csvLine(cells: readonly string[]): string {
  return cells.map(cell).join(",");
}

function cell(text: string): string {
  const isFormula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text);
  const safe = isFormula ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
