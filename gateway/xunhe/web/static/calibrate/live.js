// What the pipeline makes of the newest frame: gate in yellow, detections, states of the outfalls.
// Judged against the zones as drawn now, so that the effect shows before anything is saved.
import { shareInside } from "./geometry.js";

const EVERY_MS = 500;
const ENTERS = 0.5; // share of its box inside a water zone from which a thing counts
const ZERO = { gate: [], found: [], outfalls: [] };

export class Live {
  constructor(stage, editor, summary, code) {
    Object.assign(this, { stage, editor, summary, overlay: ZERO, isBusy: false });
    this.url = `/api/v1/cameras/${encodeURIComponent(code)}/overlay`;
    this.shown = { gate: document.getElementById("show-gate"), found: document.getElementById("show-found") };
    for (const box of Object.values(this.shown)) box.addEventListener("change", () => this.show());
    setInterval(() => this.load(), EVERY_MS);
    this.load();
  }

  async load() {
    if (this.isBusy || document.hidden) return;
    this.isBusy = true;
    const answer = await fetch(this.url, { cache: "no-store", signal: AbortSignal.timeout(8_000) }).catch(() => null);
    const found = answer?.ok ? await answer.json().catch(() => null) : null;
    this.overlay = found?.is_live ? found : ZERO; // boxes of an old frame would be lies
    this.isBusy = false;
    this.show();
  }

  show() {
    const { gate, found, outfalls } = this.overlay;
    const judged = found.map((each) => ({ ...each, judgement: this.judge(each) }));
    const drawn = [
      ...(this.shown.gate.checked ? gate.map((box) => this.rectangle(box, "gate")) : []),
      ...(this.shown.found.checked ? judged.flatMap((each) => this.thing(each)) : []),
      ...outfalls.flatMap((each) => this.mouth(each)),
    ];
    this.stage.layers.live.replaceChildren(...drawn);
    this.say(gate, judged);
  }

  judge({ box, score, limit }) {
    const { water, ignore } = this.editor.zones;
    const zones = water.length ? water.map((each) => each.polygon) : [[[0, 0], [1, 0], [1, 1], [0, 1]]];
    if (Math.max(...zones.map((each) => shareInside(box, [each], ignore))) < ENTERS) return "outside";
    return limit !== null && score < limit ? "weak" : "counts";
  }

  rectangle([x0, y0, x1, y1], name) {
    const [x, y] = this.stage.px([x0, y0]);
    const [right, bottom] = this.stage.px([x1, y1]);
    return this.stage.made("rect", { class: name, x, y, width: Math.max(0, right - x), height: Math.max(0, bottom - y) });
  }

  thing(found) {
    const { box, score, limit, label_zh: zh, judgement } = found;
    const why = { counts: "", weak: `＜${limit?.toFixed(2)}`, outside: " 区外 outside" }[judgement];
    const [x, y] = this.stage.px([box[0], box[1]]);
    const text = this.stage.made("text", { class: `label found-label found-${judgement}`, x: x + 2, y: Math.max(12, y - 5) }, `${zh} ${score.toFixed(2)}${why}`);
    return [this.rectangle(box, `found found-${judgement}`), text];
  }

  mouth({ code, state, state_zh: zh, state_en: en, score }) {
    const zone = this.editor.zones.outfalls.find((each) => each.code === code);
    if (!zone) return [];
    return [this.stage.label(zone.polygon, `${zh} ${en} ${score.toFixed(2)}`, { name: `mouth-label mouth-${state}`, isBelow: true })];
  }

  say(gate, judged) {
    const count = (judgement) => judged.filter((each) => each.judgement === judgement).length;
    const [counts, weak, outside] = ["counts", "weak", "outside"].map(count);
    this.summary.textContent = `运动 ${gate.length} 处；检测 ${judged.length} 个：算数 ${counts}，分低 ${weak}，区外 ${outside}。 `
      + `Motion in ${gate.length} places; ${judged.length} detections: ${counts} count, ${weak} score too low, ${outside} outside the water.`;
  }
}
