// What the page says about an answer.

const names = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];
const byId = id => document.getElementById(id);

/** A number whose probability is less is not worth showing as the answer. */
const leastProbability = 0.5;

/** What is wrong, where the server's own words are for programmers. */
const problems = {
  "blank-image": "Nothing stands out. Is the digit on the picture, and large enough?",
  "low-contrast": "Ink and ground look nearly the same. Try more light, or a thicker pen.",
  "several-lines": "There are digits above one another. One line at a time, please.",
  "too-many-digits": "These are more digits than the server reads at once.",
  "body-too-large": "The image is larger than the server takes.",
  "unauthorized": "This server asks for a key. There is a field for it below the drawing.",
  "unknown-key": "The server does not know this key.",
  "rate-limited": "The key was used too often in this second. Trying again.",
  "full": "The server is busy. Trying again.",
  "draining": "The server is stopping. Trying again.",
  "stuck": "The server hangs. Trying again.",
  "deadline-passed": "The server is busy and gave up. Trying again.",
  "too-slow": "The connection was too slow to send the image.",
  "internal-error": "The server made an error. It is not you.",
  "offline": "The server does not answer. Trying again.",
};

export const nameOf = digit => names[digit];

/** Never more than is known: the nearest value below 100 % is not 100 %. */
export function percent(probability) {
  return probability >= 0.99995 ? ">\u00a099.99\u00a0%" : `${(probability * 100).toFixed(2)}\u00a0%`;
}

/** @param hasBegun Whether there is some ink, but too little to ask. */
export function showEmpty(hasBegun) {
  showNothing(hasBegun ? "A little more" : "Nothing yet", hasBegun ? "So little could be anything." : "The answer appears here.");
  for (const id of ["latency", "engine", "model"]) {
    byId(id).textContent = "–";
  }
}

/** For a server that takes its time. */
export function showWaiting() {
  if (byId("digit").dataset.state === "empty") {
    showNothing("Reading …", "The server takes its time.");
  }
}

/** @returns What a screen reader should say. */
export function showAnswer({ response, milliseconds, engineMilliseconds, model }, label) {
  byId("latency").textContent = `${milliseconds.toFixed(milliseconds < 10 ? 1 : 0)} ms`;
  byId("engine").textContent = `${engineMilliseconds.toFixed(2)} ms`;
  byId("model").textContent = model;
  return response.text === undefined ? showDigit(response, label) : showNumber(response);
}

function showDigit(response, label) {
  const digit = response.class;
  const sure = percent(response.probability);
  const isWrong = label !== undefined && label !== digit;
  const truth = label === undefined ? "" : isWrong ? ` Its label says ${label}: wrong.` : ` Its label says ${label}, too.`;
  showBars(response.probabilities.map((value, other) => ({ digit: other, value, isBest: other === digit })), isWrong || !response.digit);
  showSeen(response);
  if (response.digit) {
    say(String(digit), isWrong ? "doubtful" : "sure", sure, runnerUp(response) + truth);
    return `${nameOf(digit)}, ${sure}.${truth}`;
  }
  const isUnclear = response.reason === "low_confidence";
  say("?", "doubtful", isUnclear ? "No clear digit" : "Not a digit", (isUnclear
    ? `Most likely ${digit}, but only at ${sure}.`
    : `Like nothing it was trained to read. Forced to choose: ${digit}.`) + truth);
  return `${byId("headline").textContent}.${truth}`;
}

function showNumber({ text, probability, digits }) {
  const sure = percent(probability);
  const isUnclear = probability < leastProbability;
  showBars(digits.map(digit => ({ digit: digit.class, value: digit.probability, isBest: true })), isUnclear);
  showSeen(null);
  if (isUnclear) {
    say("?", "doubtful", "No clear number", `Most likely ${text}, but only at ${sure}.`);
    return `No clear number. Most likely ${text}.`;
  }
  const weakest = digits.reduce((least, digit) => (digit.probability < least.probability ? digit : least));
  say(text, "number", sure, weakest.probability > 0.999 ? "Every digit is clear." : `Least sure of the ${weakest.class}, at ${percent(weakest.probability)}.`);
  return `${text}, ${sure}.`;
}

export function showProblem(problem) {
  const [fault] = Object.values(problem.errors ?? {}).flat();
  showNothing("No answer", problems[problem.type?.replace("urn:mnist:problem:", "")]
    ?? (fault ? `The image ${fault}` : problem.detail ?? "Something went wrong."), "problem");
  return byId("detail").textContent;
}

function showNothing(headline, detail, state = "empty") {
  say("", state, headline, detail);
  showBars(names.map((_, digit) => ({ digit })), false);
  showSeen(null);
}

function say(text, state, headline, detail) {
  const digit = byId("digit");
  digit.dataset.state = state;
  if (digit.textContent !== text) {
    // A new element: what is new comes in with a small movement, what stays does not.
    const guess = document.createElement("span");
    guess.textContent = text;
    digit.replaceChildren(guess);
    digit.style.setProperty("--length", Math.max(1, text.length));
  }
  byId("headline").textContent = headline;
  byId("detail").textContent = detail;
}

function runnerUp({ class: digit, probabilities }) {
  const [second] = probabilities.map((value, other) => ({ value, other })).filter(({ other }) => other !== digit).sort((a, b) => b.value - a.value);
  return second.value < 0.0005 ? "Nothing else comes near." : `Next would be ${second.other}, at ${percent(second.value)}.`;
}

/** @param rows A bar for each: of the ten digits that it may be, or of those that a number has. */
function showBars(rows, isDoubtful) {
  const list = byId("bars");
  while (list.childElementCount < rows.length) {
    const item = document.createElement("li");
    item.innerHTML = '<span></span><span class="track"><span class="fill"></span></span><span class="value"></span>';
    list.append(item);
  }
  list.classList.toggle("doubtful", isDoubtful);
  [...list.children].forEach((item, i) => {
    const row = rows[i];
    item.hidden = !row;
    item.classList.toggle("best", row?.isBest === true);
    item.firstElementChild.textContent = row?.digit;
    item.querySelector(".fill").style.transform = `scaleX(${row?.value ?? 0})`;
    item.querySelector(".value").textContent = row?.value === undefined ? "–" : percent(row.value);
  });
}

async function showSeen(response) {
  const seen = byId("seen");
  const context = seen.getContext("2d");
  showHeat(response?.explanation);
  seen.parentElement.classList.toggle("blank", !response);
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
