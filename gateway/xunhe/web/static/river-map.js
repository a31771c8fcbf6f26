// The map: reaches in the colour of their class, drawn from our own GeoJSON, without tiles.
// Colours come from classes in console.css, so that light and dark follow by themselves.

/* global L */

const PAUSE_MS = 3_000;
const WIDE = matchMedia("(min-width: 641px)");

// What lies along the river, by shape: square, triangle, bar, drop.
const LYING = {
  outfall: { words: "排污口 outfall", shape: '<rect x="1" y="1" width="10" height="10"/>' },
  source: { words: "污染源 pollution source", shape: '<path d="M6 1L11 11H1Z"/>' },
  section: { words: "断面 section", shape: '<path d="M4 0H8V12H4Z"/>' },
  intake: { words: "取水口 intake", shape: '<path d="M6 0Q11 6 10 8.5A4 4 0 0 1 2 8.5Q1 6 6 0Z"/>' },
};

export class RiverMap {
  constructor(element) {
    this.map = L.map(element, {
      attributionControl: false, // no tiles, nobody else's data
      scrollWheelZoom: false, // the page scrolls
      zoomSnap: 0.05,
      zoomControl: false,
    });
    L.control.zoom({ zoomInTitle: "放大 Zoom in", zoomOutTitle: "缩小 Zoom out" }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.layer = L.layerGroup().addTo(this.map);
    this.text = "";
    this.nextMs = 0;
    this.timer = 0;
  }

  // At most once in PAUSE_MS; a refresh in between waits its turn.
  async refresh() {
    if (this.timer) return;
    const waitMs = this.nextMs - performance.now();
    if (waitMs > 0) {
      this.timer = setTimeout(() => { this.timer = 0; this.refresh(); }, waitMs);
      return;
    }
    this.nextMs = performance.now() + PAUSE_MS;
    const answer = await fetch("/api/v1/reaches").catch(() => null);
    if (answer?.ok) this.show(await answer.text());
  }

  show(text) {
    if (text === this.text) return;
    const isFirst = this.text === "";
    this.text = text;
    const features = JSON.parse(text).features;
    if (isFirst) this.fit(features);
    this.layer.clearLayers();
    const of = (kind) => features.filter((feature) => feature.properties.kind === kind);
    of("reach").forEach((feature) => this.drawReach(feature));
    for (const [kind, shape] of Object.entries(LYING)) of(kind).forEach((feature) => this.drawLying(kind, shape, feature));
    of("station").forEach((feature) => this.drawStation(feature));
  }

  fit(features) {
    const points = features.flatMap((f) => (f.geometry.type === "Point" ? [f.geometry.coordinates] : f.geometry.coordinates));
    if (points.length) this.map.fitBounds(L.latLngBounds(points.map(latLng)), { paddingTopLeft: [40, 26], paddingBottomRight: [40, 48] });
    else this.map.setView([30.3, 119.4], 10);
  }

  drawReach({ geometry, properties }) {
    const line = geometry.coordinates.map(latLng);
    const colour = `class-${properties.colour ?? "none"}`;
    L.polyline(line, { className: "reach-casing", weight: 9, interactive: false }).addTo(this.layer);
    L.polyline(line, { className: `reach-line ${colour}`, weight: 6 })
      .bindTooltip(label(`${properties.name} ${properties.name_en}`, properties.class_label ?? "未评 not judged", `目标 target ${properties.target}`), { className: "map-label", sticky: true })
      .addTo(this.layer);
    for (const share of [0.18, 0.85]) this.drawArrow(line, share);
    const middle = along(line, 0.55).point;
    L.tooltip({ permanent: true, direction: "bottom", offset: [14, 14], className: "map-label", interactive: false })
      .setLatLng(middle)
      .setContent(label(WIDE.matches ? `${properties.name} · ${properties.class_sign ?? "未评"}` : properties.class_sign ?? "未评"))
      .addTo(this.layer);
    if (properties.open_tickets) this.drawTickets(middle, properties);
  }

  drawArrow(line, share) {
    const { point, angle } = along(line, share);
    const svg = `<svg width="16" height="16" viewBox="-8 -8 16 16"><path d="M-5 -6L7 0L-5 6Z" transform="rotate(${angle.toFixed(1)})"/></svg>`;
    L.marker(point, { icon: mark("flow-mark", svg, 16), interactive: false, keyboard: false }).addTo(this.layer);
  }

  drawTickets(point, properties) {
    const link = document.createElement("a");
    link.href = `/tickets/${properties.newest_ticket}`;
    link.textContent = `工单 ${properties.open_tickets}`;
    link.setAttribute("aria-label", `${properties.name}：${properties.open_tickets} 件未结工单 open tickets`);
    const icon = L.divIcon({ className: "map-mark ticket-mark", html: link, iconSize: [54, 22], iconAnchor: [27, 34] });
    L.marker(point, { icon, keyboard: false, pane: "popupPane" }).addTo(this.layer);
  }

  drawStation({ geometry, properties }) {
    L.circleMarker(latLng(geometry.coordinates), {
      className: `station-mark class-${properties.colour ?? "none"} presence-${properties.presence}`,
      radius: 7, weight: 2.5, fillOpacity: 1,
    })
      .bindTooltip(label(properties.name), { permanent: WIDE.matches, direction: "top", offset: [0, -6], className: "map-label station-label" })
      .addTo(this.layer);
  }

  drawLying(kind, { words, shape }, { geometry, properties }) {
    const svg = `<svg width="12" height="12" viewBox="0 0 12 12">${shape}</svg>`;
    L.marker(latLng(geometry.coordinates), { icon: mark(`${kind}-mark lying-mark`, svg, 12), keyboard: false })
      .bindTooltip(label(`${properties.name} ${properties.name_en}`, words), { className: "map-label" })
      .addTo(this.layer);
  }
}

function latLng([lon, lat]) {
  return [lat, lon];
}

function mark(className, html, size) {
  return L.divIcon({ className: `map-mark ${className}`, html, iconSize: [size, size] });
}

// Names come from the registry: text, never markup.
function label(...lines) {
  const element = document.createElement("div");
  for (const line of lines) element.append(Object.assign(document.createElement("div"), { textContent: line }));
  return element;
}

// The point at a share of the line's length and the direction there (degrees clockwise from east,
// as SVG turns). Equirectangular: a reach is short.
function along(line, share) {
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
      const part = rest / step.length;
      const point = [0, 1].map((k) => step.from[k] + part * (step.to[k] - step.from[k]));
      return { point, angle: (Math.atan2(-step.dy, step.dx) * 180) / Math.PI };
    }
    rest -= step.length;
  }
  return { point: line.at(-1), angle: 0 };
}
