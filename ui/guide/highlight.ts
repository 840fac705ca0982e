import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import go from "highlight.js/lib/languages/go";
import javascript from "highlight.js/lib/languages/javascript";
import json from "highlight.js/lib/languages/json";
import php from "highlight.js/lib/languages/php";
import python from "highlight.js/lib/languages/python";
import xml from "highlight.js/lib/languages/xml";

hljs.registerLanguage("sh", bash);
hljs.registerLanguage("go", go);
hljs.registerLanguage("js", javascript);
hljs.registerLanguage("javascript", javascript); // in HTML
hljs.registerLanguage("json", json);
hljs.registerLanguage("php", php);
hljs.registerLanguage("python", python);
hljs.registerLanguage("html", xml);

/** Colours code when the console is built, as HTML with class names. It throws on a language that it does not know. */
export function highlight(text: string, lang: string): string {
  return hljs.highlight(text, { language: lang }).value;
}
