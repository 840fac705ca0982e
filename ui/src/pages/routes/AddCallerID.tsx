import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { api, read, type Schema } from "@/api/client";
import { useAction } from "@/api/hooks";
import { ProblemAlert } from "@/components/ProblemAlert";
import { routesTouch } from "./undo";
import { inputOf, international, isInternational, valuesOf } from "./values";
import { seriesChoices } from "./words";

interface Values {
  route_id: string;
  number: string;
  series: Schema<"RouteDID">["series"];
}

/** Gives a route one number more. */
export function AddCallerID({ routes, close }: { routes: Schema<"Route">[]; close: () => void }) {
  const form = useForm<Values>({
    initialValues: { route_id: routes[0]?.route_id ?? "", number: "", series: "standard" },
    validate: {
      number: (typed, { route_id }) => {
        if (!isInternational(typed)) return "International form, such as +919999999999";
        const has = routes.find((r) => r.route_id === route_id)?.caller_id.dids;
        return has?.some((d) => d.number === international(typed)) ? "The route has this number" : null;
      },
    },
  });
  const add = useAction({
    run: ({ route_id, number, series }: Values) => {
      const route = routes.find((r) => r.route_id === route_id);
      if (!route) throw new Error("The route was removed meanwhile");
      const body = inputOf(valuesOf(route));
      body.caller_id.dids.push({ number: international(number), series });
      return read(api.PUT("/api/admin/routes/{route_id}", { params: { path: { route_id } }, body }));
    },
    touches: routesTouch,
    done: "Number added, for the next call on.",
    quiet: true,
    onDone: close,
  });
  return (
    <Modal opened onClose={close} title="Add a caller ID">
      <form onSubmit={form.onSubmit((values) => add.mutate(values))}>
        <Stack gap="md">
          <Select
            label="Route"
            description="Which of its numbers a call shows is set on the route."
            data={routes.map((r) => ({ value: r.route_id, label: r.name }))}
            allowDeselect={false}
            {...form.getInputProps("route_id")}
          />
          <TextInput
            label="Number"
            placeholder="+919999999999"
            maxLength={32}
            data-autofocus
            {...form.getInputProps("number")}
          />
          <Select label="Series" data={seriesChoices} allowDeselect={false} {...form.getInputProps("series")} />
          {add.error && <ProblemAlert error={add.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add the number
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
