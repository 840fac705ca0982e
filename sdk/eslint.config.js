import js from "@eslint/js";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

// The console's rules: what the compiler lets pass and a reader would not. Layout is prettier's.
export default defineConfig(globalIgnores(["dist"]), js.configs.recommended, {
  files: ["**/*.ts"],
  extends: [ts.configs.recommendedTypeChecked, hooks.configs.flat["recommended-latest"]],
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    "max-lines": ["error", 400],
    "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    "@typescript-eslint/no-unnecessary-condition": "error",
  },
});
