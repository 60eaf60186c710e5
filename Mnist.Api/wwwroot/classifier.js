// The conversation with the service: one request at a time, and the latest wins.

/** The least time between two requests, in milliseconds: 15 a second look immediate. */
const pause = 66;

/** How long an answer may take, in milliseconds. A picture may be large, and its way slow. */
const patience = { drawing: 10_000, picture: 60_000 };

/** After how many seconds a server that did not answer is asked again. */
const retryUnanswered = 2;

export const contentType = "application/json";

/**
 * @param normalize Whether the server finds the digit in the image; off for images that are MNIST's own 28x28 pixels.
 * @param isNumber Whether the image has several digits. Whoever is wrong in this gets the right answer all the same, after a second request.
 * @param canReject Whether the network that is served tells digits from other images.
 */
export function pathOf({ normalize, explain, isNumber, canReject }) {
  const switches = { normalize, preview: true, reject: canReject, probabilities: true, explain };
  return isNumber ? "mnist/read" : "mnist/classify?" + Object.keys(switches).filter(name => switches[name]).map(name => `${name}=true`).join("&");
}

export async function bodyOf(blob) {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  }
  return `{"requests":[{"image":"${btoa(text)}"}]}`;
}

const isSeveral = answer => answer.problem?.type === "urn:mnist:problem:several-digits";

export class Classifier {
  /** What the server asks for where its operator has set keys; kept by this page alone, and no longer than it is open. */
  key = "";

  /** Whether the network that is served tells digits from other images. Weights need not; then the service refuses the wish, once. */
  canReject = true;

  #onAnswer;
  #waiting = null;
  #isBusy = false;
  #outdated = new AbortController();

  /** @param onAnswer Gets { response, ...measurements } or { problem } of every request that is not out of date. */
  constructor(onAnswer) { this.#onAnswer = onAnswer; }

  /** Whether an image waits for the request before it. */
  get isWaiting() { return this.#waiting !== null; }

  /** Asks about an image; an image that still waits is replaced. `image` makes a Blob when its turn comes. */
  ask(question) {
    this.#waiting = question;
    if (!this.#isBusy) {
      this.#run();
    }
  }

  /** Forgets what is asked: no answer comes to what was asked before, and what is under way is given up. */
  forget() {
    this.#outdated.abort();
    this.#outdated = new AbortController();
    this.#waiting = null;
  }

  async #run() {
    this.#isBusy = true;
    while (this.#waiting) {
      const question = this.#waiting;
      const outdated = this.#outdated.signal;
      this.#waiting = null;
      const answer = await this.#send(question, outdated);
      if (!outdated.aborted) {
        this.#onAnswer(answer, question);
      }
      const again = () => answer.retryAfter && !this.#waiting && !outdated.aborted;
      await new Promise(resolve => setTimeout(resolve, again() ? answer.retryAfter * 1000 : pause));
      if (again()) {
        this.#waiting = question;
      }
    }
    this.#isBusy = false;
  }

  async #send(question, outdated) {
    try {
      const body = await bodyOf(await question.image());
      const signal = AbortSignal.any([outdated, AbortSignal.timeout(question.isPicture ? patience.picture : patience.drawing)]);
      const answer = await this.#post(question, body, signal);
      if (isSeveral(answer)) {
        return await this.#post({ isNumber: true }, body, signal);
      }
      if (answer.response?.digits?.length === 1) {
        const single = await this.#post({ ...question, isNumber: false }, body, signal);
        return isSeveral(single) ? answer : single;
      }
      return answer;
    } catch {
      return { problem: { type: "offline" }, retryAfter: retryUnanswered };
    }
  }

  async #post(question, body, signal) {
    const headers = { "Content-Type": contentType, ...(this.key && { Authorization: `Bearer ${this.key}` }) };
    const start = performance.now();
    const response = await fetch(pathOf({ ...question, canReject: this.canReject }), { method: "POST", headers, body, signal });
    const content = await response.json();
    const milliseconds = performance.now() - start;
    if (content.errors?.reject && this.canReject) {
      this.canReject = false;
      return this.#post(question, body, signal);
    }
    if (!response.ok) {
      return {
        problem: response.status === 401 && this.key ? { type: "unknown-key" } : content,
        needsKey: response.status === 401,
        retryAfter: Number(response.headers.get("Retry-After")) || 0,
      };
    }
    return {
      response: content.responses[0],
      milliseconds,
      engineMilliseconds: Number(/inference;dur=([\d.]+)/.exec(response.headers.get("Server-Timing"))?.[1]),
      model: response.headers.get("Mnist-Model-Version"),
    };
  }
}
