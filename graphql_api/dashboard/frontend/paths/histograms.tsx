// How many touches journeys have, and how many days they take: conversions in bins, each chart with its table.

import { BarChart } from "../chart";
import { conversions, count } from "../format";
import type { Bin } from "./query";

interface HistogramProps {
  bins: readonly Bin[];
}

export function LengthChart({ bins }: HistogramProps) {
  return (
    <>
      <Histogram bins={bins} caption="Conversions by the touches in their journey" labelName="Touches" />
      <p class="note">Every touch in the window counts, repeats too. 0 touches: nobody earned the conversion.</p>
    </>
  );
}

export function TimeLagChart({ bins }: HistogramProps) {
  return (
    <>
      <Histogram bins={bins} caption="Conversions by days from the first touch of their journey" labelName="Days" />
      <p class="note">Days of 24 hours from the first touch in the window, rounded down.</p>
    </>
  );
}

/** Every bin, those without conversions too, so that the charts of different questions have one axis. */
function Histogram({ bins, caption, labelName }: HistogramProps & { caption: string; labelName: string }) {
  return (
    <BarChart
      caption={caption}
      labelName={labelName}
      labels={bins.map(rangeOf)}
      series={[{ name: "Conversions", values: bins.map((bin) => String(bin.conversions)) }]}
      format={conversions}
      formatAxis={(value) => (Number.isInteger(value) ? count(value) : "")}
    />
  );
}

function rangeOf({ from, to }: Bin): string {
  if (to === null) {
    return `${count(from)}+`;
  }
  return from === to ? count(from) : `${count(from)}–${count(to)}`;
}
