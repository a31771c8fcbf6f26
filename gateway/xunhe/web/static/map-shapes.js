// Shapes and small pieces of the map. Colours come from classes in console.css, so that light and dark
// follow by themselves; a class of water has a pattern and a label besides.

/* global L */

// What lies along the river, by shape: square, triangle, bar, drop, camera.
export const LYING = {
  outfall: { words: "排污口 outfall", shape: '<rect x="1" y="1" width="10" height="10"/>' },
  source: { words: "污染源 pollution source", shape: '<path d="M6 1L11 11H1Z"/>' },
  section: { words: "断面 section", shape: '<path d="M4 0H8V12H4Z"/>' },
  intake: { words: "取水口 intake", shape: '<path d="M6 0Q11 6 10 8.5A4 4 0 0 1 2 8.5Q1 6 6 0Z"/>' },
};
export const CAMERA = '<path d="M0 3H8V10H0ZM8 5.500L12 3.500V9.500L8 7.500"/>';

// What a flight found, by shape: bottle, leaf, drop, heap.
export const FOUND = {
  litter: '<path d="M4.500 1H7.500V3L9 5V11H3V5L4.500 3Z"/>',
  vegetation_mat: '<path d="M6 11Q1 8 2 2Q7 3 6 11Q7 6 11 5Q11 10 6 11Z"/>',
  plume: '<path d="M1 2H6V5Q11 5 11 11Q7 8 1 9Z"/>',
  bank_change: '<path d="M1 11L5 3L7 6L8.500 4L11 11Z"/>',
};
// An incident's kind is a flight's kind by another name.
export const FOUND_AS = { floating_litter: "litter", vegetation_mat: "vegetation_mat", discharge: "plume", bank_change: "bank_change" };

export function found({ at, kind, words, href }) {
  const what = FOUND_AS[kind] ?? "litter";
  return L.marker(latLng(at), { icon: mark(`found-mark found-of-${what}`, drawing(FOUND[what], 18), 18), keyboard: false })
    .bindTooltip(label(...words), { className: "map-label" })
    .on("click", () => location.assign(href));
}

export function latLng([lon, lat]) {
  return [lat, lon];
}

export function lying(kind, { geometry, properties }) {
  const { words, shape } = LYING[kind];
  return L.marker(latLng(geometry.coordinates), { icon: mark(`${kind}-mark lying-mark`, drawing(shape), 12), keyboard: false })
    .bindTooltip(label(`${properties.name} ${properties.name_en}`, words), { className: "map-label" });
}

// Such as a drone: an arrow where its heading is known, hollow once its position is old.
export function mover({ geometry, properties }, isOld) {
  const turn = properties.heading_deg ?? 0;
  const shape = properties.heading_deg === null ? '<circle cx="6" cy="6" r="5"/>' : `<path d="M6 0L11 12L6 9L1 12Z" transform="rotate(${Number(turn)} 6 6)"/>`;
  const height = properties.height_above_ground_m;
  const lines = [`${properties.name} ${properties.name_en}`, height === null ? "" : `离地 ${Math.round(height)} m above ground`];
  return L.marker(latLng(geometry.coordinates), { icon: mark(`mover-mark${isOld ? " old" : ""}`, drawing(shape, 20), 20), keyboard: false })
    .bindTooltip(label(...lines.filter(Boolean)), { className: "map-label" });
}

export function drawing(shape, size = 12) {
  return `<svg width="${size}" height="${size}" viewBox="0 0 12 12">${shape}</svg>`;
}

export function arrow(line, share) {
  const { point, angle } = along(line, share);
  const svg = `<svg width="16" height="16" viewBox="-8 -8 16 16"><path d="M-5 -6L7 0L-5 6Z" transform="rotate(${angle.toFixed(1)})"/></svg>`;
  return L.marker(point, { icon: mark("flow-mark", svg, 16), interactive: false, keyboard: false });
}

export function tickets(point, name, { tickets: count, newest }) {
  const link = document.createElement("a");
  link.href = `/tickets/${newest}`;
  link.textContent = `工单 ${count}`;
  link.setAttribute("aria-label", `${name}：${count} 件未结工单 open tickets`);
  const icon = L.divIcon({ className: "map-mark ticket-mark", html: link, iconSize: [54, 22], iconAnchor: [27, 34] });
  return L.marker(point, { icon, keyboard: false, pane: "popupPane" });
}

// The tickets of several reaches at once; a click leads closer.
export function sum(found, closer) {
  const count = found.reduce((total, { tickets: of }) => total + of, 0);
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: String(count) });
  button.setAttribute("aria-label", `${found.length} 个河段 ${count} 件未结工单，放大 ${count} open tickets on ${found.length} reaches: zoom in`);
  button.addEventListener("click", closer);
  const points = found.map(({ point }) => point);
  const middle = [0, 1].map((k) => points.reduce((total, point) => total + point[k], 0) / points.length);
  const icon = L.divIcon({ className: "map-mark ticket-mark", html: button, iconSize: [30, 22], iconAnchor: [15, 11] });
  return L.marker(middle, { icon, keyboard: false, pane: "popupPane" });
}

export function mark(className, html, size) {
  return L.divIcon({ className: `map-mark ${className}`, html, iconSize: [size, size] });
}

// Names come from the registry: text, never markup.
export function label(...lines) {
  const element = document.createElement("div");
  for (const line of lines) element.append(Object.assign(document.createElement("div"), { textContent: line }));
  return element;
}

// The point at a share of the line's length and the direction there (degrees clockwise from east,
// as SVG turns). Equirectangular: a reach is short.
export function along(line, share) {
  const squeeze = Math.cos((line[0][0] * Math.PI) / 180);
  const steps = line.slice(1).map((to, i) => {
    const from = line[i];
    const dx = (to[1] - from[1]) * squeeze;
    const dy = to[0] - from[0];
    return { from, to, dx, dy, length: Math.hypot(dx, dy) };
  });
  let rest = share * steps.reduce((sum, step) => sum + step.length, 0);
  for (const step of steps) {
    if (rest <= step.length) {
      const part = step.length ? rest / step.length : 0;
      const point = [0, 1].map((k) => step.from[k] + part * (step.to[k] - step.from[k]));
      return { point, angle: (Math.atan2(-step.dy, step.dx) * 180) / Math.PI };
    }
    rest -= step.length;
  }
  return { point: line.at(-1), angle: 0 };
}
