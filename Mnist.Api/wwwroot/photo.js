// Images from elsewhere. They go to the server as they are, unless they are beyond what it takes; then the page says what it did.

const mostBytes = 10 * 1024 * 1024;
const mostPixels = 12_000_000;
const formats = ["image/png", "image/jpeg", "image/bmp", "image/gif", "image/webp"];

/** @returns { blob, bitmap, notice }: what to send, what to show, and a sentence about what was changed, if anything was. */
export async function readPhoto(file) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(file.type.startsWith("image/") || !file.type
      ? "This file is not an image that your browser can open. PNG, JPEG, BMP, GIF and WebP work."
      : `This is not an image (${file.type}). PNG, JPEG, BMP, GIF and WebP work.`);
  }

  const pixels = bitmap.width * bitmap.height;
  const reasons = [];
  if (pixels > mostPixels) {
    reasons.push(`has ${(pixels / 1e6).toFixed(1)} megapixels, and the server takes 12`);
  }
  if (file.size > mostBytes) {
    reasons.push(`has ${(file.size / 1024 / 1024).toFixed(1)} MiB, and the server takes 10`);
  }
  if (!formats.includes(file.type)) {
    reasons.push(`is in a format that the server does not read (${file.type || "unknown"})`);
  }
  if (reasons.length === 0) {
    return { blob: file, bitmap, notice: "" };
  }

  const scale = Math.min(1, Math.sqrt(mostPixels / pixels));
  const canvas = document.createElement("canvas");
  canvas.width = Math.floor(bitmap.width * scale);
  canvas.height = Math.floor(bitmap.height * scale);
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  const blob = await new Promise(resolve => canvas.toBlob(resolve, "image/jpeg", 0.9));
  const smaller = await createImageBitmap(blob);
  bitmap.close();
  return { blob, bitmap: smaller, notice: `The image ${reasons.join("; it ")}. A JPEG copy of ${canvas.width} × ${canvas.height} pixels was sent instead.` };
}
