import type { PanelProps } from "../dashboard";

export function Paths({ question }: PanelProps) {
  return <p>{question.view}</p>;
}
