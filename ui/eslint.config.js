import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import ts from "typescript-eslint";

// What the compiler lets pass and a reader would not: promises that nobody waits for, hooks that miss what they depend on, controls
// that a keyboard or a screen reader cannot find. Layout is prettier's.
export default defineConfig(
  globalIgnores(["dist", "test-results", "src/api/admin.gen.ts"]),
  js.configs.recommended,
  {
    files: ["**/*.{ts,tsx}"],
    extends: [ts.configs.recommendedTypeChecked, a11y.flatConfigs.strict, hooks.configs.flat["recommended-latest"]],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "max-lines": ["error", 400],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
      "@typescript-eslint/no-unnecessary-condition": "error",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { ignoreRestSiblings: true, argsIgnorePattern: "^_", varsIgnorePattern: "^_" },
      ],
      // What scrolls must be reached by keyboard to be scrolled by it; forms hear Ctrl Enter.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: ["pre"], roles: ["tabpanel", "region"] }],
      "jsx-a11y/no-noninteractive-element-interactions": ["error", { form: ["onKeyDown"] }],
      // A page that is one field, and a field that a button has just brought, take the focus.
      "jsx-a11y/no-autofocus": "off",
      // An async function may be handed to a handler: what it throws is shown by useAction, or reported by the window.
      "@typescript-eslint/no-misused-promises": ["error", { checksVoidReturn: { attributes: false } }],
    },
  },
  { files: ["pictures/**", "e2e/**"], rules: { "react-hooks/rules-of-hooks": "off" } }, // Playwright's use() is no hook
  {
    files: ["scripts/**/*.mjs", "public/*.js", "*.cjs"],
    rules: { "no-unused-vars": ["error", { varsIgnorePattern: "^_" }] },
    languageOptions: {
      globals: Object.fromEntries(
        [
          "process",
          "console",
          "document",
          "window",
          "Image",
          "URL",
          "Buffer",
          "module",
          "fetch",
          "location",
          "localStorage",
          "matchMedia",
          "Intl",
          "encodeURIComponent",
        ].map((name) => [name, "readonly"]),
      ),
    },
  },
);
