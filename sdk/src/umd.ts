/** The one file for pages without a build: everything but React's hook, as the global Click2Call, beside LiveKit's LivekitClient. */
export * from "./index.js";
export * from "./element.js";
