import { timeText } from "../core/model/values.ts";

const times = /(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)/g;

/** Wall ms as the report under the bar has its times: `2026-11-27 09:40:02 UTC`, and in another zone `2026-11-27 10:40:02 +01:00`. */
export function clockText(ms: number, zone: string): string {
  return withClockTexts(timeText(Math.floor(ms / 1000), zone) ?? "");
}

/** A sentence of ours whose times are written as `timeText` has them, with the same times as `clockText` has them. */
export function withClockTexts(sentence: string): string {
  return sentence.replaceAll(times, (_, day: string, time: string, offset: string) => {
    return `${day} ${time} ${offset === "Z" ? "UTC" : offset}`;
  });
}
