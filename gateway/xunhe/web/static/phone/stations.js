// Stations: by name as they come, the nearest first where the telephone tells where it is.
// The position stays here: the order is made in the browser.
import { distanceM } from "./track.js";

const list = document.getElementById("stations");
const button = document.getElementById("nearest");
const words = document.getElementById("near-words");
const rows = [...list.children].filter((row) => row.dataset.name);

function sort({ coords }) {
  const here = [coords.longitude, coords.latitude];
  const away = new Map(rows.map((row) => [row, distanceM(here, [Number(row.dataset.lon), Number(row.dataset.lat)])]));
  for (const row of rows.sort((one, other) => away.get(one) - away.get(other))) {
    const metres = away.get(row);
    row.querySelector(".distance").textContent = metres < 950 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`;
    list.append(row);
  }
  words.textContent = "最近的在前 nearest first";
}

document.getElementById("find").addEventListener("input", (event) => {
  const wanted = event.target.value.trim().toLowerCase();
  for (const row of rows) row.hidden = !row.dataset.name.toLowerCase().includes(wanted);
});

if ("geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => navigator.geolocation.getCurrentPosition(
    sort,
    () => { words.textContent = "未能取得位置，按名称排列。No position: by name."; },
    { enableHighAccuracy: true, timeout: 20_000, maximumAge: 60_000 },
  ));
}
