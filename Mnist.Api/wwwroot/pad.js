// The paper: what is on it (strokes or a picture), and the pointers and keys that draw.

import { imageSide, Strokes } from "./strokes.js";

const step = 0.05;
const smallStep = 0.01;
const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

export class Pad {
  #ink;
  #marks;
  #strokes = new Strokes();
  #picture = null;
  #boxes = [];
  #pointer = null;
  #pen = { x: 0.5, y: 0.3, isDown: false };
  #onChange;
  #say;
  #isDirty = false;

  /**
   * @param onChange Called when the content changed; with true while a pointer is down.
   * @param say Tells a person who cannot see the pen what it does.
   */
  constructor(ink, marks, onChange, say) {
    this.#ink = ink;
    this.#marks = marks;
    this.#onChange = onChange;
    this.#say = say;
    ink.addEventListener("pointerdown", event => this.#press(event));
    ink.addEventListener("pointermove", event => this.#move(event));
    ink.addEventListener("pointerup", event => this.#release(event));
    ink.addEventListener("pointercancel", event => this.#release(event));
    ink.addEventListener("keydown", event => this.#key(event));
    ink.addEventListener("focus", () => this.redraw());
    ink.addEventListener("blur", () => this.redraw());
    new ResizeObserver(() => this.redraw()).observe(ink);
  }

  get isEmpty() { return this.#strokes.isEmpty && !this.#picture; }

  /** Whether there is so little ink that it says nothing yet: a dot, or a stroke as flat as no digit is. */
  get isTiny() { return !this.#picture && this.#strokes.height < 0.12; }

  get isDrawing() { return this.#pointer !== null; }

  toPng() { return this.#strokes.toPng(); }

  /** Shows a picture instead of strokes. */
  show(bitmap) {
    this.#reset();
    this.#picture = bitmap;
    this.redraw();
  }

  /** Marks where digits were found, in pixels of the picture or of the drawing's image. */
  mark(boxes) {
    this.#boxes = boxes;
    this.redraw();
  }

  undo() {
    if (this.#picture) {
      this.#reset();
    } else {
      this.#strokes.undo();
      this.#pen.isDown = false;
    }
    this.#changed();
  }

  clear() {
    this.#reset();
    this.#changed();
  }

  /** Draws at most once a frame, however many events come. */
  redraw() {
    if (!this.#isDirty) {
      this.#isDirty = true;
      requestAnimationFrame(() => {
        this.#isDirty = false;
        this.#drawInk();
        this.#drawMarks();
      });
    }
  }

  #reset() {
    this.#strokes.clear();
    this.#picture = null;
    this.#boxes = [];
    this.#pen.isDown = false;
  }

  #changed() {
    this.redraw();
    this.#onChange();
  }

  #begin(point) {
    if (this.#picture) {
      this.#reset();
    }
    this.#strokes.begin(point);
  }

  #place(event) {
    const { left, top, width, height } = this.#ink.getBoundingClientRect();
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height };
  }

  #press(event) {
    if (this.#pointer === null && event.button === 0) {
      this.#pointer = event.pointerId;
      this.#ink.setPointerCapture(event.pointerId);
      this.#pen.isDown = false;
      this.#begin(this.#place(event));
      this.#changed();
    }
  }

  #move(event) {
    if (event.pointerId === this.#pointer) {
      const moves = event.getCoalescedEvents?.() ?? [];
      for (const move of moves.length > 0 ? moves : [event]) {
        this.#strokes.extend(this.#place(move));
      }
      this.#changed();
    }
  }

  #release(event) {
    if (event.pointerId === this.#pointer) {
      this.#pointer = null;
      this.#changed();
    }
  }

  #key(event) {
    if (arrows[event.key]) {
      const [right, down] = arrows[event.key];
      const size = event.shiftKey ? smallStep : step;
      this.#pen.x = Math.min(0.98, Math.max(0.02, this.#pen.x + right * size));
      this.#pen.y = Math.min(0.98, Math.max(0.02, this.#pen.y + down * size));
      if (this.#pen.isDown) {
        this.#strokes.extend({ x: this.#pen.x, y: this.#pen.y });
        this.#onChange();
      }
      this.redraw();
    } else if (event.key === " ") {
      this.#pen.isDown = !this.#pen.isDown;
      if (this.#pen.isDown) {
        this.#begin({ x: this.#pen.x, y: this.#pen.y });
      }
      this.#say(this.#pen.isDown ? "Pen down" : "Pen up");
      this.#changed();
    } else if (event.key === "Delete" || event.key === "Backspace") {
      this.clear();
    } else {
      return;
    }
    event.preventDefault();
  }

  #prepare(canvas) {
    const side = Math.round(canvas.clientWidth * devicePixelRatio);
    canvas.width = canvas.height = side;
    const context = canvas.getContext("2d");
    context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
    return { context, side };
  }

  /** Where the image is on the paper: whole, in the middle, small ones with square pixels. */
  #frame(side) {
    const { width, height } = this.#picture ?? { width: imageSide, height: imageSide };
    const scale = side / Math.max(width, height);
    return { scale, x: (side - width * scale) / 2, y: (side - height * scale) / 2 };
  }

  #drawInk() {
    const { context, side } = this.#prepare(this.#ink);
    if (this.#picture) {
      const { scale, x, y } = this.#frame(side);
      context.imageSmoothingEnabled = scale < 4;
      context.drawImage(this.#picture, x, y, this.#picture.width * scale, this.#picture.height * scale);
    } else {
      this.#strokes.draw(context, side);
    }
  }

  #drawMarks() {
    const { context, side } = this.#prepare(this.#marks);
    context.lineWidth = 2 * devicePixelRatio;
    const { scale, x, y } = this.#frame(side);
    for (const box of this.#boxes) {
      context.strokeRect(x + box.x * scale, y + box.y * scale, box.width * scale, box.height * scale);
    }
    if (this.#ink.matches(":focus-visible")) {
      context.beginPath();
      context.arc(this.#pen.x * side, this.#pen.y * side, side * 0.035, 0, 2 * Math.PI);
      context.stroke();
      if (this.#pen.isDown) {
        context.globalAlpha = 0.4;
        context.fill();
      }
    }
  }
}
