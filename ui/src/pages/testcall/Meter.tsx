import { useEffect, useRef } from "react";
import classes from "./TestCall.module.css";

const quietest = -60; // dBFS, the left end of the scale

/** The level of a sound, moving with it. It writes to the element itself: sixty renders a second would be a waste. */
export function Meter({ track, label }: { track: MediaStreamTrack | null; label: string }) {
  const bar = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = bar.current;
    if (!element || !track) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let shown = 0;
    let frame = requestAnimationFrame(function draw() {
      analyser.getFloatTimeDomainData(samples);
      shown = Math.max(levelOf(samples), shown - 0.03);
      element.style.setProperty("--level", String(shown));
      element.setAttribute("aria-valuenow", String(Math.round(shown * 100)));
      frame = requestAnimationFrame(draw);
    });
    return () => {
      cancelAnimationFrame(frame);
      element.style.setProperty("--level", "0");
      element.setAttribute("aria-valuenow", "0");
      void context.close();
    };
  }, [track]);
  return (
    <div className={classes.side}>
      <span>{label}</span>
      <div
        ref={bar}
        className={classes.meter}
        role="meter"
        aria-label={`${label} level`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={0}
      />
    </div>
  );
}

/** The loudness of samples on the scale, 0 to 1. */
export function levelOf(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  const rms = Math.sqrt(sum / samples.length);
  if (rms === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(rms)) / quietest));
}
