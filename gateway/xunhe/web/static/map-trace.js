// An incident over the map: who saw it in which order, suspects upstream by rank, arrivals downstream.

/* global L */

import { label, latLng } from "./map-shapes.js";
import { shanghai } from "./river-clock.js";

const RANKS = ["①", "②", "③", "④", "⑤"];

export async function showTrace(map, url) {
  const answer = await fetch(url).catch(() => null);
  if (!answer?.ok) return;
  const { features } = await answer.json();
  const layer = L.featureGroup(features.map(drawn)).addTo(map);
  if (features.length > 1) map.fitBounds(layer.getBounds().pad(0.25), { maxZoom: 15, animate: false });
  else if (features.length) map.setView(latLng(features[0].geometry.coordinates), Math.max(map.getZoom(), 13), { animate: false });
}

function drawn({ geometry, properties }) {
  const [className, sign, ...lines] = KINDS[properties.kind](properties);
  const html = Object.assign(document.createElement("span"), { textContent: sign });
  const icon = L.divIcon({ className: `map-mark trace-mark ${className}`, html, iconSize: null, iconAnchor: [0, 0] });
  return L.marker(latLng(geometry.coordinates), { icon, keyboard: false, pane: "popupPane" })
    .bindTooltip(label(`${properties.name} ${properties.name_en}`, ...lines), { className: "map-label", direction: "right" });
}

const KINDS = {
  witness: (of) => ["witness-mark", of.order === 1 ? "◉" : `◉${of.order}`, `第 ${of.order} 个见证 witness ${of.order}`, clock(of.at)],
  suspect: (of) => ["suspect-mark", RANKS[of.rank - 1] ?? String(of.rank), `嫌疑 suspect ${Math.round(100 * of.share)} %`, `上游 upstream ${(of.metres / 1000).toFixed(1)} km`],
  arrival: (of) => ["arrival-mark", clock(of.likely).slice(11, 16), `到达 arrives ${clock(of.early).slice(5, 16)} – ${clock(of.late).slice(5, 16)}`],
};

function clock(iso) {
  return shanghai(new Date(iso));
}
