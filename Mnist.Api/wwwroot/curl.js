import { bodyOf, contentType, pathOf } from "./classifier.js";

/**
 * The command for a shell that sends exactly the request of the page. The body comes by a here-document: an argument has a length limit.
 * A key stays where it is: the command takes it from a variable.
 */
export async function curlOf({ image, hasKey, ...question }) {
  const url = new URL(pathOf(question), location.href);
  const key = hasKey ? ` -H "Authorization: Bearer $MNIST_API_KEY"` : "";
  return `curl -s '${url}' -H 'Content-Type: ${contentType}'${key} --data-binary @- <<'END'\n${await bodyOf(await image())}\nEND\n`;
}
