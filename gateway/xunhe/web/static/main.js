// What every live page does: follow the stream, keep its fragments fresh, tell the truth about the link.
import { Alarm } from "./alarm.js";
import { Away } from "./away.js";
import { Fragments } from "./fragments.js";
import { listen } from "./keys.js";
import { RiverClock, shanghai } from "./river-clock.js";
import { follow } from "./stream.js";

const SOON_MS = 300;
const SPREAD_MS = 900;

const body = document.body;
const waiting = new Set();
const clock = new RiverClock(document.getElementById("river-time"));
const fragments = new Fragments(document.querySelectorAll("[data-fragment]"));
const alarm = new Alarm(document.getElementById("sound"));
const away = new Away(Number(body.dataset.lastEventId));
const ticketId = document.querySelector("[data-ticket]")?.dataset.ticket;
const incidentId = document.querySelector("[data-incident]")?.dataset.incident;
let map = null;

const RULES = {
  alert: (data) => { announce(data); alarm.take(data); refreshIncident(data); soon("map", () => map?.refresh()); },
  incident: (data) => { refreshIncident(data); show("more-incidents"); },
  ticket: (data) => { refreshTicket(data); refreshIncident(data); soon("tickets", () => { fragments.refresh("tickets"); map?.refresh(); }); },
  verdict: (data) => { refreshIncident(data); fragments.refresh(`tickets/${ticketId}`); },
  evidence: (data) => { refreshIncident(data); fragments.refresh(`tickets/${ticketId}`); },
  rejected: () => { fragments.refresh("numbers"); show("more-rejected"); },
  camera: () => fragments.refreshLike("camera"),
  flight: () => { fragments.refreshLike("flights/"); soon("map", () => map?.refresh()); },
  stations: () => soon("stations", () => { fragments.refresh("stations", "numbers"); map?.refresh(); }),
  heartbeat: () => {},
  reset: () => location.reload(),
};

listen({ markRead: () => away.read(), toggleSound: () => alarm.toggle() });
follow({
  after: Number(body.dataset.lastEventId),
  kinds: Object.keys(RULES),
  onMessage(kind, data, id) {
    if (data.at) note(data.at);
    if (data.time_factor) clock.set(data.at, data.time_factor);
    if (id) away.saw(id);
    RULES[kind](data);
  },
  onLink(state) {
    const wasLost = body.dataset.link === "lost";
    body.dataset.link = state;
    clock.run(state !== "lost");
    alarm.link(state);
    if (state === "live" && wasLost) refreshAll();
  },
});

// Time left on tickets passes without events.
setInterval(() => body.dataset.link === "live" && fragments.refresh("tickets"), 20_000);

if (document.getElementById("map")) {
  const { RiverMap } = await import("./river-map.js");
  map = new RiverMap(document.getElementById("map"));
  map.refresh();
}

// The counts of cameras change without events, too.
if (document.querySelector("[data-fragment^='camera']")) {
  setInterval(() => body.dataset.link === "live" && fragments.refreshLike("camera"), 10_000);
  await import("./camera-pictures.js");
}

function refreshAll() {
  fragments.refreshAll();
  map?.refresh();
}

// What is not the news itself waits a moment, each page another one: fifty that ask for everything at
// once would keep each other from the news.
function soon(what, action) {
  if (waiting.has(what)) return;
  waiting.add(what);
  setTimeout(() => { waiting.delete(what); action(); }, SOON_MS + Math.random() * SPREAD_MS);
}

function refreshIncident(data) {
  fragments.refresh("incidents", `tickets/${ticketId}`);
  soon("numbers", () => fragments.refresh("numbers"));
  if (data.incident_id === undefined || String(data.incident_id) === incidentId) fragments.refresh(`incidents/${incidentId}`);
}

function refreshTicket(data) {
  if (String(data.incident_id) === incidentId) fragments.refresh(`incidents/${incidentId}`);
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
