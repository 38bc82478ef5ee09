// What to do where the chosen model credits whole breakdowns, and no conversion by itself.

import type { ViewProps } from "../navigation";
import type { ModelOption } from "../options";
import { Empty } from "../panel";

const USUAL = "LAST_TOUCH"; // every site has it

export function ReportsOnly({ model, question, options, change }: ViewProps & { model: ModelOption }) {
  const able = options.models.filter((option) => option.perConversion);
  const other =
    able.find(({ name }) => question.models.includes(name)) ?? able.find(({ name }) => name === USUAL) ?? able[0];
  const rest = question.models.filter((name) => name !== other?.name && name !== model.name);
  return (
    <section class="panel" aria-labelledby="reports-only">
      <div class="panel-head">
        <h2 id="reports-only">Conversions</h2>
      </div>
      <Empty>
        <p>
          {model.label} answers in reports only: it credits all conversions together, and cannot say who earned a single
          one.
        </p>
        {other && (
          <button
            type="button"
            class="button"
            onClick={() => change({ models: [other.name, model.name, ...rest] })}
          >
            Show who earned them by {other.label}
          </button>
        )}
      </Empty>
    </section>
  );
}
