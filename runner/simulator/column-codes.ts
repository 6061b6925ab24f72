/** What a column code means, whichever way it was spelled: `I9` or `PD`, `D09F03`, `D9F3` or `T3`, `AA843`. */
export type ColumnCode =
  | { readonly kind: "property"; readonly number: number }
  | { readonly kind: "statistic"; readonly source: number; readonly field: number }
  | { readonly kind: "custom"; readonly id: number }
  /** The two-letter codes that never got a new one, and the letter form of I78. */
  | { readonly kind: "legacy"; readonly code: string };

/** Read a column code, exact in case. Undefined: no such column. */
export function readColumnCode(code: string): ColumnCode | undefined {
  const property = propertyNumbers.get(code);
  if (property !== undefined) return { kind: "property", number: property };
  if (legacyOnly.has(code)) return { kind: "legacy", code };
  const custom = /^AA(\d{1,9})$/.exec(code);
  if (custom) return { kind: "custom", id: Number(custom[1]) };
  const statistic = /^D(\d{1,2})F(\d{1,2})$/.exec(code);
  if (statistic) return statisticOf(Number(statistic[1]), Number(statistic[2]));
  if (code.length !== 2) return undefined;
  return statisticOf(sourceLetters.indexOf(code.charAt(0)), fieldLetters.indexOf(code.charAt(1)));
}

/** The letter of a data source in the legacy codes; "" when it never had one. */
export function sourceLetter(source: number): string {
  return sourceLetters.charAt(source).trim();
}

/** Device properties: number and, after the colon, the legacy code if there is one. */
const properties =
  "0:AU 1:AN 2:AL 3:QW 4:CD 5:ED 6:TS 8:AR 9:PD 10:PN 11:LN 12:AG 13 14:US 15:EM 16:OS 17:VN 18:MN 19:IP 20:EI 21:MA " +
  "22:DF 23 24:TZ 26 27 28 29 30 31 32:OT 33:IS 34 35:VE 36:YS 37:YV 38:AS 39:RU 40:DS 41:HN 42:EN 43:ES 44:MF 45:MO " +
  "46:II 47:IM 48:REM 49:RDF 50 54:OI 55:OV 56:OP 57:KU 58:PU 59:AT 60:PT 62:RP 63 64 65 66 67 68 69 70 71 72 73 74 " +
  "75 76 77:PF 78 80 81 82 83 84 85 86 87 88 89 90";

const propertyNumbers: ReadonlyMap<string, number> = new Map(
  properties.split(" ").flatMap((entry): [string, number][] => {
    const [number = "", legacy] = entry.split(":");
    const codes = legacy === undefined ? [`I${number}`] : [`I${number}`, legacy];
    return codes.map((code) => [code, Number(number)]);
  }),
);

/** AP is I78 spelled with letters. */
const legacyOnly: ReadonlySet<string> = new Set(["AP", "IE", "IT", "RTG"]);

/** Legacy letter of each data source, by number. S once meant D02 and means D07 now. */
const sourceLetters = " F QX NSWTZPY HLVBKGJ   ";
/** Legacy letter of each statistic, by number. F10, F11 and the newest have none. */
const fieldLetters = "01234576BL  AIRGQJO M@";
/** The fields after F21 that exist; F26 does not. */
const lateFields: ReadonlySet<number> = new Set([22, 23, 24, 25, 27]);

function statisticOf(source: number, field: number): ColumnCode | undefined {
  const known = source >= 1 && source <= 23 && (lateFields.has(field) || (field >= 0 && field <= 21));
  return known ? { kind: "statistic", source, field } : undefined;
}
