// What can be drawn, and where it lies in the zones. A shape is named { kind, index, part }:
// kind water | outfalls | banks | ignore | flow | ground; part polygon | upstream of an outfall.

export const KINDS = {
  water: { zh: "水域", en: "Water" },
  outfalls: { zh: "排污口", en: "Outfall" },
  upstream: { zh: "上游对照", en: "Upstream patch" },
  banks: { zh: "岸边", en: "Bank" },
  ignore: { zh: "忽略", en: "Ignored" },
  flow: { zh: "流向", en: "Flow" },
  ground: { zh: "地面四点", en: "Ground points" },
};

const TABLES = ["water", "outfalls", "banks", "ignore"];

export function shape(kind, index = 0, part = "polygon") {
  return { kind, index, part };
}

export function isSame(a, b) {
  return Boolean(a && b) && a.kind === b.kind && a.index === b.index && a.part === b.part;
}

// Such as water[0] or ground: how the server names the place of a problem.
export function place({ kind, index }) {
  return TABLES.includes(kind) ? `${kind}[${index}]` : kind;
}

export function key(one) {
  return `${place(one)}.${one.part}`;
}

// How it looks: an upstream patch is a shape of its own.
export function look({ kind, part }) {
  return part === "upstream" ? "upstream" : kind;
}

// Every shape with corners, those below first.
export function shapes(zones) {
  const found = zones.ignore.map((_, i) => shape("ignore", i));
  zones.water.forEach((_, i) => found.push(shape("water", i)));
  zones.banks.forEach((_, i) => found.push(shape("banks", i)));
  zones.outfalls.forEach((each, i) => {
    if (each.upstream) found.push(shape("outfalls", i, "upstream"));
    found.push(shape("outfalls", i));
  });
  if (zones.ground) found.push(shape("ground"));
  return found;
}

export function corners(zones, one) {
  if (one.kind === "ignore") return zones.ignore[one.index];
  if (one.kind === "ground") return zones.ground?.px;
  if (one.kind === "flow") return undefined;
  return zones[one.kind][one.index]?.[one.part] ?? undefined;
}

export function setCorners(zones, one, points) {
  if (one.kind === "ignore") zones.ignore[one.index] = points;
  else if (one.kind === "ground") zones.ground.px = points;
  else zones[one.kind][one.index][one.part] = points;
}

export function exists(zones, one) {
  return one.kind === "flow" ? zones.flow !== null : corners(zones, one) !== undefined;
}

export function title(zones, one) {
  if (one.kind === "ignore") return String(one.index + 1);
  const row = zones[one.kind]?.[one.index];
  if (!row?.name) return "";
  if (one.part === "upstream") return row.code;
  return one.kind === "outfalls" ? `${row.name} ${row.code}` : row.name;
}

export function remove(zones, one) {
  if (one.part === "upstream") zones.outfalls[one.index].upstream = null;
  else if (TABLES.includes(one.kind)) zones[one.kind].splice(one.index, 1);
  else zones[one.kind] = null;
}

// Adds what a tool has drawn and says which shape it is. `outfalls`: the registered ones.
export function add(zones, tool, points, { outfalls, beside }) {
  if (tool === "water") return addRow(zones, "water", { name: free(zones, "水域"), polygon: points });
  if (tool === "bank") return addRow(zones, "banks", { name: free(zones, "岸边"), polygon: points });
  if (tool === "outfall") return addRow(zones, "outfalls", newOutfall(zones, points, outfalls));
  if (tool === "ignore") return addRow(zones, "ignore", points);
  if (tool === "upstream") {
    zones.outfalls[beside].upstream = points;
    return shape("outfalls", beside, "upstream");
  }
  zones.ground = { px: points, m: zones.ground?.m ?? points.map(() => [null, null]) };
  return shape("ground");
}

function addRow(zones, kind, row) {
  zones[kind].push(row);
  return shape(kind, zones[kind].length - 1);
}

function newOutfall(zones, polygon, outfalls) {
  const used = new Set(zones.outfalls.map((each) => each.code));
  const next = outfalls.find((each) => !used.has(each.code)) ?? outfalls[0];
  const { code, name } = next ?? { code: "", name: "" };
  return { code, name, polygon, upstream: null, permitted_hours: [], rain_expected: "lower" };
}

function free(zones, stem) {
  const used = new Set([...zones.water, ...zones.banks].map((each) => each.name));
  let n = 1;
  while (used.has(`${stem}${n}`)) n++;
  return `${stem}${n}`;
}
