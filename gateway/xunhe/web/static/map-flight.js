// A flight over the map: its path, what it did not see, litter by stretch, findings with their ellipses.

/* global L */

import { FOUND, drawing, label, latLng, mark } from "./map-shapes.js";

const ELLIPSE_POINTS = 48;
const METRES_A_DEGREE = 111_320;

export async function showFlight(map, url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return;
  const { features } = await answer.json();
  const layer = L.featureGroup(features.flatMap((feature) => KINDS[feature.properties.kind](feature))).addTo(map);
  if (features.length) map.fitBounds(layer.getBounds().pad(0.15), { maxZoom: 18, animate: false });
}

const KINDS = {
  path: (feature) => [line(feature, "flight-path", 2)],
  unseen: (feature) => [line(feature, "flight-unseen", 5, "没有看到 not seen", `${Math.round(feature.properties.metres)} m`)],
  density: (feature) => [line(feature, "flight-density", 4 + 12 * feature.properties.share, `${feature.properties.count} 件垃圾 pieces of litter`)],
  found: (feature) => [...ellipse(feature), finding(feature)],
};

function line({ geometry, properties }, className, weight, ...lines) {
  const drawn = L.polyline(geometry.coordinates.map(latLng), { className, weight, interactive: lines.length > 0 });
  return lines.length ? drawn.bindTooltip(label(...lines), { className: "map-label", sticky: true }) : drawn;
}

function finding({ geometry, properties }) {
  const icon = mark(`found-mark found-of-${properties.what}${properties.status === "gone" ? " gone" : ""}`, `${drawing(FOUND[properties.what], 22)}<span>${Number(properties.number)}</span>`, 22);
  return L.marker(latLng(geometry.coordinates), { icon, keyboard: false, pane: "popupPane" })
    .bindTooltip(label(`${properties.number} ${properties.name} ${properties.name_en}`, ...properties.reason), { className: "map-label" })
    .on("click", () => document.getElementById(properties.code)?.scrollIntoView({ behavior: "smooth", block: "center" }));
}

// Half-axes in metres, the longer one's bearing clockwise from north.
function ellipse({ geometry, properties }) {
  if (!properties.ellipse) return [];
  const [major, minor, bearing] = properties.ellipse;
  const [lon, lat] = geometry.coordinates;
  const turn = (bearing * Math.PI) / 180;
  const ring = Array.from({ length: ELLIPSE_POINTS }, (_, i) => {
    const angle = (2 * Math.PI * i) / ELLIPSE_POINTS;
    const [along, across] = [major * Math.cos(angle), minor * Math.sin(angle)];
    const north = along * Math.cos(turn) - across * Math.sin(turn);
    const east = along * Math.sin(turn) + across * Math.cos(turn);
    return [lat + north / METRES_A_DEGREE, lon + east / (METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180))];
  });
  return [L.polygon(ring, { className: "flight-ellipse", weight: 1, interactive: false })];
}
