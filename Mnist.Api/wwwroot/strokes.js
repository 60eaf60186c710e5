// The drawing as data: strokes of points in 0..1, and how they become ink.

const penWidth = 0.062;

/** The side of the drawing as an image, in pixels. */
export const imageSide = 280;

/** A list of strokes, each a list of points { x, y } in 0..1 from the top left. */
export class Strokes {
  #strokes = [];

  get isEmpty() { return this.#strokes.length === 0; }

  /** From the highest point to the lowest, in sides of the paper. */
  get height() {
    const heights = this.#strokes.flat().map(point => point.y);
    return Math.max(...heights) - Math.min(...heights);
  }

  begin(point) { this.#strokes.push([point]); }

  /** Adds a point to the last stroke, if it is far enough from the one before to be seen. */
  extend(point) {
    const stroke = this.#strokes.at(-1);
    const last = stroke.at(-1);
    if (Math.hypot(point.x - last.x, point.y - last.y) > 0.003) {
      stroke.push(point);
    }
  }

  undo() { this.#strokes.pop(); }

  clear() { this.#strokes = []; }

  /** Draws all strokes on a square of `side` pixels: quadratic curves through the middles of neighbouring points. */
  draw(context, side) {
    context.lineWidth = penWidth * side;
    context.lineCap = "round";
    context.lineJoin = "round";
    for (const points of this.#strokes) {
      const [first, ...rest] = points.map(point => ({ x: point.x * side, y: point.y * side }));
      context.beginPath();
      context.moveTo(first.x, first.y);
      rest.forEach((point, i) => {
        const next = rest[i + 1];
        if (next) {
          context.quadraticCurveTo(point.x, point.y, (point.x + next.x) / 2, (point.y + next.y) / 2);
        } else {
          context.lineTo(point.x, point.y);
        }
      });
      if (rest.length === 0) {
        context.lineTo(first.x, first.y);
      }
      context.stroke();
    }
  }

  /** The drawing as a PNG file, dark on white. */
  toPng() {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = imageSide;
    const context = canvas.getContext("2d");
    context.fillStyle = "#fff";
    context.fillRect(0, 0, imageSide, imageSide);
    this.draw(context, imageSide);
    return new Promise(resolve => canvas.toBlob(resolve, "image/png"));
  }
}
