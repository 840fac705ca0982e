import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Mark } from "@/app/Mark";
import classes from "./Gate.module.css";

/** The frame of the pages before the console. */
export function Gate({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.gate}>
      <div className={classes.box}>
        <Mark size={36} />
        <Title order={1} mt="md" mb="lg">
          {title}
        </Title>
        {children}
      </div>
    </main>
  );
}
