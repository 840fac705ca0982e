import { load } from "js-yaml";

interface Ref {
  $ref?: string;
}
interface Schema extends Ref {
  type?: string;
  description?: string;
  enum?: (string | null)[];
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  nullable?: boolean;
  default?: string | number | boolean;
  example?: unknown;
  required?: string[];
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: unknown;
}
interface Parameter extends Ref {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: Schema;
}
interface Media {
  schema: Schema;
  example?: unknown;
}
interface Reply extends Ref {
  description: string;
  content?: Record<string, Media>;
}
interface Operation {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security?: object[];
  parameters?: Parameter[];
  requestBody?: { required?: boolean; content: Record<string, Media> };
  responses: Record<string, Reply>;
}
interface Document {
  info: { description: string };
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, Operation> & { parameters?: Parameter[] }>;
  components: { schemas: Record<string, Schema> } & Record<string, Record<string, unknown>>;
}

const titles: Record<string, string> = {
  crm: "For your server",
  browser: "For the agent's browser",
  livekit: "For LiveKit",
  operation: "For operations",
};

/** Writes the OpenAPI document out as Markdown, for people: every operation with its fields, an example and its replies. */
export function referenceOf(yaml: string): string {
  const document = load(yaml) as Document;
  const follow = <T extends Ref>(of: T): T => {
    if (!of.$ref) return of;
    const [, , kind = "", name = ""] = of.$ref.split("/");
    const found = document.components[kind]?.[name];
    if (!found) throw new Error(`openapi.yaml: ${of.$ref} leads nowhere`);
    return follow(found as T);
  };
  const lines = ["# API reference", document.info.description];
  lines.push(
    "Made from this version's [OpenAPI document]({{BASE}}/openapi.yaml). How the calls go together: [the integration guide]({{BASE}}/integration).",
  );
  for (const tag of document.tags) {
    lines.push(`## ${titles[tag.name] ?? tag.name}`, tag.description);
    for (const [path, item] of Object.entries(document.paths)) {
      for (const method of ["get", "post"]) {
        const operation = item[method];
        if (operation?.tags[0] === tag.name) {
          lines.push(...write(method.toUpperCase(), path, operation, item.parameters ?? [], follow));
        }
      }
    }
  }
  return lines.map((l) => l.trim()).join("\n\n") + "\n";
}

type Follow = <T extends Ref>(of: T) => T;

function write(method: string, path: string, o: Operation, shared: Parameter[], follow: Follow): string[] {
  const lines = [
    `### ${method} ${path}`,
    `**${o.summary}.**${o.security ? " Needs `X-api-key`." : ""} ${o.description ?? ""}`,
  ];
  if (o.tags[0] === "livekit") lines[1] = `**${o.summary}.** ${o.description ?? ""}`;
  const [type = "", body] = Object.entries(o.requestBody?.content ?? {})[0] ?? [];
  const rows = [
    ...[...shared, ...(o.parameters ?? [])]
      .map(follow)
      .map((p) => [`\`${p.name}\``, p.in, p.required ? "yes" : "no", meaning(follow(p.schema), p.description)]),
    ...fields(body && follow(body.schema), "body", follow),
  ];
  if (rows.length) lines.push(table(["Field", "In", "Required", "Meaning"], rows));
  if (body && type === "application/json") lines.push(code("Request", body.example ?? exampleOf(body.schema, follow)));
  const replies = Object.entries(o.responses).map(([status, r]): [string, Reply] => [status, follow(r)]);
  for (const [status, reply] of replies) {
    const json = reply.content?.["application/json"];
    if (!json || status !== "200") continue;
    lines.push(code(`Reply, ${status}`, json.example ?? exampleOf(json.schema, follow)));
    const of = fields(follow(json.schema), "reply", follow);
    if (of.length > 1)
      lines.push(
        table(
          ["Field", "Type", "Meaning"],
          of.map(([name = "", , , text = ""]) => [name, typeOf(follow(json.schema), name), text]),
        ),
      );
  }
  lines.push(
    table(
      ["Status", "When"],
      replies.map(([status, r]) => [status, oneLine(r.description)]),
    ),
  );
  return lines;
}

function fields(schema: Schema | undefined, where: string, follow: Follow): string[][] {
  return Object.entries(schema?.properties ?? {}).map(([name, of]) => [
    `\`${name}\``,
    where,
    schema?.required?.includes(name) ? "yes" : "no",
    meaning(follow(of), of.description),
  ]);
}

function typeOf(schema: Schema, name: string): string {
  const of = schema.properties?.[name.replaceAll("`", "")];
  return of?.type ?? (of?.$ref ? "string" : "");
}

/** What a value is, and what it may be. */
function meaning(schema: Schema, description = schema.description): string {
  const values = schema.enum?.filter((v) => v !== null).map((v) => `\`${v}\``);
  const limits = [
    values && `One of ${values.join(", ")}.`,
    schema.maxLength && `At most ${schema.maxLength} characters.`,
    schema.maximum !== undefined && schema.minimum !== undefined && `${schema.minimum} to ${schema.maximum}.`,
    schema.default !== undefined && `\`${String(schema.default)}\` when absent.`,
    schema.nullable && !description?.includes("ull") && "May be null.",
  ].filter(Boolean);
  return oneLine([description ?? "", ...limits].join(" "));
}

const oneLine = (text: string) => text.replaceAll("\n", " ").replaceAll("|", "\\|").trim();

/** A value that the schema describes, from its examples. */
function exampleOf(of: Schema, follow: Follow): unknown {
  const schema = follow(of);
  if (schema.example !== undefined) return schema.example;
  if (schema.enum) return schema.enum[0];
  switch (schema.type) {
    case "object":
      return Object.fromEntries(
        Object.entries(schema.properties ?? {}).map(([name, p]) => [name, exampleOf(p, follow)]),
      );
    case "array":
      return schema.items ? [exampleOf(schema.items, follow)] : [];
    case "integer":
      return schema.minimum ?? 0;
    case "boolean":
      return false;
    default:
      return schema.nullable ? null : "…";
  }
}

function code(title: string, value: unknown): string {
  return "```json " + title + "\n" + JSON.stringify(value, null, 2) + "\n```";
}

function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
