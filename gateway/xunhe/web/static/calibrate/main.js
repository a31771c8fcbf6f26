// The calibration page, put together.
import { FrameFeed } from "../frame-feed.js";
import { bi } from "./dom.js";
import { Editor } from "./editor.js";
import { Hands, insertAfter } from "./hands.js";
import { Live } from "./live.js";
import { Panel } from "./panel.js";
import { Saving } from "./saving.js";
import { Stage, measured } from "./stage.js";

const FRAME_MS = 500;
const POLYGON = ["沿边缘依次点击；点第一个点、双击或按回车完成", "click round its border; click the first corner, double-click or press Enter to finish"];
const HINTS = {
  select: ["点图形选中；拖顶点移动，拖边上小点加顶点，方向键微调", "click a shape to select it; drag its corners, drag a small dot to add one; arrow keys nudge"],
  water: POLYGON, outfall: POLYGON, upstream: POLYGON, bank: POLYGON, ignore: POLYGON,
  flow: ["顺水流方向拖一下（或点两点）", "drag along the current, or click two points"],
  ground: ["绕一圈点水面上四个点，再填它们的米数", "click four points on the water, round their corners; then enter their metres"],
  ruler: ["拖一下或点两点，读两点间的米数", "drag, or click two points, to read the metres between them"],
};
const REFUSALS = {
  upstream: ["先选一个排污口，再画它的上游对照区", "select an outfall first: the patch is part of it"],
  outfall: ["本河段没有登记排污口：请先写入登记册", "no outfall is registered on this reach: register it first"],
  ruler: ["先画地面四点并填写米数", "set the four ground points and their metres first"],
};

const holder = document.getElementById("calibration");
const element = (id) => document.getElementById(id);
const api = `/api/v1/cameras/${encodeURIComponent(holder.dataset.camera)}`;

const [camera, zones] = await Promise.all([fetch(api), fetch(`${api}/zones`)]);
const editor = new Editor(await zones.json(), (await camera.json()).outfalls);
const stage = new Stage(element("overlay"), editor);
const panel = new Panel(element("shapes"), element("problems"), editor);
const saving = new Saving(holder, editor, zones.headers.get("ETag"));
const live = new Live(stage, editor, element("live-summary"), holder.dataset.camera);
new Hands(stage, editor);
new FrameFeed(document.querySelector("#stage canvas"), FRAME_MS);

editor.listeners.push(() => stage.show(), () => panel.show(), () => saving.show(), () => live.show(), showTools);
document.querySelectorAll("[data-tool]").forEach((button) => button.addEventListener("click", () => {
  editor.use(button.dataset.tool);
  if (editor.isDrawing) stage.svg.focus({ preventScroll: true });
}));
const VERBS = {
  finish: () => editor.finish(), abandon: () => editor.abandon(), undo: () => editor.undo(), redo: () => editor.redo(),
  "delete-corner": () => editor.deleteCorner(), "insert-corner": () => insertAfter(editor), "delete-shape": () => editor.deleteShape(),
};
for (const [id, verb] of Object.entries(VERBS)) element(id).addEventListener("click", verb);
editor.changed();
holder.dataset.ready = "true";

function showTools() {
  const { sheet, draft, isDrawing, tool, selected, corner } = editor;
  document.querySelectorAll("button[data-tool]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.tool === tool)));
  element("finish").hidden = draft.length < 3 || tool === "ground";
  element("abandon").hidden = !isDrawing;
  element("undo").disabled = !sheet.past.length && !draft.length;
  element("redo").disabled = !sheet.future.length;
  element("delete-corner").disabled = !editor.canDeleteCorner;
  element("insert-corner").disabled = corner === null || ["ground", "flow"].includes(selected?.kind);
  element("delete-shape").disabled = !selected;
  const [zh, en] = editor.refusal ? REFUSALS[editor.refusal] : editor.ruler.length === 2 ? [measured(editor), ""] : HINTS[tool];
  element("hint").classList.toggle("alarm", Boolean(editor.refusal));
  element("hint").replaceChildren(...bi(zh, en));
}
