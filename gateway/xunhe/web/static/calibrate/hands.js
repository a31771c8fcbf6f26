// Mouse, finger and keyboard on the drawing.
import { clamped, inPicture, middle } from "./geometry.js";
import { corners, key, shapes, shape } from "./shapes.js";

const CLICK_PX = 6; // a press that moved less is a click
const STEP = 0.002;
const BIG_STEP = 0.02;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LINES = ["flow", "ruler"]; // drawn by dragging as well

export class Hands {
  constructor(stage, editor) {
    Object.assign(this, { stage, editor, press: null });
    const { svg } = stage;
    svg.addEventListener("pointerdown", (event) => this.down(event));
    svg.addEventListener("pointermove", (event) => this.move(event));
    svg.addEventListener("pointerup", (event) => this.up(event));
    svg.addEventListener("pointercancel", () => this.cancel());
    svg.addEventListener("dblclick", () => editor.isDrawing && editor.finish());
    svg.addEventListener("keydown", (event) => this.key(event));
    svg.addEventListener("focusin", (event) => this.focus(event));
    addEventListener("keydown", (event) => this.shortcut(event));
  }

  down(event) {
    if (event.button !== 0 || this.press) return;
    const at = this.stage.at(event);
    this.press = { id: event.pointerId, x: event.clientX, y: event.clientY, at, what: null, moved: false };
    this.stage.svg.setPointerCapture(event.pointerId);
    if (this.editor.isDrawing) this.press.what = LINES.includes(this.editor.tool) ? "line" : "point";
    else this.grip(event);
    this.press.first = Number(event.target.closest("[data-draft]")?.dataset.draft) === 0;
  }

  // What is under the finger in the hand tool.
  grip(event) {
    const { editor, press } = this;
    const handle = event.target.closest("[data-corner], [data-middle], [data-flow]");
    const name = event.target.closest("[data-shape]")?.dataset.shape;
    if (handle?.dataset.corner) {
      press.what = "corner";
      editor.select(editor.selected, Number(handle.dataset.corner));
    } else if (handle?.dataset.middle) {
      Object.assign(press, { what: "middle", after: Number(handle.dataset.middle) });
    } else if (handle) {
      press.what = "flow";
    } else if (name) {
      const one = name === "flow.polygon" ? shape("flow") : shapes(editor.zones).find((each) => key(each) === name);
      press.what = one.kind === "flow" ? "" : "shape";
      press.wasSelected = editor.selected && key(editor.selected) === name;
      editor.select(one);
    } else {
      editor.select(null);
    }
    // On a phone the page scrolls by dragging the picture, unless something is held.
    if (handle) event.preventDefault();
  }

  move(event) {
    const { press, editor, stage } = this;
    if (press?.id !== event.pointerId) return;
    press.moved ||= Math.hypot(event.clientX - press.x, event.clientY - press.y) > CLICK_PX;
    if (!press.moved) return;
    const at = stage.at(event);
    if (press.what === "middle") this.tear(at);
    if (press.what === "corner") editor.moveCorner(inPicture(clamped(at)));
    if (press.what === "shape") editor.moveShape([at[0] - press.at[0], at[1] - press.at[1]]);
    if (press.what === "flow") editor.turnFlow(stage.arrow()[0], at);
    if (press.what === "line" && editor.tool === "ruler") editor.setRuler(clamped(press.at), clamped(at));
  }

  // A new corner out of the middle of a side.
  tear(at) {
    this.editor.insertCorner(this.press.after, clamped(at));
    Object.assign(this.press, { what: "corner", isTorn: true });
  }

  up(event) {
    const { press, editor } = this;
    if (press?.id !== event.pointerId) return;
    this.press = null;
    const at = inPicture(clamped(this.stage.at(event)));
    if (press.what === "point" && !press.moved) this.point(at, press);
    else if (press.what === "line") this.line(press, at);
    else if (press.what === "middle") editor.insertCorner(press.after, at);
    else if (press.moved) editor.drop(press.isTorn);
  }

  point(at, press) {
    const { editor, stage } = this;
    if (press.first && editor.draft.length >= 3) return editor.finish();
    const last = editor.draft.at(-1);
    const isTwice = last && Math.hypot(...stage.px(last).map((side, i) => side - stage.px(at)[i])) < CLICK_PX;
    if (!isTwice) editor.addPoint(at);
  }

  line(press, at) {
    if (press.moved && this.editor.tool === "flow") this.editor.setFlow(press.at, at);
    else if (press.moved) this.editor.setRuler(clamped(press.at), at);
    else this.editor.addPoint(at);
  }

  cancel() {
    this.press = null;
    this.editor.undrag();
  }

  focus(event) {
    const corner = event.target.dataset.corner;
    if (corner !== undefined && !this.press) this.editor.select(this.editor.selected, Number(corner));
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const arrow = ARROWS[event.key];
    const handled = this.editor.isDrawing ? this.draw(event, arrow) : this.adjust(event, arrow);
    if (handled) event.preventDefault();
  }

  draw(event, arrow) {
    const { editor } = this;
    if (arrow) this.steer(arrow, event.shiftKey ? BIG_STEP : STEP * 2.5);
    else if (event.key === " ") editor.cursor ? editor.addPoint(inPicture(editor.cursor)) : this.steer([0, 0], 0);
    else if (event.key === "Enter") editor.finish();
    else if (event.key === "Escape") editor.abandon();
    else if (event.key === "Backspace" || event.key === "Delete") editor.dropPoint();
    else return false;
    return true;
  }

  steer([dx, dy], step) {
    const [x, y] = this.editor.cursor ?? [0.5, 0.5];
    this.editor.cursor = clamped([x + dx * step, y + dy * step]);
    this.editor.changed();
  }

  adjust(event, arrow) {
    const { editor } = this;
    const step = event.shiftKey ? BIG_STEP : STEP;
    if (arrow && editor.selected) editor.nudge(arrow[0] * step, arrow[1] * step);
    else if (event.key === "Delete" || event.key === "Backspace") editor.corner === null ? editor.deleteShape() : editor.deleteCorner();
    else if (event.key === "Insert" || event.key === "+") insertAfter(editor);
    else if (event.key === "Escape") editor.select(null);
    else return false;
    return true;
  }

  shortcut(event) {
    const isText = event.target.matches?.("input, textarea, select");
    if (!(event.ctrlKey || event.metaKey) || isText) return;
    const name = event.key.toLowerCase();
    if (name !== "z" && name !== "y") return;
    event.preventDefault();
    if (name === "y" || event.shiftKey) this.editor.redo();
    else this.editor.undo();
  }
}

export function insertAfter(editor) {
  const points = editor.selected && corners(editor.zones, editor.selected);
  if (!points || editor.corner === null) return;
  editor.insertCorner(editor.corner, middle(points[editor.corner], points[(editor.corner + 1) % points.length]).map((side) => Number(side.toFixed(4))));
}
