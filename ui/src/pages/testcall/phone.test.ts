import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Phone } from "./phone";

vi.mock("livekit-client", () => ({
  ConnectionState: { Disconnected: "disconnected" },
  RoomEvent: {},
  Track: { Kind: {}, Source: {} },
  Room: class {
    state = "connected";
    localParticipant = { setMicrophoneEnabled: () => Promise.resolve({}) };
    on() {}
    connect = () => Promise.resolve();
    disconnect = () => Promise.resolve();
  },
}));

const opened = { call_id: "c2c_1", room: "c2c-1", ws_url: "wss://livekit", token: "token" };

describe("hold in a test call", () => {
  let asked: string[];
  let status: number;

  beforeEach(() => {
    asked = [];
    status = 200;
    vi.stubGlobal("document", { createElement: () => ({}) });
    vi.stubGlobal("fetch", (path: string) => {
      asked.push(path);
      const body = status === 200 ? {} : { code: "not_connected", title: "Nobody is connected", status };
      return Promise.resolve(new Response(JSON.stringify(body), { status }));
    });
  });
  afterEach(() => void vi.unstubAllGlobals());

  test("is asked of the server, and shown once the server says so", async () => {
    const phone = new Phone();
    await phone.call(() => Promise.resolve(opened), undefined);
    await phone.setHeld(true);
    expect(phone.getView().held).toBe(true);
    await phone.setHeld(false);
    expect(phone.getView().held).toBe(false);
    expect(asked).toEqual(["connect", "hold", "unhold"].map((verb) => `/api/c2c/calls/c2c_1/${verb}`));
  });

  test("that is refused changes nothing on the page", async () => {
    const phone = new Phone();
    await phone.call(() => Promise.resolve(opened), undefined);
    status = 409;
    await expect(phone.setHeld(true)).rejects.toThrow();
    expect(phone.getView().held).toBe(false);
  });
});
