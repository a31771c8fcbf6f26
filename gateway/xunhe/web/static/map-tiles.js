// The sheet below our own vectors, from the site's MBTiles file: pictures as they are, or vector tiles
// drawn in the colours of the page.

/* global L */

import { layersOf } from "./vector-tile.js";

// What a layer's name says, in the words of the common schemas (OpenMapTiles, Shortbread).
const LOOKS = [
  [/water_?way|river|stream/, { line: "--sheet-water", width: 1.4 }],
  [/water|ocean|lake/, { fill: "--sheet-water" }],
  [/wood|forest|park|land_?cover|landuse|green|grass/, { fill: "--sheet-green" }],
  [/building/, { fill: "--sheet-building" }],
  [/bound|admin/, { line: "--sheet-border", width: 1, dash: [4, 3] }],
  [/road|street|transport|rail|bridge/, { line: "--sheet-road", width: 1.2 }],
  [/place|settlement/, { text: "--muted" }],
];

export function tilesFor({ tiles, leastZoom, mostZoom, attribution }) {
  const options = { minNativeZoom: Number(leastZoom), maxNativeZoom: Number(mostZoom), attribution: escaped(attribution), className: "sheet" };
  return tiles === "pbf" ? new VectorTiles(options) : L.tileLayer("/tiles/{z}/{x}/{y}", options);
}

const VectorTiles = L.GridLayer.extend({
  createTile(at, done) {
    const canvas = L.DomUtil.create("canvas", "leaflet-tile sheet-tile");
    const { x: side } = this.getTileSize();
    canvas.width = canvas.height = side * devicePixelRatio;
    read(at).then((layers) => { draw(canvas, layers); done(null, canvas); }, (error) => done(error, canvas));
    return canvas;
  },
});

async function read({ z, x, y }) {
  const answer = await fetch(`/tiles/${z}/${x}/${y}`);
  if (answer.status === 204) return [];
  if (!answer.ok) throw new Error(`tile ${z}/${x}/${y}: ${answer.status}`);
  return layersOf(new Uint8Array(await answer.arrayBuffer()));
}

function draw(canvas, layers) {
  const ctx = canvas.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  for (const [pattern, look] of LOOKS) {
    for (const layer of layers.filter(({ name }) => firstLook(name) === pattern)) {
      ctx.save();
      ctx.scale(canvas.width / layer.extent, canvas.height / layer.extent);
      for (const feature of layer.features) paint(ctx, feature, look, style, layer.extent / canvas.width);
      ctx.restore();
    }
  }
}

function firstLook(name) {
  return LOOKS.find(([pattern]) => pattern.test(name))?.[0];
}

function paint(ctx, { type, parts, tags }, look, style, unit) {
  if (type === "point") {
    if (look.text && tags.name) name(ctx, parts[0][0], String(tags["name:zh"] ?? tags.name), style, unit);
    return;
  }
  ctx.beginPath();
  for (const part of parts) part.forEach(([x, y], i) => (i ? ctx.lineTo(x, y) : ctx.moveTo(x, y)));
  if (look.fill && type === "polygon") {
    ctx.fillStyle = style.getPropertyValue(look.fill);
    ctx.fill("evenodd");
  } else if (look.line) {
    ctx.strokeStyle = style.getPropertyValue(look.line);
    ctx.lineWidth = look.width * devicePixelRatio * unit;
    ctx.setLineDash((look.dash ?? []).map((length) => length * unit));
    ctx.stroke();
  }
}

function name(ctx, [x, y], text, style, unit) {
  ctx.fillStyle = style.getPropertyValue("--muted");
  ctx.font = `${12 * devicePixelRatio * unit}px ${style.getPropertyValue("--font")}`;
  ctx.textAlign = "center";
  ctx.fillText(text, x, y);
}

function escaped(text) {
  const element = document.createElement("span");
  element.textContent = text;
  return element.innerHTML;
}
