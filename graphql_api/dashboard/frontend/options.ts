// What there is to choose from: asked once, when the page opens.

import { graphql } from "./graphql";
import type { OptionsQuery } from "./graphql/graphql";

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
