/** Where a call stands for the agent. */
export type Phase = "joining" | "dialing" | "ringing" | "answered" | "ended";

/**
 * Why a call is over for this page. `over`: the server says so (the customer hung up, it rang out, an operator ended it; the call record
 * tells). `taken_over`: another page of the agent has the call, which goes on. `connection_lost`: nobody could be reached for two minutes.
 */
export type EndReason = "hung_up" | "over" | "taken_over" | "connection_lost" | "failed";

/** All that the rules below need to know. */
export interface State {
  phase: Phase;
  /** `lost` while the page is on its way back into the room. */
  line: "up" | "shaky" | "lost";
  /** The customer was seen leaving, and the server has not said what that means. */
  customerGone: boolean;
  reason?: EndReason;
}

/** What can happen to a call. */
export type Happening =
  | { type: "joined" }
  | { type: "customer"; status: string }
  | { type: "customer_left" }
  | { type: "customer_stays_away" }
  | { type: "record"; status: string }
  | { type: "shaky" }
  | { type: "steady"; customerHere: boolean }
  | { type: "disconnected"; why: "replaced" | "removed" | "lost" }
  | { type: "rejoined" }
  | { type: "call_over" }
  | { type: "unreachable" }
  | { type: "page_hidden"; kept: boolean }
  | { type: "page_shown"; kept: boolean }
  | { type: "hang_up" }
  | { type: "failed" };

/** What is to be done about it. Each is safe to do twice. */
export type Effect =
  | "dial" // POST /connect
  | "report_answer" // POST /status
  | "look" // ask the server for the record until it says what became of the call
  | "rejoin" // POST /token and join again
  | "say_leaving" // a beacon: the call ends unless this agent is back within some seconds
  | "hang_up" // POST /hangup
  | "leave_room"
  | "forget"; // what a reload would come back to

export interface Step {
  state: State;
  effects: Effect[];
}

export const start: State = { phase: "joining", line: "up", customerGone: false };

/**
 * The rules of a call, without a browser. One sign never ends it: a page that goes away may come back, a customer who seems to have left may be
 * LiveKit counting anew, and a broken line says nothing of the call. Only the agent, the server, or another page of the agent ends it.
 */
export function next(state: State, happening: Happening): Step {
  if (state.phase === "ended") return { state, effects: [] };
  const stay = (change: Partial<State> = {}, ...effects: Effect[]): Step => ({
    state: { ...state, ...change },
    effects,
  });
  const end = (reason: EndReason, ...effects: Effect[]): Step => ({
    state: { phase: "ended", line: "up", customerGone: false, reason },
    effects: [...effects, "leave_room", "forget"],
  });
  switch (happening.type) {
    case "joined":
      return state.phase === "joining" ? stay({ phase: "dialing" }, "dial") : stay();
    case "customer":
      return onCustomer(state, happening.status);
    case "customer_left":
      // While the line is shaky LiveKit counts everybody out and in again; see "steady".
      return state.line === "up" && dialed(state) ? stay({ customerGone: true }, "look") : stay();
    case "customer_stays_away":
      return state.customerGone ? end("over", "hang_up") : stay();
    case "record":
      return onRecord(state, happening.status);
    case "shaky":
      return state.line === "up" ? stay({ line: "shaky" }) : stay();
    case "steady":
      if (state.line !== "shaky") return stay();
      return !happening.customerHere && state.phase === "answered"
        ? stay({ line: "up", customerGone: true }, "look")
        : stay({ line: "up" });
    case "disconnected":
      if (happening.why === "replaced") return end("taken_over");
      if (state.line === "lost") return stay(); // on its way back already
      return happening.why === "removed" ? stay({ customerGone: true }, "look") : stay({ line: "lost" }, "rejoin");
    case "rejoined":
      return state.line === "lost" ? stay({ line: "up", customerGone: false }) : stay();
    case "call_over":
      return end("over");
    case "unreachable":
      return end("connection_lost", "hang_up");
    case "page_hidden":
      // A page in the browser's back/forward cache may be shown again; the server's own grace waits for it. No browser tells a page that
      // is loaded again from one that is closed, so the server is asked to wait a moment. What only asks (a mailto: link, a download,
      // "Leave this page?") hides nothing and never gets here.
      return happening.kept
        ? stay({ line: "lost" }, "leave_room")
        : stay({ line: "lost" }, "say_leaving", "leave_room");
    case "page_shown":
      return state.line === "lost" ? stay({}, "rejoin") : stay();
    case "hang_up":
      return end("hung_up", "hang_up");
    case "failed":
      return end("failed", "hang_up");
  }
}

const dialed = ({ phase }: State) => phase === "dialing" || phase === "ringing" || phase === "answered";

/** The customer's leg as LiveKit shows it. Whoever is seen has not left. */
function onCustomer(state: State, status: string): Step {
  const here: State = { ...state, customerGone: false };
  if (status === "active" && state.phase !== "answered")
    return { state: { ...here, phase: "answered" }, effects: ["report_answer"] };
  if (state.phase === "dialing") return { state: { ...here, phase: "ringing" }, effects: [] };
  return { state: here, effects: [] };
}

/** The server's word. It knows the call's end best; an answer it may know later than LiveKit. */
function onRecord(state: State, status: string): Step {
  switch (status) {
    case "ended":
      return {
        state: { phase: "ended", line: "up", customerGone: false, reason: "over" },
        effects: ["leave_room", "forget"],
      };
    case "answered":
      return { state: { ...state, phase: "answered" }, effects: [] };
    case "ringing":
      return { state: { ...state, phase: state.phase === "answered" ? "answered" : "ringing" }, effects: [] };
    default:
      return { state, effects: [] };
  }
}
