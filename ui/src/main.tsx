import "./theme/mantine.css";
import "./theme/tokens.css";
import { localStorageColorSchemeManager, MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { setNonce } from "get-nonce";
import { lazy, StrictMode, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router";
import { newQueryClient } from "./api/queries";
import { isUnder, path } from "./app/base";
import { readFirstView } from "./app/firstView";
import { router } from "./app/routes";
import { theme } from "./theme/theme";

// Style elements are allowed by the nonce that the server put into this page: see ui/policy.go.
const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
setNonce(nonce);

// What is told before it is here waits for it.
const Notifications = lazy(async () => ({ default: (await import("@mantine/notifications")).Notifications }));

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");

// Opened beside the proxy that gives the installation its path, say at its port: it is served under the path there as well.
if (!isUnder(location.pathname)) {
  location.replace(path + location.pathname + location.search);
  await new Promise(() => undefined); // until it is gone
}

const client = newQueryClient();
await readFirstView(client);
createRoot(root).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      getStyleNonce={() => nonce}
      colorSchemeManager={localStorageColorSchemeManager({ key: "click2call-scheme" })}
    >
      <QueryClientProvider client={client}>
        <Suspense>
          <Notifications position="bottom-right" />
        </Suspense>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);
