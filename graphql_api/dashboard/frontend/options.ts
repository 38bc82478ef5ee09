// What there is to choose from: asked once, when the page opens.

import { graphql } from "./graphql";
import type { OptionsQuery } from "./graphql/graphql";
import { firstQuestion, type Question } from "./question";

export const OPTIONS = graphql(`
  query Options {
    reportOptions {
      models {
        name
        label
        description
        perConversion
        additive
      }
      events
      channels
      sources
      currencies
      firstConversionAt
      lastConversionAt
    }
  }
`);

export type Options = OptionsQuery["reportOptions"];
export type ModelOption = Options["models"][number];

/** A model as the site describes it; one that it does not know is shown by its name, and the server refuses it. */
export function modelNamed(options: Options, name: string): ModelOption {
  const found = options.models.find((model) => model.name === name);
  return found ?? { name, label: name, description: "", perConversion: true, additive: true };
}

/** The question without models that the site does not know; with the first question's where it knows none of them. */
export function usable(question: Question, options: Options): Question {
  const models = question.models.filter((name) => options.models.some((model) => model.name === name));
  return models.length === question.models.length
    ? question
    : { ...question, models: models.length ? models : firstQuestion(question.timeZone).models };
}
