// Digits of the MNIST test set, in the order of the row; the note on the page's documentation says how they were chosen.

import { nameOf } from "./view.js";

const files = [
  "7_00000", "2_00001", "0_00003", "4_00004", "6_00021", "3_00030",
  "2_04504", "6_02454", "5_01393", "8_06625", "5_09729",
];
const firstHard = 6;

/** Fills the list with a button for each digit; `onPick` gets { blob, bitmap, label }. */
export function makeSamples(list, onPick) {
  list.replaceChildren(...files.map((name, i) => {
    const label = Number(name[0]);
    const isHard = i >= firstHard;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sample";
    button.setAttribute("aria-label", `A ${nameOf(label)}${isHard ? ", hard" : ""}`);
    button.setAttribute("aria-pressed", "false");
    const image = document.createElement("img");
    image.src = `samples/${name}.png`;
    image.alt = "";
    button.append(image);
    button.addEventListener("click", async () => {
      const blob = await (await fetch(image.src)).blob();
      onPick({ blob, bitmap: await createImageBitmap(blob), label });
      button.setAttribute("aria-pressed", "true");
    });
    const item = document.createElement("li");
    item.append(button);
    return item;
  }));
}
