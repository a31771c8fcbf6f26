// One camera's newest frame on a canvas, asked for again and again while somebody can see it. A picture
// that has grown old is marked with its age: a stale one never looks live.

const OLD_S = 10;
const PATIENCE_MS = 8_000;

export class FrameFeed {
  constructor(canvas, everyMs) {
    this.canvas = canvas;
    this.url = `/api/v1/cameras/${encodeURIComponent(canvas.dataset.frameOf)}/frame.jpg`;
    this.tag = "";
    this.takenMs = null;
    this.isBusy = false;
    this.isOnScreen = false;
    this.observer = new IntersectionObserver((seen) => { this.isOnScreen = seen.at(-1).isIntersecting; this.load(); });
    this.observer.observe(canvas);
    this.timer = setInterval(() => this.load(), everyMs);
    this.marker = setInterval(() => this.mark(), 1_000);
  }

  stop() {
    this.observer.disconnect();
    clearInterval(this.timer);
    clearInterval(this.marker);
  }

  async load() {
    if (this.isBusy || !this.isOnScreen || document.hidden) return;
    this.isBusy = true;
    const headers = this.tag ? { "If-None-Match": this.tag } : {};
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const answer = await fetch(this.url, { headers, signal, cache: "no-store" }).catch(() => null);
    await this.take(answer).catch(() => {}); // cut off in the middle: the age goes on growing
    this.isBusy = false;
    this.mark();
  }

  async take(answer) {
    if (answer?.status !== 200 && answer?.status !== 304) return;
    if (answer.status === 200) this.draw(await createImageBitmap(await answer.blob()));
    this.tag = answer.headers.get("ETag") ?? "";
    this.takenMs = Date.now() - Number(answer.headers.get("X-Frame-Age")) * 1000;
  }

  draw(bitmap) {
    const { canvas } = this;
    const isResized = canvas.width !== bitmap.width || canvas.height !== bitmap.height;
    if (isResized) Object.assign(canvas, { width: bitmap.width, height: bitmap.height });
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    bitmap.close();
    if (isResized) canvas.dispatchEvent(new CustomEvent("resized"));
  }

  mark() {
    const holder = this.canvas.closest(".camera-picture");
    if (!holder) return;
    const ageS = this.takenMs === null ? null : Math.max(0, (Date.now() - this.takenMs) / 1000);
    holder.dataset.freshness = ageS === null ? "none" : ageS > OLD_S ? "old" : "live";
    if (ageS !== null) holder.querySelector("[data-age]").textContent = ago(ageS);
  }
}

function ago(seconds) {
  if (seconds < 120) return `${Math.round(seconds)} 秒前 ${Math.round(seconds)} s ago`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 120) return `${minutes} 分钟前 ${minutes} min ago`;
  return `${Math.round(minutes / 60)} 小时前 ${Math.round(minutes / 60)} h ago`;
}
