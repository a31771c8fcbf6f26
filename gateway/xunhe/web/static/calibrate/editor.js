// What is being done to the sheet: the tool in hand, what is selected, what is half drawn. Whoever
// shows any of it listens; whoever changes it calls one of these verbs.
import { clamped, round, shifted } from "./geometry.js";
import { Sheet } from "./sheet.js";
import { add, corners, exists, isSame, key, place, remove, setCorners, shape } from "./shapes.js";

const LEAST_CORNERS = 3;

export class Editor {
  constructor(zones, outfalls) {
    this.sheet = new Sheet(zones);
    this.outfalls = outfalls;
    this.tool = "select";
    this.selected = null;
    this.corner = null;
    this.draft = []; // corners of what is half drawn
    this.ruler = [];
    this.cursor = null; // of the keyboard
    this.problems = []; // { field, message, message_zh } from the server
    this.refusal = ""; // why a tool cannot be used now
    this.listeners = [];
  }

  get zones() {
    return this.sheet.value;
  }

  get isDrawing() {
    return this.tool !== "select";
  }

  changed() {
    if (this.selected && !exists(this.zones, this.selected)) this.selected = this.corner = null;
    const count = this.selected ? corners(this.zones, this.selected)?.length ?? 0 : 0;
    if (this.corner !== null && this.corner >= count) this.corner = null;
    for (const listener of this.listeners) listener();
  }

  use(tool) {
    this.refusal = this.refusalOf(tool);
    if (this.refusal) tool = "select";
    Object.assign(this, { tool, draft: [], ruler: [], cursor: null });
    if (tool !== "select" && tool !== "upstream") this.selected = this.corner = null;
    this.changed();
  }

  refusalOf(tool) {
    if (tool === "upstream" && this.selected?.kind !== "outfalls") return "upstream";
    if (tool === "outfall" && !this.outfalls.length) return "outfall";
    if (tool === "ruler" && !this.zones.ground) return "ruler";
    return "";
  }

  select(one, corner = null) {
    if (isSame(one, this.selected) && corner === this.corner) return;
    Object.assign(this, { selected: one, corner, refusal: "" });
    this.changed();
  }

  // Drawing
  addPoint(point) {
    if (this.tool === "ruler") this.ruler = this.ruler.length === 2 ? [point] : [...this.ruler, point];
    else this.draft = [...this.draft, point];
    if (this.tool === "flow" && this.draft.length === 2) return this.setFlow(...this.draft);
    if (this.tool === "ground" && this.draft.length === 4) return this.finish();
    this.changed();
  }

  setRuler(from, to) {
    this.ruler = [from, to];
    this.changed();
  }

  dropPoint() {
    this.draft = this.draft.slice(0, -1);
    this.changed();
  }

  finish() {
    const least = this.tool === "ground" ? 4 : LEAST_CORNERS;
    if (this.draft.length < least || ["flow", "ruler"].includes(this.tool)) return;
    let made = null;
    const beside = this.selected?.index;
    this.sheet.change((zones) => { made = add(zones, this.tool, this.draft, { outfalls: this.outfalls, beside }); });
    this.forget(place(made));
    Object.assign(this, { tool: "select", draft: [], selected: made, corner: null, cursor: null });
    this.changed();
  }

  abandon() {
    this.use("select");
  }

  // `from` and `to` in fractions; only the direction is kept.
  setFlow(from, to) {
    this.draft = [];
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(dx, dy);
    if (length > 0.005) {
      this.sheet.change((zones) => { zones.flow = [round(dx / length, 3), round(dy / length, 3)]; });
      Object.assign(this, { tool: "select", selected: shape("flow"), corner: null });
      this.forget("flow");
    }
    this.changed();
  }

  // Editing
  edit(change, mergeKey = "") {
    this.sheet.change(change, mergeKey);
    if (this.selected) this.forget(place(this.selected));
    this.changed();
  }

  moveCorner(point) {
    const { selected, corner } = this;
    this.sheet.drag((zones) => setCorners(zones, selected, corners(zones, selected).with(corner, point)));
    this.changed();
  }

  moveShape(delta) {
    const { selected } = this;
    this.sheet.drag((zones) => setCorners(zones, selected, shifted(corners(zones, selected), delta)));
    this.changed();
  }

  turnFlow(from, to) {
    const [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    const length = Math.hypot(dx, dy) || 1;
    this.sheet.drag((zones) => { zones.flow = [round(dx / length, 3), round(dy / length, 3)]; });
    this.changed();
  }

  drop(isJoined) {
    this.sheet.drop(isJoined);
    if (this.selected) this.forget(place(this.selected));
    this.changed();
  }

  undrag() {
    this.sheet.undrag();
    this.changed();
  }

  nudge(dx, dy) {
    const { selected, corner } = this;
    if (selected?.kind === "flow") return this.turn(dx, dy);
    const points = selected && corners(this.zones, selected);
    if (!points) return;
    const moved = corner === null ? shifted(points, [dx, dy]) : points.with(corner, clamped([points[corner][0] + dx, points[corner][1] + dy]));
    this.edit((zones) => setCorners(zones, selected, moved), `nudge ${key(selected)} ${corner}`);
  }

  // The arrow's head, a little that way.
  turn(dx, dy) {
    this.edit((zones) => {
      const [x, y] = [zones.flow[0] + 10 * dx, zones.flow[1] + 10 * dy];
      const length = Math.hypot(x, y) || 1;
      zones.flow = [round(x / length, 3), round(y / length, 3)];
    }, "turn");
  }

  // A new corner between `after` and the next one.
  insertCorner(after, point) {
    const { selected } = this;
    if (!selected || selected.kind === "ground") return;
    this.corner = after + 1;
    this.edit((zones) => setCorners(zones, selected, corners(zones, selected).toSpliced(after + 1, 0, point)));
  }

  get canDeleteCorner() {
    const isFree = this.selected && !["ground", "flow"].includes(this.selected.kind);
    return isFree && this.corner !== null && corners(this.zones, this.selected).length > LEAST_CORNERS;
  }

  deleteCorner() {
    if (!this.canDeleteCorner) return;
    const { selected, corner } = this;
    const points = corners(this.zones, selected).toSpliced(corner, 1);
    this.corner = Math.max(0, corner - 1);
    this.edit((zones) => setCorners(zones, selected, points));
  }

  deleteShape() {
    const { selected } = this;
    if (!selected) return;
    this.problems = []; // the others move up
    Object.assign(this, { selected: null, corner: null });
    this.sheet.change((zones) => remove(zones, selected));
    this.changed();
  }

  undo() {
    if (this.draft.length) return this.dropPoint();
    this.problems = [];
    this.sheet.undo();
    this.changed();
  }

  redo() {
    this.problems = [];
    this.sheet.redo();
    this.changed();
  }

  // What was wrong with a place that has changed since may be right now.
  forget(where) {
    this.problems = this.problems.filter((each) => placeOf(each) !== where);
  }

  problemsOf(where) {
    return this.problems.filter((each) => placeOf(each) === where);
  }
}

function placeOf(problem) {
  return problem.field.split(".")[0];
}
