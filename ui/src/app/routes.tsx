import { Skeleton } from "@mantine/core";
import { lazy, Suspense, type ComponentType } from "react";
import { createBrowserRouter, Outlet, useRouteError, type RouteObject } from "react-router";
import { Page } from "@/components/Page";
import { ProblemPage } from "@/components/ProblemAlert";
import { OverviewPage } from "@/pages/overview/OverviewPage";
import { path } from "./base";
import { Guard } from "./session";
import { Shell } from "./Shell";

/** Loads a page when somebody goes there. The overview comes with the first load: it is where people start. */
function later(load: () => Promise<ComponentType>) {
  const Page = lazy(async () => ({ default: await load() }));
  return (
    <Suspense fallback={<Waiting />}>
      <Page />
    </Suspense>
  );
}

function Waiting() {
  return (
    <div style={{ maxWidth: 1280, margin: "0 auto", padding: "24px 32px" }} aria-busy="true">
      <Skeleton height={28} width={180} mb={32} />
      <Skeleton height={320} />
    </div>
  );
}

function Broken() {
  const error = useRouteError();
  return (
    <ProblemPage
      error={error instanceof Error ? error : new Error(String(error))}
      retry={() => window.location.reload()}
    />
  );
}

function NotFound() {
  return (
    <Page title="There is no such page" sentence="Choose one of the console's places, or search with the / key." />
  );
}

/** Every address of the console, below the path of the public URL. */
const routes: RouteObject[] = [
  {
    errorElement: <Broken />,
    element: <Outlet />,
    children: [
      { path: "/login", element: later(async () => (await import("@/pages/login/LoginPage")).LoginPage) },
      {
        path: "/integration",
        element: later(async () => (await import("@/pages/integration/IntegrationPage")).IntegrationPage),
      },
      { path: "/receiver", element: later(async () => (await import("@/pages/receiver/ReceiverPage")).ReceiverPage) },
      {
        path: "/integration/reference",
        element: later(async () => (await import("@/pages/integration/ReferencePage")).ReferencePage),
      },
      {
        element: (
          <Guard>
            <Outlet />
          </Guard>
        ),
        children: [
          { path: "/password", element: later(async () => (await import("@/pages/login/PasswordPage")).PasswordPage) },
          {
            element: <Shell />,
            children: [
              {
                errorElement: <Broken />,
                children: [
                  { path: "/", element: <OverviewPage /> },
                  { path: "/calls", element: later(async () => (await import("@/pages/calls/CallsPage")).CallsPage) },
                  {
                    path: "/calls/:callID",
                    element: later(async () => (await import("@/pages/call/CallPage")).CallPage),
                  },
                  {
                    path: "/deliveries",
                    element: later(async () => (await import("@/pages/deliveries/DeliveriesPage")).DeliveriesPage),
                  },
                  {
                    path: "/deliveries/replay",
                    element: later(async () => (await import("@/pages/replays/NewReplayPage")).NewReplayPage),
                  },
                  {
                    path: "/deliveries/replays/:replayID",
                    element: later(async () => (await import("@/pages/replays/ReplayPage")).ReplayPage),
                  },
                  {
                    path: "/deliveries/:eventID",
                    element: later(async () => (await import("@/pages/delivery/DeliveryPage")).DeliveryPage),
                  },
                  {
                    path: "/ledger",
                    element: later(async () => (await import("@/pages/ledger/LedgerPage")).LedgerPage),
                  },
                  {
                    path: "/trunks",
                    element: later(async () => (await import("@/pages/trunks/TrunksPage")).TrunksPage),
                  },
                  {
                    path: "/trunks/new",
                    element: later(async () => (await import("@/pages/trunks/TrunkPage")).NewTrunkPage),
                  },
                  {
                    path: "/trunks/:trunkID",
                    element: later(async () => (await import("@/pages/trunks/TrunkPage")).TrunkPage),
                  },
                  {
                    path: "/routes",
                    element: later(async () => (await import("@/pages/routes/RoutesPage")).RoutesPage),
                  },
                  {
                    path: "/routes/new",
                    element: later(async () => (await import("@/pages/routes/RoutePage")).NewRoutePage),
                  },
                  {
                    path: "/routes/:routeID",
                    element: later(async () => (await import("@/pages/routes/RoutePage")).RoutePage),
                  },
                  {
                    path: "/permission",
                    element: later(async () => (await import("@/pages/permission/PermissionPage")).PermissionPage),
                  },
                  {
                    path: "/dial-preview",
                    element: later(async () => (await import("@/pages/preview/DialPreviewPage")).DialPreviewPage),
                  },
                  {
                    path: "/settings",
                    element: later(async () => (await import("@/pages/settings/SettingsPage")).SettingsPage),
                  },
                  {
                    path: "/endpoints/:endpointID",
                    element: later(async () => (await import("@/pages/endpoint/EndpointPage")).EndpointPage),
                  },
                  {
                    path: "/access",
                    element: later(async () => (await import("@/pages/access/AccessPage")).AccessPage),
                  },
                  {
                    path: "/reports",
                    element: later(async () => (await import("@/pages/reports/ReportsPage")).ReportsPage),
                  },
                  {
                    path: "/reports/agents/:agentID",
                    element: later(async () => (await import("@/pages/reports/WeekPages")).AgentWeekPage),
                  },
                  {
                    path: "/reports/trunks/:trunkID",
                    element: later(async () => (await import("@/pages/reports/WeekPages")).TrunkWeekPage),
                  },
                  {
                    path: "/test-call",
                    element: later(async () => (await import("@/pages/testcall/TestCallPage")).TestCallPage),
                  },
                  { path: "*", element: <NotFound /> },
                ],
              },
            ],
          },
        ],
      },
    ],
  },
];

export const router = createBrowserRouter(routes, { basename: path || "/" });
