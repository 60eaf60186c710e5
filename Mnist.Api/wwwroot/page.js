import { Classifier } from "./classifier.js";
import { curlOf } from "./curl.js";
import { Pad } from "./pad.js";
import { readPhoto } from "./photo.js";
import { makeSamples } from "./samples.js";
import { showAnswer, showEmpty, showProblem, showWaiting } from "./view.js";

const byId = id => document.getElementById(id);
const root = document.documentElement;

/** From when on a person should see that the server is slow, in milliseconds. */
const slow = 700;

/** What is on the paper: { image, normalize, label, isPicture }; image makes a Blob. */
let subject = null;
let isNumber = false;
let announcement = 0;
let slowness = 0;

const classifier = new Classifier((answer, question) => {
  const { response, problem, needsKey } = answer;
  wait(false);
  wait(classifier.isWaiting);
  announce(problem ? showProblem(problem) : showAnswer(answer, question.label));
  isNumber = response?.digits !== undefined;
  pad.mark(isNumber ? response.digits.map(digit => digit.box) : question.isPicture && response?.box ? [response.box] : []);
  byId("key").hidden = !needsKey;
});
const pad = new Pad(byId("drawing"), byId("marks"), drawingChanged, sayNow);

function drawingChanged() {
  if (subject?.isPicture) {
    classifier.forget();
  }
  subject = pad.isEmpty ? null : { image: () => pad.toPng(), normalize: true };
  deselectSamples();
  notify("");
  ask();
}

function pictureChosen({ blob, bitmap, notice = "", normalize, label }) {
  classifier.forget();
  deselectSamples();
  pad.show(bitmap);
  isNumber = false;
  subject = { image: () => Promise.resolve(blob), normalize, label, isPicture: true };
  notify(notice);
  ask();
  byId("verdict").scrollIntoView({ block: "nearest" });
}

function ask() {
  byId("hint").hidden = subject !== null;
  for (const id of ["undo", "clear", "curl"]) {
    byId(id).disabled = subject === null;
  }
  if (subject && !pad.isTiny) {
    // Which pixels decided is worth its cost once the stroke is whole.
    classifier.ask({ ...subject, isNumber, explain: isPressed("explain") && !pad.isDrawing });
    wait(true);
  } else {
    classifier.forget();
    wait(false);
    isNumber = false;
    pad.mark([]);
    showEmpty(subject !== null);
    announce(byId("headline").textContent);
  }
}

/** An answer that is out of date pales, but only where the next one is slow to come. */
function wait(isWaiting) {
  if (!isWaiting) {
    clearTimeout(slowness);
    slowness = 0;
    byId("verdict").classList.remove("waiting");
  } else if (slowness === 0) {
    slowness = setTimeout(() => {
      byId("verdict").classList.add("waiting");
      showWaiting();
    }, slow);
  }
}

function deselectSamples() {
  byId("samples").querySelectorAll("[aria-pressed=true]").forEach(button => button.setAttribute("aria-pressed", "false"));
}

/** Tells a screen reader, but only what stays: while a stroke moves, every answer replaces the one before. */
function announce(text) {
  clearTimeout(announcement);
  announcement = setTimeout(() => {
    if (byId("live").textContent !== text) {
      sayNow(text);
    }
  }, 800);
}

function sayNow(text) { byId("live").textContent = text; }

function notify(text) {
  byId("notice").textContent = text;
  byId("notice").hidden = text === "";
  if (text) {
    sayNow(text);
  }
}

const isPressed = id => byId(id).getAttribute("aria-pressed") === "true";

byId("undo").addEventListener("click", () => pad.undo());
byId("clear").addEventListener("click", () => {
  pad.clear();
  byId("drawing").focus();
});
document.addEventListener("keydown", event => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && subject && event.target !== byId("key-text")) {
    event.preventDefault();
    pad.undo();
  }
});

byId("explain").addEventListener("click", () => {
  byId("explain").setAttribute("aria-pressed", String(!isPressed("explain")));
  byId("legend").hidden = !isPressed("explain");
  if (subject) {
    ask();
  }
  byId("verdict").scrollIntoView({ block: "nearest" });
});

byId("key").addEventListener("submit", event => {
  event.preventDefault();
  classifier.key = byId("key-text").value.trim();
  byId("key").hidden = true;
  ask();
});

/** Browsers give the clipboard's interface to secure addresses alone, and people try the page on others. */
async function copy(text) {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

byId("curl").addEventListener("click", async () => {
  await copy(await curlOf({ ...subject, isNumber, explain: isPressed("explain"), canReject: classifier.canReject, hasKey: classifier.key !== "" }));
  byId("curl").textContent = "Copied";
  sayNow("Copied");
  setTimeout(() => { byId("curl").textContent = "Copy as curl"; }, 1500);
});

async function openFile(file) {
  try {
    pictureChosen({ ...await readPhoto(file), normalize: true });
  } catch (error) {
    notify(error.message);
  }
}

for (const id of ["file", "camera"]) {
  byId(id).addEventListener("change", event => {
    const [file] = event.target.files;
    if (file) {
      openFile(file);
    }
    event.target.value = "";
  });
}

document.addEventListener("paste", event => {
  if (event.target === byId("key-text")) {
    return;
  }
  const [file] = event.clipboardData.files;
  if (file) {
    event.preventDefault();
    openFile(file);
  } else {
    notify("There is no image on the clipboard.");
  }
});

let dragDepth = 0;
function dragBy(change) {
  dragDepth = Math.max(0, dragDepth + change);
  byId("drop").hidden = dragDepth === 0;
}
document.addEventListener("dragenter", () => dragBy(1));
document.addEventListener("dragleave", () => dragBy(-1));
document.addEventListener("dragover", event => event.preventDefault());
document.addEventListener("drop", event => {
  event.preventDefault();
  dragBy(-dragDepth);
  const [file] = event.dataTransfer.files;
  if (file) {
    openFile(file);
  } else {
    notify("That was not an image file.");
  }
});

const darkByDefault = matchMedia("(prefers-color-scheme: dark)");
const isDark = () => (root.dataset.theme ?? (darkByDefault.matches ? "dark" : "light")) === "dark";
function showTheme() {
  byId("theme").textContent = isDark() ? "Light theme" : "Dark theme";
  pad.redraw();
}
byId("theme").addEventListener("click", () => {
  root.dataset.theme = isDark() ? "light" : "dark";
  localStorage.setItem("theme", root.dataset.theme);
  showTheme();
});
darkByDefault.addEventListener("change", showTheme);

makeSamples(byId("samples"), sample => pictureChosen({ ...sample, normalize: false }));
showEmpty(false);
showTheme();
