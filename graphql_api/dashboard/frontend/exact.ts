// Arithmetic on the decimal texts in which the API writes numbers: sums are exact, as the report's are.

/** Add decimal texts, none of which is negative. The sum has as many digits after the point as the longest of them. */
export function sum(numbers: readonly string[]): string {
  const digits = Math.max(0, ...numbers.map(digitsOf));
  const units = numbers.reduce((total, number) => total + unitsOf(number, digits), 0n);
  return textOf(units, digits);
}

/** The part as a share of the whole, to be shown or drawn; 0 of nothing. */
export function share(part: string, whole: string): number {
  return Number(whole) === 0 ? 0 : Number(part) / Number(whole);
}

/** What is left of the whole without the part. */
export function minus(whole: string, part: string): string {
  const digits = Math.max(digitsOf(whole), digitsOf(part));
  return textOf(unitsOf(whole, digits) - unitsOf(part, digits), digits);
}

function digitsOf(number: string): number {
  return number.split(".")[1]?.length ?? 0;
}

function unitsOf(number: string, digits: number): bigint {
  const [whole = "0", fraction = ""] = number.split(".");
  return BigInt(whole + fraction.padEnd(digits, "0"));
}

function textOf(units: bigint, digits: number): string {
  const sign = units < 0n ? "-" : "";
  const text = String(units < 0n ? -units : units).padStart(digits + 1, "0");
  return sign + (digits ? `${text.slice(0, -digits)}.${text.slice(-digits)}` : text);
}
