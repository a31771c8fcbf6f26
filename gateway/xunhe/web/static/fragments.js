// Parts of the page that the server draws again. One request a part at a time, at most one a second;
// what was asked meanwhile is asked once more afterwards.

const PAUSE_MS = 1_000;

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
    const focused = this.element.contains(document.activeElement) ? document.activeElement.id : "";
    const known = new Set(this.alertIds());
    this.element.innerHTML = html;
    this.html = html;
    this.element.dispatchEvent(new CustomEvent("redrawn", { bubbles: true }));
    if (focused) document.getElementById(focused)?.focus();
    for (const item of this.element.querySelectorAll("[data-alert-id]")) {
      item.classList.toggle("fresh", !known.has(item.dataset.alertId));
    }
  }

  alertIds() {
    return [...this.element.querySelectorAll("[data-alert-id]")].map((e) => e.dataset.alertId);
  }
}
