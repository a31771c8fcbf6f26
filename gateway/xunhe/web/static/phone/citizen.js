// The citizen's form: small photographs, and where the reader stands, if he asks for it.
import { shrinkInputs } from "../shrink.js";

const form = document.getElementById("report-form");
const button = document.getElementById("here");
const words = document.getElementById("here-words");

function fillIn({ coords }) {
  form.lon.value = coords.longitude.toFixed(6);
  form.lat.value = coords.latitude.toFixed(6);
  words.textContent = `已定位，误差约 ${Math.round(coords.accuracy)} 米 located to about ${Math.round(coords.accuracy)} m`;
}

function failed() {
  words.textContent = "未能取得位置：请在下面手工填写，或在说明里写清地点。Your position could not be read: type it in below.";
  document.getElementById("by-hand").open = true;
}

shrinkInputs(document);
if (form && "geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    words.textContent = "定位中… finding…";
    navigator.geolocation.getCurrentPosition(fillIn, failed, { enableHighAccuracy: true, timeout: 20_000 });
  });
}
document.querySelector("[data-copy]")?.addEventListener("click", async (event) => {
  await navigator.clipboard.writeText(event.currentTarget.dataset.copy);
  event.currentTarget.querySelector(".zh").textContent = "已复制";
});
