// The conversation with the service: one request at a time, and the latest wins.

/** The least time between two requests, in milliseconds: 15 a second look immediate. */
const pause = 66;

export const contentType = "application/json";

/** @param normalize Whether the server finds the digit in the image; off for images that are MNIST's own 28x28 pixels. */
export function pathOf(normalize, explain = false) {
  return "mnist/classify?" + (normalize ? "normalize=true&" : "") + "preview=true&reject=true&probabilities=true" + (explain ? "&explain=true" : "");
}

export async function bodyOf(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return `{"requests":[{"image":"${btoa(text)}"}]}`;
}

export class Classifier {
  #onAnswer;
  #waiting = null;
  #isBusy = false;
  #epoch = 0;

  /** @param onAnswer Gets { response, ...measurements } or { problem } of every request that is not out of date. */
  constructor(onAnswer) { this.#onAnswer = onAnswer; }

  /** Asks about an image; an image that still waits is replaced. `image` makes a Blob when its turn comes. */
  ask(question) {
    this.#waiting = question;
    if (!this.#isBusy) {
      this.#run();
    }
  }

  /** Forgets what is asked: no answer comes to what was asked before. */
  forget() {
    this.#epoch++;
    this.#waiting = null;
  }

  async #run() {
    this.#isBusy = true;
    while (this.#waiting) {
      const question = this.#waiting;
      const epoch = this.#epoch;
      this.#waiting = null;
      const answer = await send(question);
      if (epoch === this.#epoch) {
        this.#onAnswer(answer, question);
      }
      const again = answer.retryAfter && !this.#waiting && epoch === this.#epoch;
      await new Promise(resolve => setTimeout(resolve, again ? answer.retryAfter * 1000 : pause));
      if (again && !this.#waiting && epoch === this.#epoch) {
        this.#waiting = question;
      }
    }
    this.#isBusy = false;
  }
}

async function send({ image, normalize, explain }) {
  try {
    const body = await bodyOf(await image());
    const start = performance.now();
    const response = await fetch(pathOf(normalize, explain), { method: "POST", headers: { "Content-Type": contentType }, body });
    const content = await response.json();
    const milliseconds = performance.now() - start;
    if (!response.ok) {
      return { problem: content, retryAfter: Number(response.headers.get("Retry-After")) || 0 };
    }
    return {
      response: content.responses[0],
      milliseconds,
      engineMilliseconds: Number(/inference;dur=([\d.]+)/.exec(response.headers.get("Server-Timing"))?.[1]),
      model: response.headers.get("Mnist-Model-Version"),
    };
  } catch {
    return { problem: { type: "offline" } };
  }
}
