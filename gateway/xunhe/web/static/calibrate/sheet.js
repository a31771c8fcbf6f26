// The zones being drawn, with undo and redo. Values are never changed in place: each step is a copy.

const MERGE_MS = 1_200; // nudges of the same thing that follow each other are one step

export class Sheet {
  constructor(zones) {
    this.reset(zones);
  }

  reset(zones) {
    this.value = zones;
    this.saved = JSON.stringify(zones);
    this.past = [];
    this.future = [];
    this.before = null; // while something is dragged
    this.merging = { key: "", atMs: 0 };
  }

  get isDirty() {
    return JSON.stringify(this.value) !== this.saved;
  }

  // One step: `edit` changes the copy that it is given.
  change(edit, mergeKey = "") {
    const nowMs = performance.now();
    const isMerged = mergeKey && mergeKey === this.merging.key && nowMs - this.merging.atMs < MERGE_MS;
    this.merging = { key: mergeKey, atMs: nowMs };
    const next = structuredClone(this.value);
    edit(next);
    if (JSON.stringify(next) === JSON.stringify(this.value)) return;
    if (!isMerged) this.past.push(this.value);
    this.future = [];
    this.value = next;
  }

  // A drag: any number of `drag`, then `drop` makes one step of them.
  drag(edit) {
    this.before ??= this.value;
    const next = structuredClone(this.before);
    edit(next);
    this.value = next;
  }

  // `isJoined`: the step before it (a corner torn out of a side) and this are one.
  drop(isJoined = false) {
    const { before } = this;
    this.before = null;
    if (!before || JSON.stringify(before) === JSON.stringify(this.value)) return;
    if (!isJoined) this.past.push(before);
    this.future = [];
    this.merging.key = "";
  }

  undrag() {
    if (this.before) this.value = this.before;
    this.before = null;
  }

  undo() {
    this.step(this.past, this.future);
  }

  redo() {
    this.step(this.future, this.past);
  }

  step(from, to) {
    if (!from.length) return;
    to.push(this.value);
    this.value = from.pop();
    this.merging.key = "";
  }
}
