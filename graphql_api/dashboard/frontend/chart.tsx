// A bar chart and its table: the same numbers for eyes, screen readers and keyboards. Chart.js comes in by parts.

import { BarController, BarElement, CategoryScale, Chart, LinearScale, Tooltip } from "chart.js";
import { useEffect, useRef, useState } from "preact/hooks";

import { SERIES_COLOURS } from "./colours";
import { Heading } from "./heading";
import { ScrollRegion } from "./scroll_region";

Chart.register(BarController, BarElement, CategoryScale, LinearScale, Tooltip);

export interface Series {
  name: string;
  /** As exact texts; drawn by their nearest numbers. */
  values: readonly string[];
  /** The end of a token --series-…; by its place in the list where nothing is said, the ninth as the first. */
  colour?: string;
}

function colourOf({ colour }: Series, place: number): string {
  return colour ?? String((place % SERIES_COLOURS) + 1);
}

interface BarChartProps {
  /** What the chart shows, as a sentence for those who do not see it; the caption of its table. */
  caption: string;
  /** Of the table's first column, such as Day. */
  labelName: string;
  labels: readonly string[];
  series: readonly Series[];
  /** How a value is written in table and tooltip. */
  format: (value: string) => string;
  /** How a value is written on the axis. */
  formatAxis: (value: number) => string;
}

/** Bars, one on top of the other where there are several series. */
export function BarChart({ caption, labelName, labels, series, format, formatAxis }: BarChartProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const scheme = useColourScheme();
  useEffect(() => {
    const style = getComputedStyle(canvas.current!);
    const colour = (name: string) => style.getPropertyValue(name).trim();
    const chart = new Chart(canvas.current!, {
      type: "bar",
      data: {
        labels: [...labels],
        datasets: series.map((one, place) => ({
          label: one.name,
          data: one.values.map(Number),
          backgroundColor: colour(`--series-${colourOf(one, place)}`),
          borderColor: colour("--panel"), // parts stay apart for those who cannot tell their colours
          borderWidth: series.length > 1 ? { top: 1 } : 0,
          borderSkipped: false,
          maxBarThickness: 48,
        })),
      },
      options: {
        animation: false,
        maintainAspectRatio: false,
        interaction: { mode: "index", intersect: false },
        scales: {
          x: { stacked: true, grid: { display: false }, ticks: { color: colour("--muted"), maxRotation: 0 } },
          y: {
            stacked: true,
            beginAtZero: true,
            grid: { color: colour("--line") },
            border: { display: false },
            ticks: { color: colour("--muted"), callback: (value) => formatAxis(Number(value)), maxTicksLimit: 6 },
          },
        },
        plugins: {
          tooltip: {
            filter: ({ raw }) => series.length === 1 || Number(raw) > 0,
            itemSort: (one, other) => other.datasetIndex - one.datasetIndex, // as they are stacked
            callbacks: {
              label: ({ dataset, datasetIndex, dataIndex }) =>
                `${dataset.label}: ${format(series[datasetIndex]!.values[dataIndex]!)}`,
            },
          },
        },
      },
    });
    return () => chart.destroy();
  }, [scheme, caption, JSON.stringify([labels, series])]);
  return (
    <>
      <div class="chart">
        <canvas ref={canvas} role="img" aria-label={`${caption}. The table below has the numbers.`} />
      </div>
      {series.length > 1 && <Legend series={series} />}
      <details class="chart-table">
        <summary>Show as a table</summary>
        <ScrollRegion label={caption}>
          <table>
            <caption>{caption}</caption>
            <thead>
              <tr>
                <Heading>{labelName}</Heading>
                {series.map(({ name }) => (
                  <Heading class="number" key={name}>
                    {name}
                  </Heading>
                ))}
              </tr>
            </thead>
            <tbody>
              {labels.map((label, row) => (
                <tr key={label}>
                  <th scope="row">{label}</th>
                  {series.map(({ name, values }) => (
                    <td class="number" key={name}>
                      {format(values[row]!)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      </details>
    </>
  );
}

/** Which colour is whose. The table says the same without colours. */
function Legend({ series }: { series: readonly Series[] }) {
  return (
    <ul class="legend" aria-hidden="true">
      {series.map((one, place) => (
        <li key={one.name}>
          <span class={`swatch series-${colourOf(one, place)}`} />
          {one.name}
        </li>
      ))}
    </ul>
  );
}

/** Draw anew when the person changes between light and dark. */
function useColourScheme(): boolean {
  const [query] = useState(() => matchMedia("(prefers-color-scheme: dark)"));
  const [isDark, setIsDark] = useState(query.matches);
  useEffect(() => {
    const read = () => setIsDark(query.matches);
    query.addEventListener("change", read);
    return () => query.removeEventListener("change", read);
  }, [query]);
  return isDark;
}
