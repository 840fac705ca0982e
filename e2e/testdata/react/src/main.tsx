import { StrictMode, useMemo, useState } from "react";
import { createRoot } from "react-dom/client";
import { CallError, type CallRecord, type PlacedCall } from "@click2call/browser";
import { useClick2Call } from "@click2call/browser/react";

// `lab` is what the test reads and sets; a reload begins it anew.
const lab = {
  answer: null as PlacedCall | null,
  call: null as object | null,
  events: [] as string[],
  errors: [] as string[],
  done: [] as string[],
};
Object.assign(window, { lab });
const base = new URLSearchParams(location.search).get("base") ?? "";
const say = (error: unknown) =>
  void lab.errors.push(error instanceof CallError ? `${error.code}: ${error.message}` : String(error));

function Telephone() {
  const [record, setRecord] = useState<CallRecord | null>(null);
  const on = useMemo(
    () => ({
      answered: () => void lab.events.push("answered"),
      reconnecting: ({ active }: { active: boolean }) => void lab.events.push(active ? "reconnecting" : "back"),
      ended: ({ reason }: { reason: string }) => void lab.events.push(reason),
    }),
    [],
  );
  const { call, view, start } = useClick2Call({ base, on });
  lab.call = call;
  const begin = async (placed: PlacedCall | null) => {
    if (placed) await start(placed);
    lab.done.push("start");
  };
  const end = async () => {
    call?.hangUp();
    setRecord((await call?.outcome()) ?? null);
    lab.done.push("end");
  };
  return (
    <>
      <p role="status">{view ? `${view.phase}${view.reconnecting ? ", reconnecting" : ""}` : "no call"}</p>
      <button id="start" onClick={() => void begin(lab.answer).catch(say)}>
        Call
      </button>
      <button id="end" onClick={() => void end().catch(say)}>
        Hang up
      </button>
      {record && <output>{`${record.call_status} ${record.disconnect_reason}`}</output>}
    </>
  );
}

const root = document.getElementById("root");
if (root)
  createRoot(root).render(
    <StrictMode>
      <Telephone />
    </StrictMode>,
  );
