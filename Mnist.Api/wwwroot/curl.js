import { bodyOf, contentType, pathOf } from "./classifier.js";

/** The command for a shell that sends exactly the request of the page. The body comes by a here-document: an argument has a length limit. */
export async function curlOf({ image, normalize, explain }) {
  const url = new URL(pathOf(normalize, explain), location.href);
  return `curl -s '${url}' -H 'Content-Type: ${contentType}' --data-binary @- <<'END'\n${await bodyOf(await image())}\nEND\n`;
}
