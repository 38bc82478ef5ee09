// What else is known of a conversion: its id, its confirmation, its first value, and what the site noted.

import type { ComponentChildren } from "preact";

import { moment, money } from "../format";
import { CopyId } from "./copy_id";
import type { Conversion, Explained } from "./queries";

interface FactsProps {
  conversion: Conversion;
  explained: Explained;
  zone: string;
}

export function Facts({ conversion, explained, zone }: FactsProps) {
  const { confirmedAt, recordedValue, customData, identity } = explained.node;
  const { value } = conversion;
  const isChanged = recordedValue && (recordedValue.amount !== value?.amount || recordedValue.currency !== value.currency);
  const noted = entriesOf(customData);
  return (
    <div class="facts">
      <dl>
        {identity && (
          <Fact name="Visitor">
            {identity.isAnonymous ? "Anonymous" : "A user of the site"}, first seen{" "}
            {moment(identity.firstSeenAt, zone)}
          </Fact>
        )}
        {confirmedAt && <Fact name="Confirmed">{moment(confirmedAt, zone)}</Fact>}
        {isChanged && <Fact name="First recorded with">{money(recordedValue.amount, recordedValue.currency)}</Fact>}
      </dl>
      {noted.length > 0 && (
        <>
          <h4>What the site noted</h4>
          <dl>
            {noted.map(([name, value]) => (
              <Fact key={name} name={name}>
                {typeof value === "string" ? value : <code>{JSON.stringify(value)}</code>}
              </Fact>
            ))}
          </dl>
        </>
      )}
      <dl class="facts-id">
        <Fact name="Id">
          <CopyId id={conversion.id} />
        </Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function entriesOf(customData: unknown): [string, unknown][] {
  return typeof customData === "object" && customData !== null ? Object.entries(customData) : [];
}
