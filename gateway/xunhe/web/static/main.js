// What every live page does: follow the stream, keep its fragments fresh, tell the truth about the link.
import { follow } from "/static/stream.js";
import { RiverClock, shanghai } from "/static/river-clock.js";
import { Fragments } from "/static/fragments.js";

const body = document.body;
const clock = new RiverClock(document.getElementById("river-time"));
const fragments = new Fragments(document.querySelectorAll("[data-fragment]"));
const ticketId = document.querySelector("[data-ticket]")?.dataset.ticket;
let map = null;

const RULES = {
  alert: (data) => { announce(data); fragments.refresh("alerts", "overview", `tickets/${ticketId}`); map?.refresh(); },
  incident: () => fragments.refresh("overview"),
  ticket: (data) => { fragments.refresh("tickets", "overview"); refreshTicket(data); map?.refresh(); },
  verdict: () => fragments.refresh(`tickets/${ticketId}`),
  evidence: () => fragments.refresh(`tickets/${ticketId}`),
  rejected: () => { fragments.refresh("overview"); show("more-rejected"); },
  camera: () => fragments.refreshLike("camera"),
  stations: () => { fragments.refresh("stations", "overview"); map?.refresh(); },
  heartbeat: () => {},
  reset: () => location.reload(),
};

follow({
  after: Number(body.dataset.lastEventId),
  kinds: Object.keys(RULES),
  onMessage(kind, data) {
    if (data.at) note(data.at);
    if (data.time_factor) clock.set(data.at, data.time_factor);
    RULES[kind](data);
  },
  onLink(state) {
    const wasLost = body.dataset.link === "lost";
    body.dataset.link = state;
    clock.run(state !== "lost");
    if (state === "live" && wasLost) refreshAll();
  },
});

// Time left on tickets passes without events.
setInterval(() => body.dataset.link === "live" && fragments.refresh("tickets"), 20_000);

// So do the counts of cameras.
if (document.querySelector("[data-fragment^='camera']")) {
  setInterval(() => body.dataset.link === "live" && fragments.refreshLike("camera"), 10_000);
  await import("/static/camera-pictures.js");
}

if (document.getElementById("map")) {
  const { RiverMap } = await import("/static/river-map.js");
  map = new RiverMap(document.getElementById("map"));
  await map.refresh();
}

function refreshAll() {
  fragments.refreshAll();
  map?.refresh();
}

function refreshTicket(data) {
  if (String(data.ticket_id) !== ticketId) return;
  fragments.refreshAll();
  show("changed");
}

function note(at) {
  const time = document.getElementById("last-event");
  time.dateTime = at;
  time.textContent = shanghai(new Date(at));
}

function show(id) {
  const element = document.getElementById(id);
  if (element) element.hidden = false;
}

// Screen readers hear each new alert once; the list itself is redrawn and stays silent.
function announce(data) {
  const list = document.getElementById("announcements");
  if (!list) return;
  const item = document.createElement("li");
  item.textContent = `新警报 New alert: ${data.reason_zh} ${data.reason_en}`;
  item.dataset.announcedAlert = data.alert_id;
  list.append(item);
  while (list.children.length > 20) list.firstElementChild.remove();
}
