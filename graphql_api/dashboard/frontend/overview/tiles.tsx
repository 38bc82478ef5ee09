// The few numbers that are looked at first.

import type { ComponentChildren } from "preact";

import { share } from "../exact";
import * as format from "../format";
import { modelNamed, type Options } from "../options";
import { keepsPart, type Question } from "../question";
import { allConversions, attributedShare, credited, ofCurrency } from "./figures";
import type { Report } from "./queries";

interface TilesProps {
  question: Question;
  options: Options;
  report: Report | null;
  isLoading: boolean;
}

export function Tiles({ report, isLoading, ...props }: TilesProps) {
  return (
    <section class="tiles" aria-label="In short" aria-busy={isLoading}>
      {report ? (
        <dl class={isLoading ? "is-stale" : ""}>
          <Figures report={report} {...props} />
        </dl>
      ) : (
        <dl aria-hidden="true">
          <Tile name="Conversions">…</Tile>
          <Tile name="Revenue">…</Tile>
          <Tile name="Attributed">…</Tile>
        </dl>
      )}
    </section>
  );
}

function Figures({ question, options, report }: Omit<TilesProps, "report" | "isLoading"> & { report: Report }) {
  const { label, additive } = modelNamed(options, question.models[0]!);
  const all = allConversions(report);
  const isPart = keepsPart(question) && additive;
  const kept = credited(report.rows, 0).conversions;
  return (
    <>
      <Tile name={isPart ? "Credited conversions" : "Conversions"} note={isPart && `of ${format.conversions(all)}`}>
        {format.conversions(isPart ? kept : all)}
      </Tile>
      {report.totals.map(({ currency, conversions, value }) => {
        if (!currency || !value) {
          return null;
        }
        const part = credited(ofCurrency(report.rows, currency), 0).value ?? "0";
        const whole = format.namedMoney(value.amount, currency);
        return (
          <Tile
            key={currency}
            name={isPart ? `Credited revenue, ${currency}` : `Revenue, ${currency}`}
            note={isPart ? `of ${whole}` : `from ${format.count(conversions)} conversions`}
          >
            {isPart ? format.namedMoney(part, currency) : whole}
          </Tile>
        );
      })}
      {!keepsPart(question) ? (
        <Tile name="Attributed" note={`of conversions, ${label}`}>
          {format.percent(attributedShare(report))}
        </Tile>
      ) : additive ? (
        <Tile name="Credited share" note={`of conversions, ${label}`}>
          {format.percent(share(kept, all))}
        </Tile>
      ) : (
        <Tile name="Credited share" note={`${label} never adds up, so it has no share.`}>
          –
        </Tile>
      )}
    </>
  );
}

interface TileProps {
  name: string;
  note?: string | false;
  children: ComponentChildren;
}

function Tile({ name, note, children }: TileProps) {
  return (
    <div class="tile">
      <dt>{name}</dt>
      <dd class="tile-figure">{children}</dd>
      {note && <dd class="note">{note}</dd>}
    </div>
  );
}
