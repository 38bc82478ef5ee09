// A choice of one among a few, side by side.

interface SegmentedProps<Value extends string> {
  /** What is chosen, for those who do not see where it stands. */
  label: string;
  choices: readonly (readonly [value: Value, name: string])[];
  chosen: Value;
  choose: (value: Value) => void;
}

export function Segmented<Value extends string>({ label, choices, chosen, choose }: SegmentedProps<Value>) {
  return (
    <div class="segmented" role="group" aria-label={label}>
      {choices.map(([value, name]) => (
        <button type="button" key={value} aria-pressed={value === chosen} onClick={() => choose(value)}>
          {name}
        </button>
      ))}
    </div>
  );
}
