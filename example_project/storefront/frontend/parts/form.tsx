// A form and its fields. What the server has against a field stands below it; the first such field gets the focus.

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import type { Values } from "../api";
import { fieldErrors, type Task } from "../task";
import { Button } from "./button";
import { Trouble } from "./trouble";

interface FormProps {
  task: Task<Values>;
  /** Names of the fields, where the server's errors may stand. */
  fields: string[];
  submit: string;
  children: ComponentChildren;
}

export function Form({ task, fields, submit, children }: FormProps) {
  const form = useRef<HTMLFormElement>(null);
  const errors = fieldErrors(task.error);
  const isAboutFields = fields.some((field) => errors[field]);
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus(), [task.error]);
  const send = (event: Event) => {
    event.preventDefault();
    const entries = [...new FormData(form.current!)].map(([name, value]) => [name, String(value)]);
    task.run(Object.fromEntries(entries) as Values);
  };
  return (
    <form ref={form} onSubmit={send}>
      {children}
      {!isAboutFields && <Trouble task={task} />}
      <Button isBusy={task.isBusy}>{submit}</Button>
    </form>
  );
}

interface FieldProps {
  name: string;
  label: string;
  error: Error | null;
  type?: "text" | "email" | "password";
  autocomplete: string;
  help?: string;
  value?: string;
}

export function Field({ name, label, error, type = "text", autocomplete, help, value = "" }: FieldProps) {
  const errors = fieldErrors(error)[name];
  const described = [help && `${name}-help`, errors && `${name}-error`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <input
        id={name}
        name={name}
        type={type as "text"} // the types keep apart what else each type may have; none of it stands here
        autocomplete={autocomplete}
        defaultValue={value}
        required
        aria-invalid={errors !== undefined}
        {...(described && { "aria-describedby": described })}
      />
      {help && (
        <p class="help" id={`${name}-help`}>
          {help}
        </p>
      )}
      {errors && (
        <p class="errors" id={`${name}-error`}>
          {errors.join(" ")}
        </p>
      )}
    </div>
  );
}
