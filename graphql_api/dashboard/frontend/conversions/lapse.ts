// Instants to the microsecond, as the server compares them, and the time between two of them in words.

const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const; // seconds

/** Microseconds since 1970. JavaScript's dates end at milliseconds, and the edge of a window does not. */
export function microseconds(instant: string): bigint {
  const [fraction = "", digits = ""] = /\.(\d{1,6})\d*/.exec(instant) ?? [];
  return BigInt(Date.parse(instant.replace(fraction, ""))) * 1000n + BigInt(digits.padEnd(6, "0"));
}

/** When a touch came, as seen from the conversion: "2 days 3 hours before", "4 minutes after". */
export function distance(touchedAt: string, convertedAt: string): string {
  const before = microseconds(convertedAt) - microseconds(touchedAt);
  const seconds = Number((before < 0n ? -before : before) / 1_000_000n);
  return seconds === 0 ? "at the same moment" : `${lapse(seconds)} ${before < 0n ? "after" : "before"}`;
}

/** The two largest units that say something. In English, as the sentences are in which it stands. */
function lapse(seconds: number): string {
  let rest = seconds;
  return UNITS.flatMap(([unit, size]) => {
    const number = Math.floor(rest / size);
    rest -= number * size;
    return number ? [new Intl.NumberFormat("en", { style: "unit", unit, unitDisplay: "long" }).format(number)] : [];
  })
    .slice(0, 2)
    .join(" ");
}
