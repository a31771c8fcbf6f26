// Parts of the page that the server draws again. One request a part at a time, at most one a second;
// what was asked meanwhile is asked once more afterwards.

const PAUSE_MS = 1_000; // what is asked first is asked at once

export class Fragments {
  constructor(elements) {
    this.parts = new Map([...elements].map((e) => [e.dataset.fragment, new Part(e)]));
  }

  refresh(...names) {
    for (const name of names) this.parts.get(name)?.refresh();
  }

  refreshLike(start) {
    for (const [name, part] of this.parts) if (name.startsWith(start)) part.refresh();
  }

  refreshAll() {
    for (const part of this.parts.values()) part.refresh();
  }
}

class Part {
  constructor(element) {
    this.element = element;
    this.html = "";
    this.busy = false;
    this.wanted = false;
  }

  async refresh() {
    this.wanted = true;
    if (this.busy) return;
    this.busy = true;
    while (this.wanted) {
      this.wanted = false;
      await this.load();
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    this.busy = false;
  }

  async load() {
    const answer = await fetch(`/fragments/${this.element.dataset.fragment}`).catch(() => null);
    if (answer?.ok) this.show(await answer.text()); // otherwise the link's light says so
  }

  show(html) {
    if (html === this.html) return;
    const focused = this.focused();
    const known = new Set(this.alertIds());
    this.element.innerHTML = html;
    this.html = html;
    this.element.dispatchEvent(new CustomEvent("redrawn", { bubbles: true }));
    this.focusAgain(focused);
    for (const item of this.element.querySelectorAll("[data-alert-id]")) {
      item.classList.toggle("fresh", !known.has(item.dataset.alertId));
    }
  }

  // What has the focus, so that it gets it back: by its id, or as a row by what it is about.
  focused() {
    const active = document.activeElement;
    if (!this.element.contains(active)) return "";
    if (active.id) return `#${CSS.escape(active.id)}`;
    const { incidentId, ticketId } = active.dataset;
    if (incidentId) return `[data-incident-id="${incidentId}"]`;
    return ticketId ? `[data-ticket-id="${ticketId}"]` : "";
  }

  focusAgain(selector) {
    if (selector) this.element.querySelector(selector)?.focus({ preventScroll: true });
  }

  alertIds() {
    return [...this.element.querySelectorAll("[data-alert-id]")].map((e) => e.dataset.alertId);
  }
}
