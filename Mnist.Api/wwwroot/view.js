// What the page says about an answer.

const names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const byId = id => document.getElementById(id);

const problems = {
  "blank-image": "There is nothing to see yet. Draw a little more.",
  "low-contrast": "Ink and ground look nearly the same. Try more light, or a thicker pen.",
  "several-digits": "There seem to be several digits. One at a time, please.",
  "invalid-image": "The server cannot read this image.",
  "body-too-large": "The image is larger than the server takes.",
  "unauthorized": "This server asks for a key, and the page has none: use the API, or a server without keys.",
  "full": "The server is busy. Trying again in a moment.",
  "draining": "The server is stopping. Trying again in a moment.",
  "deadline-passed": "The server is busy and gave up. Trying again in a moment.",
  "too-slow": "The connection was too slow to send the image.",
  "internal-error": "The server made an error. It is not you.",
  "offline": "The server does not answer. Is it still running?",
};

export const nameOf = digit => names[digit];

/** Never more than is known: the nearest value below 100 % is not 100 %. */
export function percent(probability) {
  return probability >= 0.99995 ? "> 99.99 %" : `${(probability * 100).toFixed(2)} %`;
}

export function makeBars() {
  byId("bars").replaceChildren(...names.map((_, digit) => {
    const item = document.createElement("li");
    item.innerHTML = `<span>${digit}</span><span class="track"><span class="fill"></span></span><span class="value">–</span>`;
    return item;
  }));
}

/** @param hasBegun Whether there is some ink, but too little to ask. */
export function showEmpty(hasBegun) {
  say("–", "empty", hasBegun ? "A little more" : "Nothing drawn yet", hasBegun ? "So little could be anything." : "The answer appears here.");
  showBars(null, false);
  showSeen(null);
  for (const id of ["latency", "engine", "model"]) {
    byId(id).textContent = "–";
  }
}

/** @returns What a screen reader should say. */
export function showAnswer({ response, milliseconds, engineMilliseconds, model }, label) {
  const digit = response.class;
  const isDigit = response.digit;
  const sure = percent(response.probability);
  const truth = label === undefined ? "" : label === digit ? ` Its label says ${label}, too.` : ` Its label says ${label}: wrong.`;
  if (isDigit) {
    say(String(digit), "digit", sure, runnerUp(response) + truth);
  } else {
    const isUnclear = response.reason === "low_confidence";
    say("?", "none", isUnclear ? "No clear digit" : "Not a digit", (isUnclear
      ? `Most likely ${digit}, but only at ${sure}.`
      : `It is like nothing the network was trained to read. Forced to choose, it says ${digit}.`) + truth);
  }
  showBars(response, !isDigit);
  showSeen(response);
  byId("latency").textContent = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  byId("engine").textContent = `${engineMilliseconds.toFixed(2)} ms`;
  byId("model").textContent = model;
  return isDigit ? `${nameOf(digit)}, ${sure}.${truth}` : `${byId("headline").textContent}.${truth}`;
}

export function showProblem(problem) {
  const known = problems[problem.type?.replace("urn:mnist:problem:", "")];
  const detail = problem.type === "urn:mnist:problem:invalid-image" ? ` ${problem.detail}` : "";
  say("–", "empty", "No answer", known ? known + detail : problem.detail ?? "Something went wrong.");
  showBars(null, false);
  showSeen(null);
  return byId("detail").textContent;
}

function say(digit, state, headline, detail) {
  byId("digit").textContent = digit;
  byId("digit").dataset.state = state;
  byId("headline").textContent = headline;
  byId("detail").textContent = detail;
}

function runnerUp({ class: digit, probabilities }) {
  const [second] = probabilities.map((value, other) => ({ value, other })).filter(({ other }) => other !== digit).sort((a, b) => b.value - a.value);
  return second.value < 0.0005 ? "Nothing else comes near." : `Next would be ${second.other}, at ${percent(second.value)}.`;
}

function showBars(response, isDoubtful) {
  byId("bars").classList.toggle("doubtful", isDoubtful);
  [...byId("bars").children].forEach((item, digit) => {
    const probability = response?.probabilities[digit];
    item.classList.toggle("best", response?.class === digit);
    item.querySelector(".fill").style.transform = `scaleX(${probability ?? 0})`;
    item.querySelector(".value").textContent = probability === undefined ? "–" : percent(probability);
  });
}

async function showSeen(response) {
  const seen = byId("seen");
  const context = seen.getContext("2d");
  showHeat(response?.explanation);
  if (!response) {
    context.clearRect(0, 0, 28, 28);
    seen.setAttribute("aria-label", "What the network sees: nothing yet");
    return;
  }
  const image = new Image();
  image.src = `data:image/png;base64,${response.preview}`;
  await image.decode();
  context.drawImage(image, 0, 0);
  seen.setAttribute("aria-label", `What the network sees: 28 by 28 grey pixels${response.explanation ? ", with those that decided" : ""}`);
}

/** Orange where the network needs a pixel, blue where it disturbs; the strongest is opaque. */
function showHeat(explanation) {
  const context = byId("heat").getContext("2d");
  context.clearRect(0, 0, 28, 28);
  if (!explanation) {
    return;
  }
  const weights = explanation.flat();
  const most = Math.max(...weights.map(Math.abs), 1e-6);
  const image = context.createImageData(28, 28);
  weights.forEach((weight, i) => {
    const colour = weight > 0 ? [255, 122, 47] : [77, 159, 255];
    image.data.set([...colour, 230 * Math.sqrt(Math.abs(weight) / most)], i * 4);
  });
  context.putImageData(image, 0, 0);
}
