// The list of shapes with what can be said about each, and the server's problems beside it.
import { bi, h } from "./dom.js";
import { KINDS, corners, isSame, key, look, place, shape, title } from "./shapes.js";

export class Panel {
  constructor(element, problems, editor) {
    Object.assign(this, { problems, editor });
    this.whole = h("p", { className: "note" }, bi("没有水域：整幅画面都算水面。", "No water zone: the whole picture counts as water."));
    this.list = h("ul", { className: "shape-list" });
    element.replaceChildren(this.whole, this.list);
    Object.assign(this, { isPressed: false, isLate: false });
    addEventListener("pointerdown", () => { this.isPressed = true; }, true);
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => this.release(), true);
  }

  release() {
    this.isPressed = false;
    if (this.isLate) setTimeout(() => this.show()); // after the click
  }

  // Nothing moves under a finger that is down: leaving a field changes the list, and the press that
  // left it must end where it began. What has not changed stays, so that fields keep their focus.
  show() {
    this.isLate = this.isPressed;
    if (this.isPressed) return;
    const focused = this.list.contains(document.activeElement) ? document.activeElement.id : "";
    const { zones } = this.editor;
    this.whole.hidden = zones.water.length > 0;
    const known = new Map([...this.list.children].map((row) => [row.dataset.row, row]));
    const rows = listed(zones).map((one) => merged(known.get(key(one)), this.row(one)));
    if (rows.length !== known.size || rows.some((row, i) => row !== this.list.children[i])) this.list.replaceChildren(...rows);
    this.problems.replaceChildren(...this.editor.problemsOf("zones").map(sentence));
    if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  }

  row(one) {
    const { editor } = this;
    const isSelected = isSame(one, editor.selected);
    const wrong = one.part === "upstream" ? [] : editor.problemsOf(place(one));
    const count = corners(editor.zones, one)?.length;
    const kind = KINDS[look(one)];
    const button = h(
      "button",
      { type: "button", id: `row-${key(one)}`, className: "shape-row", ariaPressed: String(isSelected), onclick: () => editor.select(isSame(one, editor.selected) ? null : one) },
      h("span", { className: `key key-${look(one)}` }), h("span", {}, bi(kind.zh, kind.en)),
      h("strong", {}, title(editor.zones, one)), count ? h("span", { className: "muted" }, `${count} 点`) : null,
    );
    const fields = isSelected ? this.fields(one) : null;
    return h("li", { className: wrong.length ? "wrong" : "", "data-row": key(one) }, button, h("div", {}, wrong.map(sentence)), fields ?? h("div"));
  }

  fields(one) {
    const made = { water: () => this.named(one), banks: () => this.named(one), outfalls: () => this.outfall(one), ground: () => this.ground() }[one.kind];
    return made && one.part === "polygon" ? h("div", { className: "fields" }, made()) : null;
  }

  named(one) {
    const row = this.editor.zones[one.kind][one.index];
    return [this.text(one, "name", bi("名称", "Name"), row.name)];
  }

  text(one, name, label, value) {
    const id = `field-${key(one)}-${name}`;
    const input = h("input", { id, value, maxLength: 60, onchange: (event) => this.set(one, name, event.target.value.trim()) });
    return h("div", {}, h("label", { htmlFor: id }, label), input);
  }

  set(one, name, value) {
    this.editor.edit((zones) => { zones[one.kind][one.index][name] = value; });
  }

  outfall(one) {
    const { editor } = this;
    const row = editor.zones.outfalls[one.index];
    const known = editor.outfalls.some((each) => each.code === row.code);
    const choices = editor.outfalls.map((each) => [each.code, `${each.code} ${each.name} ${each.name_en}`]);
    if (!known) choices.unshift([row.code, `${row.code}（不在本河段 not on this reach）`]);
    return [
      this.choice(one, "code", bi("登记的排污口", "Registered outfall"), choices, row.code, (code) => this.setOutfall(one, code)),
      this.text(one, "name", bi("名称", "Name"), row.name),
      this.hours(one, row.permitted_hours),
      this.choice(one, "rain_expected", bi("预报有雨时", "When rain is expected"), [["lower", "降低级别 lower severity"], ["same", "级别不变 same severity"]], row.rain_expected, (value) => this.set(one, "rain_expected", value)),
      h("button", { type: "button", onclick: () => editor.use("upstream") }, row.upstream ? bi("重画上游对照区", "Redraw the upstream patch") : bi("画上游对照区", "Draw the upstream patch")),
    ];
  }

  // A name that was the registry's follows the code.
  setOutfall(one, code) {
    const nameOf = (wanted) => this.editor.outfalls.find((each) => each.code === wanted)?.name;
    this.editor.edit((zones) => {
      const row = zones.outfalls[one.index];
      if (!row.name || row.name === nameOf(row.code)) row.name = nameOf(code) ?? row.name;
      row.code = code;
    });
  }

  choice(one, name, label, choices, value, set) {
    const id = `field-${key(one)}-${name}`;
    const options = choices.map(([each, text]) => h("option", { value: each, selected: each === value }, text));
    return h("div", {}, h("label", { htmlFor: id }, label), h("select", { id, onchange: (event) => set(event.target.value) }, options));
  }

  hours(one, hours) {
    const change = (edit) => this.editor.edit((zones) => edit(zones.outfalls[one.index].permitted_hours));
    const clock = (i, k, value) => h("input", {
      id: `hours-${key(one)}-${i}-${k}`, className: "clock-input", value, placeholder: "08:00", maxLength: 5, inputMode: "numeric",
      ariaLabel: k ? "至 until" : "从 from", onchange: (event) => change((rows) => { rows[i][k] = event.target.value.trim().replace("：", ":"); }),
    });
    const rows = hours.map(([from, until], i) => h("div", { className: "hours" }, clock(i, 0, from), "–", clock(i, 1, until),
      h("button", { type: "button", className: "quiet", ariaLabel: "删除此时段 remove these hours", onclick: () => change((each) => each.splice(i, 1)) }, "×")));
    return h("fieldset", {}, h("legend", {}, bi("许可排放时段", "Permitted hours")), rows.length ? rows : h("p", { className: "note" }, bi("未许可任何时段", "none permitted")),
      h("button", { type: "button", id: `hours-${key(one)}-add`, className: "quiet", onclick: () => change((each) => each.push(["08:00", "18:00"])) }, bi("加时段", "Add hours")));
  }

  ground() {
    const { m } = this.editor.zones.ground;
    const metre = (i, k) => h("input", {
      id: `ground-${i}-${k}`, className: "metre-input", type: "number", step: "any", value: m[i][k] ?? "", ariaLabel: `${i + 1} ${"xy"[k]} m`,
      onchange: (event) => this.editor.edit((zones) => { zones.ground.m[i][k] = event.target.value === "" ? null : Number(event.target.value); }),
    });
    const rows = m.map((_, i) => h("div", { className: "metres" }, h("strong", {}, String(i + 1)), metre(i, 0), metre(i, 1)));
    return [
      h("p", { className: "note" }, bi("每点在水面上的实地坐标，米。", "Where each point is on the water, in metres.")),
      h("div", { className: "metres" }, h("span", {}), h("span", {}, "x (m)"), h("span", {}, "y (m)")), ...rows, this.rectangle(),
    ];
  }

  rectangle() {
    const width = h("input", { id: "rectangle-w", className: "metre-input", type: "number", min: 0, step: "any", ariaLabel: "宽 width m", "data-free": true });
    const length = h("input", { id: "rectangle-l", className: "metre-input", type: "number", min: 0, step: "any", ariaLabel: "长 length m", "data-free": true });
    const fill = () => {
      const [w, l] = [width.valueAsNumber, length.valueAsNumber];
      if (w > 0 && l > 0) this.editor.edit((zones) => { zones.ground.m = [[0, 0], [w, 0], [w, l], [0, l]]; });
    };
    return h("fieldset", {}, h("legend", {}, bi("四点是长方形：1→2 宽，2→3 长", "A rectangle: 1→2 wide, 2→3 long")),
      h("div", { className: "hours" }, width, "×", length, "m", h("button", { type: "button", id: "rectangle-fill", onclick: fill }, bi("填入", "Fill in"))));
  }
}

function sentence({ message, message_zh: chinese }) {
  return h("p", { className: "problem" }, bi(chinese, message));
}

function listed(zones) {
  return [
    ...zones.water.map((_, i) => shape("water", i)),
    ...zones.outfalls.flatMap((each, i) => [shape("outfalls", i), ...(each.upstream ? [shape("outfalls", i, "upstream")] : [])]),
    ...zones.banks.map((_, i) => shape("banks", i)),
    ...zones.ignore.map((_, i) => shape("ignore", i)),
    ...(zones.flow ? [shape("flow")] : []),
    ...(zones.ground ? [shape("ground")] : []),
  ];
}

// The old row with what is new in the fresh one.
function merged(old, fresh) {
  if (!old) return fresh;
  const [button, wrong, fields] = old.children;
  const [newButton, newWrong, newFields] = fresh.children;
  old.className = fresh.className;
  button.ariaPressed = newButton.ariaPressed;
  if (button.innerHTML !== newButton.innerHTML) button.replaceChildren(...newButton.childNodes);
  if (wrong.innerHTML !== newWrong.innerHTML) wrong.replaceChildren(...newWrong.childNodes);
  if (said(fields) !== said(newFields)) fields.replaceWith(newFields);
  return old;
}

// The fields as they stand, with what was typed into them.
function said(fields) {
  const typed = [...fields.querySelectorAll("input:not([data-free]), select")].map((field) => `${field.id}=${field.value}`);
  return `${fields.className} ${fields.textContent} ${typed.join()}`;
}
