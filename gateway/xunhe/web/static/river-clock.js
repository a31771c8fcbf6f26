// River time: runs `factor` times as fast as the wall's, corrected by each heartbeat.

const FORMAT = new Intl.DateTimeFormat("sv-SE", {
  timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "medium",
});

// Such as 2026-07-01 03:20:00.
export function shanghai(date) {
  return FORMAT.format(date);
}

export class RiverClock {
  constructor(element) {
    this.element = element;
    this.running = true;
    this.set(element.dateTime, Number(element.dataset.factor));
    setInterval(() => this.draw(), 500);
  }

  set(iso, factor) {
    this.element.dateTime = iso;
    this.riverMs = Date.parse(iso);
    this.wallMs = performance.now();
    this.factor = factor;
    this.draw();
  }

  // A lost link stops the clock: it must not look alive.
  run(running) {
    this.running = running;
  }

  draw() {
    if (!this.running) return;
    const passedMs = (performance.now() - this.wallMs) * this.factor;
    this.element.textContent = shanghai(new Date(this.riverMs + passedMs));
  }
}
