// Tests what of the front ends is pure: `npm test`. What needs a browser is tested in one, from Python.

import { defineConfig } from "vitest/config";

export default defineConfig({
  // Pure functions leave nothing behind, so one worker takes all files in turn.
  test: { include: ["graphql_api/**/*.test.ts", "example_project/**/*.test.ts"], isolate: false },
});
