// The form of citizens' reports: fills in where the reader is, if he asks for it.

const button = document.getElementById("here");
const failed = document.getElementById("here-failed");

function fillIn(found) {
  document.getElementById("lon").value = found.coords.longitude.toFixed(6);
  document.getElementById("lat").value = found.coords.latitude.toFixed(6);
}

if ("geolocation" in navigator) {
  button.hidden = false;
  button.addEventListener("click", () => {
    failed.hidden = true;
    navigator.geolocation.getCurrentPosition(fillIn, () => { failed.hidden = false; }, { enableHighAccuracy: true, timeout: 20000 });
  });
}
