// The most frequent paths, to be sorted by any of their numbers.

import { DIMENSION_NAMES, average, count, money } from "../format";
import { Heading, SortHeading } from "../heading";
import type { Change } from "../navigation";
import { MAX_PATHS, type Question } from "../question";
import { ScrollRegion } from "../scroll_region";
import { orderText } from "../sorting";
import { amountIn, currenciesOf, orderOf, sorted, valueColumn, type PathColumn } from "./order";
import type { FoundPaths, Path } from "./query";
import { Steps } from "./steps";

interface PathTableProps {
  found: FoundPaths;
  question: Question;
  change: Change;
}

export function PathTable({ found, question, change }: PathTableProps) {
  const { paths, truncated } = found;
  if (!paths.length) {
    return <p class="empty">No conversion has a touch in its window. Widen the window, or look at the lengths below.</p>;
  }
  const currencies = currenciesOf(paths);
  const order = orderOf(question.pathSort, currencies);
  const caption = `Paths by ${DIMENSION_NAMES[question.stepsBy].toLowerCase()}, the ${count(paths.length)} most frequent`;
  const heading = (by: PathColumn, name: string) => (
    <SortHeading
      key={by}
      class="number"
      direction={order.by === by ? order.direction : null}
      sort={(direction) => change({ pathSort: orderText({ by, direction }) })}
    >
      {name}
    </SortHeading>
  );
  return (
    <>
      <ScrollRegion label={caption}>
        <table class="paths">
          <caption class="visually-hidden">{caption}</caption>
          <thead>
            <tr>
              <Heading>Path</Heading>
              {heading("CONVERSIONS", "Conversions")}
              {currencies.map((currency) => heading(valueColumn(currency), `Value, ${currency}`))}
              {heading("DAYS", "Days to convert")}
            </tr>
          </thead>
          <tbody>
            {sorted(paths, order).map((path) => (
              <PathRow key={JSON.stringify(path.steps)} path={path} currencies={currencies} />
            ))}
          </tbody>
        </table>
      </ScrollRegion>
      {truncated && <Truncated shown={paths.length} question={question} change={change} />}
    </>
  );
}

function PathRow({ path, currencies }: { path: Path; currencies: readonly string[] }) {
  return (
    <tr>
      <th scope="row">
        <Steps steps={path.steps} />
      </th>
      <td class="number">{count(path.conversions)}</td>
      {currencies.map((currency) => {
        const amount = amountIn(path, currency);
        return (
          <td class="number" key={currency}>
            {amount === null ? <span class="muted">None</span> : money(amount, currency)}
          </td>
        );
      })}
      <td class="number">{average(path.averageDaysToConvert)}</td>
    </tr>
  );
}

function Truncated({ shown, question, change }: { shown: number } & Omit<PathTableProps, "found">) {
  const isMore = shown === question.pathCount;
  return (
    <p class="paths-more note">
      {isMore
        ? `The ${count(shown)} most frequent paths; there are more, and of very long ones only the last 50 steps count.`
        : "Of paths longer than 50 steps only the last 50 are shown."}
      {isMore && shown < MAX_PATHS && (
        <button type="button" class="button" onClick={() => change({ pathCount: MAX_PATHS })}>
          Show up to {count(MAX_PATHS)}
        </button>
      )}
    </p>
  );
}
