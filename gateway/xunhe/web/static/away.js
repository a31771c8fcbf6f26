// Tells the server up to which event somebody has looked, so that he is told what he missed. A page
// that nobody sees has seen nothing; what the panel says stays until it has been read.

const EVERY_MS = 30_000;

export class Away {
  constructor(eventId) {
    this.eventId = eventId;
    this.panel = document.getElementById("away");
    this.csrf = document.querySelector("input[name=csrf]")?.value;
    if (!this.csrf) return; // nobody is logged in
    this.panel?.querySelector("[data-away-read]").addEventListener("click", () => this.read());
    setInterval(() => this.tell(), EVERY_MS);
    addEventListener("pagehide", () => this.tell());
    this.tell();
  }

  saw(eventId) {
    if (!document.hidden) this.eventId = Math.max(this.eventId, eventId);
  }

  read() {
    this.panel?.remove();
    this.panel = null;
    this.tell();
  }

  tell() {
    if (!this.csrf || document.hidden || this.panel) return;
    fetch("/api/v1/away", {
      method: "POST",
      keepalive: true,
      headers: { "Content-Type": "application/json", "X-CSRF-Token": this.csrf },
      body: JSON.stringify({ event_id: this.eventId }),
    }).catch(() => {}); // told again in half a minute
  }
}
