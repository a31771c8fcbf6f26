// To the server and back: load, save, cancel, and no loss without a warning.
import { bi, h } from "./dom.js";

export class Saving {
  constructor(holder, editor, tag) {
    Object.assign(this, { editor, tag, isBusy: false });
    this.url = `/api/v1/cameras/${encodeURIComponent(holder.dataset.camera)}/zones`;
    this.csrf = holder.dataset.csrf;
    this.said = document.getElementById("saved");
    this.button = document.getElementById("save"); // absent without a session
    this.cancelButton = document.getElementById("cancel");
    this.dialog = document.getElementById("confirm-cancel");
    this.button?.addEventListener("click", () => this.save());
    this.cancelButton.addEventListener("click", () => this.dialog.showModal());
    this.dialog.addEventListener("close", () => this.dialog.returnValue === "discard" && this.discard());
    addEventListener("beforeunload", (event) => editor.sheet.isDirty && event.preventDefault());
  }

  show() {
    const { isDirty } = this.editor.sheet;
    if (this.button) this.button.disabled = !isDirty || this.isBusy;
    this.cancelButton.disabled = !isDirty;
    if (isDirty && this.said.dataset.kind !== "wrong") this.say("dirty", "有未保存的修改", "unsaved changes");
    if (!isDirty && this.said.dataset.kind === "dirty") this.say("", "", "");
  }

  discard() {
    this.editor.problems = [];
    this.editor.sheet.reset(JSON.parse(this.editor.sheet.saved));
    this.say("", "", "");
    this.editor.use("select");
  }

  async save() {
    this.isBusy = true;
    this.say("dirty", "正在保存…", "saving…");
    this.show();
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": this.csrf, "If-Match": this.tag };
    const body = JSON.stringify(this.editor.zones);
    const answer = await fetch(this.url, { method: "PUT", headers, body }).catch(() => null);
    const value = await answer?.json().catch(() => null);
    this.isBusy = false;
    this.take(answer, value);
    this.editor.changed();
  }

  take(answer, value) {
    if (answer?.ok && value) return this.saved(answer, value);
    if (!value?.message) return this.say("wrong", "连不上网关，没有保存；图形仍在此页。", "The gateway did not answer: nothing was saved, your shapes are still here.");
    this.editor.problems = value.fields ?? [];
    this.say("wrong", value.message_zh, value.message);
    if (answer.status === 401) this.said.append(" ", h("a", { href: `/login?next=${encodeURIComponent(location.pathname)}` }, bi("登录", "Log in")));
    this.lead();
  }

  saved(answer, zones) {
    this.tag = answer.headers.get("ETag");
    this.editor.problems = [];
    this.editor.sheet.reset(zones);
    this.say("good", "已保存，摄像机已按新区域工作。", "Saved; the camera works by the new zones.");
  }

  // To the first shape that is wrong.
  lead() {
    requestAnimationFrame(() => document.querySelector(".problem")?.scrollIntoView({ block: "nearest" }));
  }

  say(kind, zh, en) {
    this.said.dataset.kind = kind;
    this.said.replaceChildren(...(zh ? bi(zh, en) : []));
  }
}
