// Types every GraphQL document of the two front ends by the schema that the server publishes: a breaking change of
// graphql_api/schema.graphql stops the build here or in the type checker.

import type { CodegenConfig } from "@graphql-codegen/cli";

const scalars = {
  CurrencyCode: "string",
  DateTime: "string",
  Decimal: "string",
  ID: "string",
  JSON: "unknown",
};

const config: CodegenConfig = {
  schema: "graphql_api/schema.graphql",
  generates: Object.fromEntries(
    ["graphql_api/dashboard/frontend", "example_project/storefront/frontend"].map((folder) => [
      `${folder}/graphql/`,
      {
        documents: [`${folder}/**/*.{ts,tsx}`, `!${folder}/graphql/**`],
        preset: "client",
        presetConfig: { fragmentMasking: false },
        config: {
          documentMode: "string",
          enumsAsTypes: true,
          scalars,
          skipTypename: true,
          strictScalars: true,
          useTypeImports: true,
        },
      },
    ]),
  ),
};

export default config;
