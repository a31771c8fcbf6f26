// The drawing over the picture: shapes, handles, what is half drawn. SVG in CSS pixels of the stage.
import { ground, mean, middle } from "./geometry.js";
import { KINDS, corners, isSame, key, look, place, shapes, title } from "./shapes.js";

const CORNER_PX = 6;
const TOUCH_PX = 20; // a finger is thicker than a corner
const ARROW = 0.14; // of the picture

export class Stage {
  constructor(svg, editor) {
    this.svg = svg;
    this.editor = editor;
    this.layers = Object.fromEntries(["live", "shapes", "hands"].map((name) => [name, svg.appendChild(this.made("g", { class: `layer-${name}` }))]));
    new ResizeObserver(() => this.show()).observe(svg);
  }

  // `namespaceURI` of the page's own svg: elements of the same kind.
  made(tag, attributes, text = "") {
    const element = document.createElementNS(this.svg.namespaceURI, tag);
    for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== false) element.setAttribute(name, value);
    element.textContent = text;
    return element;
  }

  get size() {
    return [this.svg.clientWidth || 1, this.svg.clientHeight || 1];
  }

  px([x, y]) {
    const [width, height] = this.size;
    return [x * width, y * height];
  }

  at(event) {
    const box = this.svg.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  }

  // Where the arrow of the current begins, and its head.
  arrow(flow = this.editor.zones.flow) {
    const from = mean(this.editor.zones.water[0]?.polygon ?? [[0.5, 0.5]]);
    return [from, [from[0] + flow[0] * ARROW, from[1] + flow[1] * ARROW]];
  }

  show() {
    const focused = this.svg.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    const { editor } = this;
    const { zones } = editor;
    this.svg.dataset.tool = editor.tool;
    const drawn = shapes(zones).map((one) => this.polygon(one));
    if (zones.flow) drawn.push(this.flow());
    this.layers.shapes.replaceChildren(...drawn);
    this.layers.hands.replaceChildren(...this.handles(), ...this.draft(), ...this.ruler(), ...this.cursor());
    if (focused) this.svg.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus({ preventScroll: true });
  }

  polygon(one) {
    const { editor } = this;
    const points = corners(editor.zones, one);
    const isSelected = isSame(one, editor.selected);
    const isWrong = editor.problemsOf(place(one)).length > 0;
    const group = this.made("g", { class: `shape shape-${look(one)}${isSelected ? " selected" : ""}${isWrong ? " wrong" : ""}`, "data-shape": key(one) });
    const path = points.map((point) => this.px(point).map((side) => side.toFixed(1)).join(",")).join(" ");
    group.append(this.made("polygon", { class: "casing", points: path }), this.made("polygon", { class: "outline", points: path }));
    if (one.kind === "ground") points.forEach((point, i) => group.append(this.number(point, i + 1)));
    else group.append(this.label(points, `${KINDS[look(one)].zh} ${title(editor.zones, one)}`));
    return group;
  }

  // Above a shape, or inside where there is no room; `isBelow` its lower border instead.
  label(points, text, { name = "", isBelow = false } = {}) {
    const sides = points.map((point) => this.px(point));
    const [xs, ys] = [0, 1].map((k) => sides.map((side) => side[k]));
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const [width, height] = this.size;
    const y = isBelow ? Math.min(bottom + 17, height - 6) : top > 20 ? top - 7 : top + 17;
    const middleX = (left + right) / 2;
    const anchor = middleX < 0.2 * width ? "start" : middleX > 0.8 * width ? "end" : "middle";
    const x = { start: Math.max(left, 4), end: Math.min(right, width - 4), middle: middleX }[anchor];
    return this.made("text", { x, y, class: `label anchor-${anchor} ${name}` }, text);
  }

  number(point, n) {
    const [x, y] = this.px(point);
    return this.made("text", { x: x + 10, y: y - 10, class: "label number" }, String(n));
  }

  flow() {
    const [from, to] = this.arrow().map((point) => this.px(point));
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(dx, dy) || 1;
    const [ux, uy] = [dx / length, dy / length];
    const wing = (side) => `${to[0] - 14 * ux + side * 8 * uy},${to[1] - 14 * uy - side * 8 * ux}`;
    const path = `M${from.join()}L${to.join()}M${wing(1)}L${to.join()}L${wing(-1)}`;
    const isSelected = this.editor.selected?.kind === "flow";
    const group = this.made("g", { class: `shape shape-flow${isSelected ? " selected" : ""}`, "data-shape": "flow.polygon" });
    group.append(this.made("path", { class: "casing", d: path }), this.made("path", { class: "outline", d: path }));
    return group;
  }

  handles() {
    const { editor } = this;
    const { selected } = editor;
    if (!selected || editor.isDrawing) return [];
    if (selected.kind === "flow") return [this.handle(this.arrow()[1], { "data-flow": "" }, "head", "箭头 head of the arrow")];
    const points = corners(editor.zones, selected);
    const made = [];
    if (selected.kind !== "ground") {
      points.forEach((point, i) => made.push(this.handle(middle(point, points[(i + 1) % points.length]), { "data-middle": i }, "middle")));
    }
    points.forEach((point, i) => made.push(this.handle(
      point, { "data-corner": i }, i === editor.corner ? "corner active" : "corner",
      `顶点 corner ${i + 1}/${points.length} x ${point[0].toFixed(3)} y ${point[1].toFixed(3)}`,
    )));
    return made;
  }

  // With a label it can be focused and moved by the keyboard.
  handle(point, data, kind, label = "") {
    const [x, y] = this.px(point);
    const focus = label ? { tabindex: 0, role: "img", "aria-label": label, "data-key": Object.entries(data).join() } : {};
    const group = this.made("g", { class: `handle ${kind}`, ...data, ...focus });
    const isMiddle = kind === "middle";
    group.append(
      this.made("circle", { class: "touch", cx: x, cy: y, r: isMiddle ? TOUCH_PX * 0.7 : TOUCH_PX }),
      this.made("circle", { class: "dot", cx: x, cy: y, r: isMiddle ? CORNER_PX * 0.65 : CORNER_PX }),
    );
    return group;
  }

  draft() {
    const { draft, tool } = this.editor;
    if (!draft.length) return [];
    const path = draft.map((point) => this.px(point).join(",")).join(" ");
    const isClosing = draft.length >= 3 && !["flow", "ground"].includes(tool);
    const dots = draft.map((point, i) => this.handle(point, { "data-draft": i }, i === 0 && isClosing ? "draft closing" : "draft"));
    return [this.made("polyline", { class: "draft-casing", points: path }), this.made("polyline", { class: "draft-line", points: path }), ...dots];
  }

  ruler() {
    const { ruler } = this.editor;
    if (!ruler.length) return [];
    const made = ruler.map((point) => this.handle(point, { "data-draft": "" }, "draft"));
    if (ruler.length < 2) return made;
    const [[x1, y1], [x2, y2]] = ruler.map((point) => this.px(point));
    const line = (name) => this.made("line", { class: name, x1, y1, x2, y2 });
    const text = this.made("text", { class: "label ruler-label", x: (x1 + x2) / 2, y: (y1 + y2) / 2 - 12 }, measured(this.editor));
    return [line("draft-casing"), line("draft-line"), ...made, text];
  }

  cursor() {
    if (!this.editor.cursor || !this.editor.isDrawing) return [];
    const [x, y] = this.px(this.editor.cursor);
    const path = `M${x - 14} ${y}H${x + 14}M${x} ${y - 14}V${y + 14}`;
    return [this.made("path", { class: "draft-casing", d: path }), this.made("path", { class: "draft-line", d: path })];
  }
}

// Between the ruler's points along the water, such as 3.42 m.
export function measured({ ruler, zones }) {
  const metres = zones.ground && ground(zones.ground.px, zones.ground.m);
  if (!metres) return "先填四点的米数 enter the metres first";
  const [a, b] = ruler.map(metres);
  if (!a || !b) return "高于水面视平线 above the horizon";
  return `${Math.hypot(a[0] - b[0], a[1] - b[1]).toFixed(2)} m`;
}
