// The map of our own vectors. What lies where is asked for once and drawn once; what changes, its class,
// presence and tickets, is asked for again and only changes what is drawn. Far out, where names and
// arrows would cover each other, they stay away.

/* global L */

import { CAMERA, LYING, along, arrow, drawing, found, label, latLng, lying, mark, mover, sum, tickets } from "./map-shapes.js";

const PAUSE_MS = 3_000;
const LABELLED = 16; // reaches in view that still have room for their names
const DETAILED = 80; // reaches in view that still have room for arrows and what lies along them
const CELL_PX = 58;
const NEAR_PX = 7;
const FAR_PX = 3.5;
const MOVING_MS = 2_000;
const STILL_MS = 20_000; // nothing moves: asked for now and then
const OLD_MS = 30_000;
const WIDE = matchMedia("(min-width: 641px)");

export class RiverMap {
  constructor(element) {
    this.element = element;
    this.map = L.map(element, {
      attributionControl: Boolean(element.dataset.attribution),
      scrollWheelZoom: false, // the page scrolls
      zoomSnap: 0.05,
      zoomControl: false,
    });
    L.control.zoom({ zoomInTitle: "放大 Zoom in", zoomOutTitle: "缩小 Zoom out" }).addTo(this.map);
    L.control.scale({ imperial: false }).addTo(this.map);
    this.reaches = new Map();
    this.stations = new Map();
    this.cameras = new Map();
    this.details = [];
    this.near = L.layerGroup().addTo(this.map);
    this.marks = L.layerGroup().addTo(this.map);
    this.found = L.layerGroup().addTo(this.map);
    this.moving = L.layerGroup().addTo(this.map);
    this.states = { reaches: {}, stations: {}, cameras: {}, findings: [] };
    this.tag = "";
    this.nextMs = 0;
    this.timer = 0;
    this.ready = this.begin();
  }

  async begin() {
    const [places] = await Promise.all([read("/map/places.json"), this.laySheet()]);
    this.draw(places.value?.features ?? []);
    if (this.element.dataset.incidentMap) {
      const { showTrace } = await import("./map-trace.js");
      await showTrace(this.map, this.element.dataset.incidentMap);
    }
    if (this.element.dataset.flightMap) {
      const { showFlight } = await import("./map-flight.js");
      await showFlight(this.map, this.element.dataset.flightMap);
    }
    this.map.on("zoomend moveend", () => this.showDetails());
    this.showMoving();
  }

  async laySheet() {
    if (!this.element.dataset.tiles) return;
    const { tilesFor } = await import("./map-tiles.js");
    tilesFor(this.element.dataset).addTo(this.map);
  }

  // At most once in PAUSE_MS; a refresh in between waits its turn.
  async refresh() {
    await this.ready;
    if (this.timer) return;
    const waitMs = this.nextMs - performance.now();
    if (waitMs > 0) {
      this.timer = setTimeout(() => { this.timer = 0; this.refresh(); }, waitMs);
      return;
    }
    this.nextMs = performance.now() + PAUSE_MS;
    const { value, tag } = await read("/map/states.json");
    if (!value || tag === this.tag) return;
    [this.states, this.tag] = [value, tag];
    this.showStates();
    this.element.dataset.shown = "true";
  }

  draw(features) {
    const of = (kind) => features.filter((feature) => feature.properties.kind === kind);
    this.fit(features);
    of("reach").forEach((feature) => this.drawReach(feature));
    for (const kind of Object.keys(LYING)) this.details.push(...of(kind).map((feature) => lying(kind, feature)));
    of("station").forEach((feature) => this.drawStation(feature));
    of("camera").forEach((feature) => this.drawCamera(feature));
  }

  fit(features) {
    const points = features.flatMap((f) => (f.geometry.type === "Point" ? [f.geometry.coordinates] : f.geometry.coordinates));
    if (points.length) this.map.fitBounds(L.latLngBounds(points.map(latLng)), { paddingTopLeft: [40, 26], paddingBottomRight: [40, 48], animate: false });
    else this.map.setView([30.3, 119.4], 10);
  }

  drawReach({ geometry, properties }) {
    const line = geometry.coordinates.map(latLng);
    L.polyline(line, { className: "reach-casing", weight: 9, interactive: false }).addTo(this.map);
    const drawn = L.polyline(line, { className: "reach-line class-none", weight: 6 })
      .bindTooltip(() => this.reachLabel(properties), { className: "map-label", sticky: true })
      .addTo(this.map);
    this.reaches.set(properties.code, { line, drawn, properties });
  }

  reachLabel(properties) {
    const state = this.states.reaches[properties.code];
    return label(`${properties.name} ${properties.name_en}`, state?.label ?? "未评 not judged", `目标 target ${properties.target}`);
  }

  drawStation({ geometry, properties }) {
    const drawn = L.circleMarker(latLng(geometry.coordinates), { className: "station-mark class-none", radius: NEAR_PX, weight: 2, fillOpacity: 1 })
      .bindTooltip(() => label(`${properties.name} ${properties.name_en}`, this.states.stations[properties.code]?.label ?? "未评 not judged"), { className: "map-label" })
      .addTo(this.map);
    this.stations.set(properties.code, { drawn, properties });
  }

  drawCamera({ geometry, properties }) {
    const drawn = L.marker(latLng(geometry.coordinates), { icon: mark("camera-mark lying-mark", drawing(CAMERA, 14), 14), keyboard: false })
      .bindTooltip(() => label(`${properties.name} ${properties.name_en}`, this.states.cameras[properties.code]?.state ?? "摄像机 camera"), { className: "map-label" })
      .on("click", () => location.assign(`/cameras/${encodeURIComponent(properties.code)}`));
    this.details.push(drawn);
    this.cameras.set(properties.code, { drawn, properties });
  }

  showStates() {
    for (const [code, { drawn }] of this.reaches) {
      const state = this.states.reaches[code] ?? {};
      dress(drawn, "reach-line", `class-${state.colour ?? "none"}`, `sign-${state.number ?? "none"}`);
    }
    for (const [code, { drawn }] of this.stations) {
      const state = this.states.stations[code] ?? {};
      dress(drawn, "station-mark", `class-${state.colour ?? "none"}`, `presence-${state.presence ?? "awaited"}`);
    }
    this.found.clearLayers();
    // A flight's own page shows them itself.
    if (!this.element.dataset.flightMap) for (const each of this.states.findings) found(each).addTo(this.found);
    this.showDetails();
  }

  // Names, arrows, what lies along the river, and tickets: as many as there is room for.
  showDetails() {
    const bounds = this.map.getBounds();
    const inView = [...this.reaches.values()].filter(({ drawn }) => bounds.intersects(drawn.getBounds()));
    this.marks.clearLayers();
    this.near.clearLayers();
    this.showTickets(inView);
    this.stations.forEach(({ drawn }) => drawn.setRadius(inView.length > DETAILED ? FAR_PX : NEAR_PX));
    if (inView.length > DETAILED) return;
    for (const drawn of this.details) if (bounds.contains(drawn.getLatLng())) drawn.addTo(this.near);
    for (const [code, { drawn }] of this.cameras) drawn.getElement()?.classList.toggle("has-open", Boolean(this.states.cameras[code]?.open));
    for (const { line } of inView) for (const share of [0.18, 0.85]) arrow(line, share).addTo(this.near);
    if (inView.length > LABELLED) return;
    inView.forEach((reach) => this.nameReach(reach));
    if (WIDE.matches) this.stations.forEach(({ drawn, properties }) => this.nameStation(drawn, properties));
  }

  // Tickets that would cover each other are one mark with their sum, which leads closer.
  showTickets(inView) {
    const cells = new Map();
    for (const { line, properties } of inView) {
      const state = this.states.reaches[properties.code];
      if (!state?.tickets) continue;
      const { point } = along(line, 0.55);
      const { x, y } = this.map.latLngToContainerPoint(point);
      const cell = `${Math.floor(x / CELL_PX)} ${Math.floor(y / CELL_PX)}`;
      cells.set(cell, [...(cells.get(cell) ?? []), { point, name: properties.name, ...state }]);
    }
    for (const found of cells.values()) {
      if (found.length === 1) tickets(found[0].point, found[0].name, found[0]).addTo(this.marks);
      else sum(found, () => this.map.fitBounds(L.latLngBounds(found.map(({ point }) => point)).pad(0.5))).addTo(this.marks);
    }
  }

  nameReach({ line, properties }) {
    const sign = this.states.reaches[properties.code]?.sign ?? "未评";
    L.tooltip({ permanent: true, direction: "bottom", offset: [14, 14], className: "map-label", interactive: false })
      .setLatLng(along(line, 0.55).point)
      .setContent(label(WIDE.matches ? `${properties.name} · ${sign}` : sign))
      .addTo(this.near);
  }

  nameStation(drawn, properties) {
    L.tooltip({ permanent: true, direction: "top", offset: [0, -6], className: "map-label station-label", interactive: false })
      .setLatLng(drawn.getLatLng())
      .setContent(label(properties.name))
      .addTo(this.near);
  }

  async showMoving() {
    const { value } = await read("/api/v1/map/moving");
    const features = value?.features ?? [];
    if (value) {
      this.moving.clearLayers();
      for (const feature of features) mover(feature, this.isOld(feature)).addTo(this.moving);
    }
    setTimeout(() => this.showMoving(), features.length && !document.hidden ? MOVING_MS : STILL_MS);
  }

  // By the river's time, which is that of the position.
  isOld({ properties }) {
    const shownMs = Date.parse(document.getElementById("river-time")?.dateTime ?? "");
    return shownMs - Date.parse(properties.at) > OLD_MS;
  }
}

// A path's classes; Leaflet keeps no other than the one that it was made with.
function dress(drawn, ...classes) {
  drawn.getElement()?.setAttribute("class", ["leaflet-interactive", ...classes].join(" "));
}

async function read(url) {
  const answer = await fetch(url).catch(() => null);
  return answer?.ok ? { value: await answer.json(), tag: answer.headers.get("ETag") ?? "" } : { value: null, tag: "" };
}
