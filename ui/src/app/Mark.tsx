import { path } from "./base";

/** The product's mark. */
export function Mark({ size = 22 }: { size?: number }) {
  return <img src={`${path}/favicon.svg`} width={size} height={size} alt="" />;
}
