import { lazy, Suspense, useState, type ComponentType } from "react";

/** A dialog whose code is loaded when it is first opened: what nobody has asked for yet must not delay the first view. */
export function onDemand<Props extends { opened: boolean }>(load: () => Promise<ComponentType<Props>>) {
  const Dialog = lazy(async () => ({ default: await load() }));
  return function OnDemand(props: Props) {
    const [asked, setAsked] = useState(props.opened);
    if (props.opened && !asked) setAsked(true);
    return (
      asked && (
        <Suspense fallback={null}>
          <Dialog {...props} />
        </Suspense>
      )
    );
  };
}
