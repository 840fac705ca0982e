/** What a request block of the guide holds: HTTP as it is sent, without what every client adds by itself. */
interface Request {
  method: string;
  path: string;
  /** Whether it needs the CRM's inbound key. */
  keyed: boolean;
  /** JSON, or empty. */
  body: string;
}

const fence = /^```request\n([\s\S]*?)\n```$/gm;

/** Writes each request of the guide out in five languages, for the page and for /integration.md alike. */
export function writeOut(markdown: string): string {
  return markdown.replaceAll(fence, (_, text: string) => {
    const r = read(text);
    return [curl(r), node(r), python(r), php(r), go(r)].join("\n\n");
  });
}

function read(text: string): Request {
  const [head = "", body = ""] = text.split("\n\n");
  const [first = "", ...headers] = head.split("\n");
  const [method, path] = first.split(" ");
  if (!method || !path?.startsWith("/"))
    throw new Error(`a request of the guide begins with "${first}", not "GET /path"`);
  if (body) JSON.parse(body);
  return { method, path, keyed: headers.includes("X-api-key: YOUR_INBOUND_KEY"), body: body.trim() };
}

const block = (lang: string, title: string, lines: (string | false)[]) =>
  ["```" + lang + " " + title, ...lines.filter((l) => l !== false), "```"].join("\n");

/** Path segments such as {call_id} are values of the program; what is around them is not. */
const parts = (path: string) => path.split(/\{(\w+)\}/);

function curl({ method, path, keyed, body }: Request): string {
  const url = `{{BASE}}${path.replaceAll("{call_id}", "$CALL_ID")}`;
  const lines = [`curl${method === "GET" ? "" : ` -X ${method}`} ${/[?$]/.test(url) ? `"${url}"` : url}`];
  if (keyed) lines.push(`-H "X-api-key: YOUR_INBOUND_KEY"`);
  if (body) lines.push(`-H "Content-Type: application/json"`, `-d '${body}'`);
  return block("sh", "curl — in any shell", [lines.join(" \\\n  ")]);
}

function node({ method, path, keyed, body }: Request): string {
  const url = path.includes("{")
    ? "`{{BASE}}" + path.replaceAll(/\{(\w+)\}/g, (_, name: string) => `\${${camel(name)}}`) + "`"
    : `"{{BASE}}${path}"`;
  const headers = [
    keyed && `"X-api-key": process.env.CLICK2CALL_INBOUND_KEY`,
    body && `"Content-Type": "application/json"`,
  ].filter(Boolean);
  const options = [
    method !== "GET" && `  method: "${method}",`,
    headers.length > 0 && `  headers: { ${headers.join(", ")} },`,
    body && `  body: JSON.stringify(${body}),`,
  ].filter((l): l is string => Boolean(l));
  return block("js", "Node — 20 or later, no library needed", [
    options.length ? `const response = await fetch(${url}, {` : `const response = await fetch(${url});`,
    ...options,
    options.length > 0 && "});",
    "const answer = await response.json();",
    "if (!response.ok) throw new Error(answer.detail);",
  ]);
}

const camel = (name: string) => name.replaceAll(/_(\w)/g, (_, c: string) => c.toUpperCase());

function python({ method, path, keyed, body }: Request): string {
  const url = `${path.includes("{") ? "f" : ""}"{{BASE}}${path}"`;
  return block("python", "Python — pip install requests", [
    ...(keyed ? ["import os"] : []),
    "import requests",
    "",
    `response = requests.${method.toLowerCase()}(`,
    `    ${url},`,
    keyed && `    headers={"X-api-key": os.environ["CLICK2CALL_INBOUND_KEY"]},`,
    Boolean(body) && `    json=${body},`,
    "    timeout=30,",
    ")",
    "response.raise_for_status()",
    "answer = response.json()",
  ]);
}

function php({ method, path, keyed, body }: Request): string {
  const url = parts(path)
    .map((p, i) => (i % 2 ? `$${p}` : p && `'${i === 0 ? "{{BASE}}" : ""}${p}'`))
    .filter(Boolean)
    .join(" . ");
  const headers = [
    keyed && `'X-api-key: ' . getenv('CLICK2CALL_INBOUND_KEY')`,
    body && `'Content-Type: application/json'`,
  ].filter(Boolean);
  return block("php", "PHP — with its curl extension", [
    "<?php",
    `$curl = curl_init(${url});`,
    "curl_setopt_array($curl, [",
    "    CURLOPT_RETURNTRANSFER => true,",
    "    CURLOPT_TIMEOUT => 30,",
    method !== "GET" && `    CURLOPT_CUSTOMREQUEST => '${method}',`,
    headers.length > 0 && `    CURLOPT_HTTPHEADER => [${headers.join(", ")}],`,
    Boolean(body) && `    CURLOPT_POSTFIELDS => json_encode(${asPHP(body)}),`,
    "]);",
    "$answer = json_decode(curl_exec($curl), true);",
    "if (curl_getinfo($curl, CURLINFO_RESPONSE_CODE) !== 200) throw new Exception($answer['detail']);",
  ]);
}

function asPHP(json: string): string {
  const fields = Object.entries(JSON.parse(json) as Record<string, string | number>);
  return `[${fields.map(([k, v]) => `'${k}' => ${typeof v === "string" ? `'${v}'` : v}`).join(", ")}]`;
}

function go({ method, path, keyed, body }: Request): string {
  const url = parts(path)
    .map((p, i) => (i % 2 ? camel(p).replace(/Id$/, "ID") : p && `"${i === 0 ? "{{BASE}}" : ""}${p}"`))
    .filter(Boolean)
    .join("+");
  return block("go", "Go — net/http", [
    Boolean(body) && `body := strings.NewReader(\`${body}\`)`,
    `request, err := http.NewRequestWithContext(ctx, http.Method${method === "GET" ? "Get" : "Post"}, ${url}, ${body ? "body" : "nil"})`,
    "if err != nil {",
    "\treturn err",
    "}",
    keyed && `request.Header.Set("X-api-key", os.Getenv("CLICK2CALL_INBOUND_KEY"))`,
    Boolean(body) && `request.Header.Set("Content-Type", "application/json")`,
    "response, err := http.DefaultClient.Do(request)",
    "if err != nil {",
    "\treturn err",
    "}",
    "defer response.Body.Close()",
    "if response.StatusCode != http.StatusOK {",
    `\treturn fmt.Errorf("click2call answered %s", response.Status)`,
    "}",
    "err = json.NewDecoder(response.Body).Decode(&answer)",
  ]);
}
