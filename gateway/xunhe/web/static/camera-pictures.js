// The pictures inside fragments. The server draws a fragment anew; the canvases that were there go
// back into it, so that pictures do not flicker.
import { FrameFeed } from "./frame-feed.js";

const feeds = new Map();

function adopt(part) {
  for (const canvas of part.querySelectorAll("canvas[data-frame-of]")) {
    const code = canvas.dataset.frameOf;
    const known = feeds.get(code);
    if (known) { canvas.replaceWith(known.canvas); known.mark(); }
    else feeds.set(code, new FrameFeed(canvas, Number(part.dataset.everyS) * 1000));
  }
  for (const [code, feed] of feeds) {
    if (feed.canvas.isConnected) continue;
    feed.stop();
    feeds.delete(code);
  }
}

for (const part of document.querySelectorAll("[data-fragment^='camera']")) {
  adopt(part);
  part.addEventListener("redrawn", () => adopt(part));
}
