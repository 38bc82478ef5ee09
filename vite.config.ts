// Builds one front end into the static files of the Django app it belongs to: `vite build --mode dashboard`.
//
// Names carry no hash: Django's static files storage adds one where a site wants it, and committed files keep theirs.

import { defineConfig } from "vite";

const APPS: Record<string, { folder: string; label: string }> = {
  dashboard: { folder: "graphql_api/dashboard", label: "attribution_dashboard" },
  storefront: { folder: "example_project/storefront", label: "storefront" },
};

export default defineConfig(({ mode }) => {
  const app = APPS[mode];
  if (app === undefined) {
    throw new Error(`There is no front end ${mode}. Known: ${Object.keys(APPS).join(", ")}.`);
  }
  return {
    base: "./",
    publicDir: `${app.folder}/frontend/public`, // copied as it is
    build: {
      outDir: `${app.folder}/static/${app.label}`,
      emptyOutDir: true,
      target: "es2022",
      modulePreload: false,
      license: { fileName: "licenses.md" },
      rolldownOptions: {
        input: { [mode]: `${app.folder}/frontend/main.tsx` },
        output: {
          entryFileNames: "[name].js",
          chunkFileNames: "[name].js",
          assetFileNames: "[name][extname]",
        },
      },
    },
  };
});
