// Sound and badge for what is severe. Sound only where a person has switched it on: browsers let a page
// sound after a touch or key, so after a reload the bell says that it waits for one.

const KEPT_AS = "xunhe.sound";
const TONES = [[880, 0], [660, 0.22], [880, 0.44]]; // Hz, seconds from now

export class Alarm {
  constructor(button) {
    this.button = button;
    this.title = document.title;
    this.unseen = 0;
    this.isOn = localStorage.getItem(KEPT_AS) === "on";
    this.audio = null;
    button.addEventListener("click", () => this.toggle());
    addEventListener("focus", () => this.seen());
    document.addEventListener("visibilitychange", () => document.hidden || this.seen());
    for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, () => this.wake());
    this.draw();
  }

  toggle() {
    this.isOn = !this.isOn;
    localStorage.setItem(KEPT_AS, this.isOn ? "on" : "off");
    this.wake();
    if (this.isOn) this.sound();
    this.draw();
  }

  // An alert that only grew is no news to the ear; what is muted upstream is none either.
  take(data) {
    const isNews = data.severity === "severe" && !data.muted_by && data.joined !== "grew";
    if (!isNews) return;
    if (this.isOn) this.sound();
    if (document.hidden || !document.hasFocus()) this.unseen += 1;
    this.draw();
  }

  // A page that is not live must not look as if all were quiet.
  link(state) {
    this.isLost = state === "lost";
    this.draw();
  }

  seen() {
    this.unseen = 0;
    this.draw();
  }

  wake() {
    if (!this.isOn) return;
    this.audio ??= new AudioContext();
    if (this.audio.state === "suspended") this.audio.resume().then(() => this.draw());
  }

  sound() {
    if (this.audio?.state !== "running") return;
    for (const [pitchHz, afterS] of TONES) this.beep(pitchHz, this.audio.currentTime + afterS);
  }

  beep(pitchHz, atS) {
    const tone = new OscillatorNode(this.audio, { frequency: pitchHz, type: "triangle" });
    const volume = new GainNode(this.audio, { gain: 0 });
    volume.gain.linearRampToValueAtTime(0.25, atS + 0.02);
    volume.gain.linearRampToValueAtTime(0, atS + 0.2);
    tone.connect(volume).connect(this.audio.destination);
    tone.start(atS);
    tone.stop(atS + 0.21);
  }

  draw() {
    const signs = `${this.isLost ? "⚠ 断线 " : ""}${this.unseen ? `(${this.unseen}) ` : ""}`;
    document.title = signs + this.title;
    if (this.unseen) navigator.setAppBadge?.(this.unseen);
    else navigator.clearAppBadge?.();
    const isWaiting = this.isOn && this.audio?.state !== "running";
    this.button.setAttribute("aria-pressed", String(this.isOn));
    this.button.dataset.sound = isWaiting ? "waiting" : this.isOn ? "on" : "off";
    this.button.title = isWaiting ? "点一下页面后响铃 Sounds after a click anywhere"
      : this.isOn ? "严重事件响铃：开 Sound for the severe: on" : "严重事件响铃：关 Sound for the severe: off";
  }
}
