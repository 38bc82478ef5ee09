// The table of the breakdown: a key and currency a row, the models side by side, and sums below.

import { Fragment } from "preact";

import { share } from "../exact";
import * as format from "../format";
import { QuestionLink, type Change, type ViewProps } from "../navigation";
import { modelNamed } from "../options";
import { keepsPart, type Question } from "../question";
import { ScrollRegion } from "../scroll_region";
import { BreakdownHead } from "./breakdown_head";
import { within } from "./drill_down";
import { credited, ofCurrency, type Credit } from "./figures";
import type { Report, Total } from "./queries";
import type { Group } from "./sorting";

interface BreakdownTableProps extends ViewProps {
  report: Report;
  /** The rows to show, in order; sums are of all rows. */
  groups: readonly Group[];
}

export function BreakdownTable({ question, options, change, report, groups }: BreakdownTableProps) {
  const models = question.models.map((name) => modelNamed(options, name));
  const hasCurrencies = report.totals.length > 1;
  const hasValues = report.totals.some(({ currency }) => currency);
  const dimension = format.DIMENSION_NAMES[question.by].toLowerCase();
  const caption = `Credit by ${dimension}: ${models.map(({ label }) => label).join(", ")}`;
  const line = { hasCurrencies, hasValues };
  return (
    <ScrollRegion label={caption}>
      <table class="breakdown">
        <caption class="visually-hidden">{caption}</caption>
        <BreakdownHead question={question} models={models} change={change} {...line} />
        {groups.map((group) => (
          <tbody key={group.name + group.kind}>
            {group.rows.map((row, place) => (
              <tr key={row.currency}>
                {place === 0 && (
                  <th scope={group.rows.length > 1 ? "rowgroup" : "row"} rowSpan={group.rows.length}>
                    <KeyName group={group} question={question} change={change} />
                  </th>
                )}
                <Line
                  currency={row.currency}
                  credits={row.results.map(({ conversions, value }) => ({ conversions, value: value?.amount ?? null }))}
                  of={ofCurrency(report.totals, row.currency)[0]}
                  {...line}
                />
              </tr>
            ))}
          </tbody>
        ))}
        <tfoot>
          {report.totals.map((total, place) => (
            <tr key={total.currency}>
              {place === 0 && (
                <th scope={report.totals.length > 1 ? "rowgroup" : "row"} rowSpan={report.totals.length}>
                  {keepsPart(question) ? "Filtered" : "Total"}
                </th>
              )}
              <Line
                currency={total.currency}
                credits={models.map(({ additive }, model) => additive && sumOf(report, total.currency, model))}
                of={keepsPart(question) ? total : undefined}
                {...line}
              />
            </tr>
          ))}
          {keepsPart(question) &&
            report.totals.map((total, place) => (
              <tr key={total.currency}>
                {place === 0 && (
                  <th scope={report.totals.length > 1 ? "rowgroup" : "row"} rowSpan={report.totals.length}>
                    All conversions
                  </th>
                )}
                <Line currency={total.currency} credits={models.map(() => creditOf(total))} {...line} />
              </tr>
            ))}
        </tfoot>
      </table>
    </ScrollRegion>
  );
}

function sumOf(report: Report, currency: string | null, model: number): Credit {
  const sum = credited(ofCurrency(report.rows, currency), model);
  return currency ? { ...sum, value: sum.value ?? "0" } : sum;
}

function creditOf({ conversions, value }: Total): Credit {
  return { conversions: String(conversions), value: value?.amount ?? null };
}

function KeyName({ group, question, change }: { group: Group; question: Question; change: Change }) {
  const part = group.kind === "ATTRIBUTED" ? within(group.key, question) : null;
  return part ? (
    <QuestionLink question={question} part={part} change={change}>
      {group.name}
    </QuestionLink>
  ) : (
    <span class={group.kind === "ATTRIBUTED" ? "" : "muted"}>{group.name}</span>
  );
}

interface LineProps {
  currency: string | null;
  /** Of each model; false for one the credit of which cannot be summed. */
  credits: readonly (Credit | false)[];
  /** What the first model's credit is shown as a share of. */
  of?: Total | undefined;
  hasCurrencies: boolean;
  hasValues: boolean;
}

/** The cells of a row after its name. */
function Line({ currency, credits, of, hasCurrencies, hasValues }: LineProps) {
  return (
    <>
      {hasCurrencies && <td class="muted currency">{currency ?? "No value"}</td>}
      {credits.map((credit, place) =>
        credit ? (
          <Fragment key={place}>
            <td class="number model">
              {format.conversions(credit.conversions)}
              {place === 0 && <Share part={of && share(credit.conversions, String(of.conversions))} />}
            </td>
            {hasValues && (
              <td class="number">
                {currency && credit.value !== null ? format.money(credit.value, currency) : "–"}
                {place === 0 && (
                  <Share part={of?.value && credit.value !== null ? share(credit.value, of.value.amount) : undefined} />
                )}
              </td>
            )}
          </Fragment>
        ) : (
          <td key={place} class="number muted model" colSpan={hasValues ? 2 : 1}>
            never adds up
          </td>
        ),
      )}
    </>
  );
}

/** A share as a number and a bar; drawn, since a strict site forbids styles written into the page. */
function Share({ part }: { part: number | undefined }) {
  if (part === undefined) {
    return <span class="share" />; // numbers stay below each other
  }
  return (
    <span class="share">
      <svg class="share-bar" aria-hidden="true">
        <rect class="share-whole" width="100%" height="100%" />
        <rect class="share-part" width={`${Math.min(1, part) * 100}%`} height="100%" />
      </svg>
      <span class="share-number">{format.percent(part)}</span>
    </span>
  );
}
