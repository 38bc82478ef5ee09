// The conversions one by one, and why each was credited as it was.

import { useRef, useState } from "preact/hooks";

import { useAnswer } from "../answer";
import type { ViewProps } from "../navigation";
import { NothingMatches } from "../nothing_matches";
import { modelNamed } from "../options";
import { Panel } from "../panel";
import { orderText } from "../sorting";
import { conversionModel, creditedTo, where, windows } from "../variables";
import "./conversions.css";
import { Pager } from "./pager";
import { FIRST_PAGE, pageVariables, type Page } from "./pages";
import { CONVERSIONS } from "./queries";
import { remedy } from "./remedy";
import { ReportsOnly } from "./reports_only";
import { orderOf, orderVariable } from "./sorting";
import { ConversionTable } from "./table";
import type { Asked } from "./verdict";

export function Conversions({ question, options, change }: ViewProps) {
  const model = modelNamed(options, question.models[0]!);
  const list = useRef<HTMLDivElement>(null);
  const order = orderOf(question.conversionSort);
  const kept = creditedTo(question);
  const listed = {
    model: conversionModel(model.name),
    ...windows(question),
    where: where(question),
    creditedTo: kept,
    orderBy: [orderVariable(order)],
  };
  const [page, turn] = usePage(JSON.stringify(listed));
  const variables = model.perConversion ? { ...listed, ...pageVariables(page) } : null;
  const answer = useAnswer(CONVERSIONS, variables, page);
  if (!model.perConversion) {
    return <ReportsOnly model={model} question={question} options={options} change={change} />;
  }
  const asked: Asked = {
    model: model.name,
    label: model.label,
    description: model.description,
    ...windows(question),
  };
  return (
    <Panel
      title="Conversions"
      answer={answer}
      controls={<p class="note">Credit by {model.label}</p>}
      remedy={remedy(question, change)}
    >
      {({ attributedConversions: found }) =>
        found.totalCount ? (
          <>
            {kept && (
              <p class="note">
                Only conversions with credit for the chosen channels, sources or campaigns, and only that credit. “Why”
                tells of all of it.
              </p>
            )}
            <ConversionTable
              edges={found.edges}
              region={list}
              order={order}
              sort={(chosen) => change({ conversionSort: orderText(chosen) })}
              zone={question.timeZone}
              asked={asked}
            />
            <Pager connection={found} page={answer.about} turn={turn} list={list} />
          </>
        ) : (
          <NothingMatches question={question} change={change} />
        )
      }
    </Panel>
  );
}

/** The page that is asked for; another question begins at its first page again. */
function usePage(question: string): [Page, (page: Page) => void] {
  const [turned, setTurned] = useState({ question, page: FIRST_PAGE });
  const page = turned.question === question ? turned.page : FIRST_PAGE;
  return [page, (next) => setTurned({ question, page: next })];
}
