// Reads Mapbox vector tiles (version 2.1 of the specification): protocol buffers, by hand. Numbers in
// comments are the fields of vector_tile.proto.

const TYPES = ["unknown", "point", "line", "polygon"];
const MOVE_TO = 1;
const LINE_TO = 2;
const text = new TextDecoder();

export function layersOf(bytes) {
  const layers = [];
  for (const [field, value] of fields(bytes)) if (field === 3) layers.push(layer(value)); // layers = 3
  return layers;
}

function layer(bytes) {
  const found = { name: "", extent: 4096, features: [] };
  const [keys, values, features] = [[], [], []];
  for (const [field, value] of fields(bytes)) {
    if (field === 1) found.name = text.decode(value);
    else if (field === 2) features.push(value);
    else if (field === 3) keys.push(text.decode(value));
    else if (field === 4) values.push(tagValue(value));
    else if (field === 5) found.extent = value;
  }
  found.features = features.map((each) => feature(each, keys, values));
  return found;
}

function feature(bytes, keys, values) {
  let type = TYPES[0];
  let parts = [];
  const tags = {};
  for (const [field, value] of fields(bytes)) {
    if (field === 2) { const at = [...numbers(value)]; for (let i = 0; i + 1 < at.length; i += 2) tags[keys[at[i]]] = values[at[i + 1]]; }
    else if (field === 3) type = TYPES[value] ?? TYPES[0];
    else if (field === 4) parts = lines([...numbers(value)]);
  }
  if (type === "point") parts = parts.flat().map((point) => [point]);
  return { type, parts, tags };
}

// Commands and zigzag steps become lists of points; ClosePath adds nothing that a fill needs.
function lines(commands) {
  const parts = [];
  let [x, y, i] = [0, 0, 0];
  while (i < commands.length) {
    const [command, count] = [commands[i] & 7, commands[i] >> 3];
    i += 1;
    if (command !== MOVE_TO && command !== LINE_TO) continue;
    for (let k = 0; k < count; k += 1, i += 2) {
      x += zigzag(commands[i]);
      y += zigzag(commands[i + 1]);
      if (command === MOVE_TO) parts.push([]);
      parts.at(-1).push([x, y]);
    }
  }
  return parts;
}

function zigzag(number) {
  return (number >>> 1) ^ -(number & 1);
}

// A tag's value is whichever of its fields is there: string 1, float 2, double 3, whole numbers 4 to 6, bool 7.
function tagValue(bytes) {
  for (const [field, value] of fields(bytes)) {
    if (field === 1) return text.decode(value);
    if (field === 6) return zigzag(value);
    if (field === 7) return Boolean(value);
    return value;
  }
  return null;
}

function* numbers(bytes) {
  const at = { i: 0 };
  while (at.i < bytes.length) yield varint(bytes, at);
}

// [field, value] of a message: a number for varints and floats, bytes for all that has a length.
function* fields(bytes) {
  const at = { i: 0 };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  while (at.i < bytes.length) {
    const key = varint(bytes, at);
    const wire = key & 7;
    if (wire === 0) yield [key >> 3, varint(bytes, at)];
    else if (wire === 1) { yield [key >> 3, view.getFloat64(at.i, true)]; at.i += 8; }
    else if (wire === 5) { yield [key >> 3, view.getFloat32(at.i, true)]; at.i += 4; }
    else if (wire === 2) { const length = varint(bytes, at); yield [key >> 3, bytes.subarray(at.i, at.i + length)]; at.i += length; }
    else throw new Error(`vector tile: wire type ${wire}`);
  }
}

function varint(bytes, at) {
  let [value, scale] = [0, 1];
  for (;;) {
    const byte = bytes[at.i];
    if (byte === undefined) throw new Error("vector tile: cut short");
    at.i += 1;
    value += (byte & 127) * scale;
    if (byte < 128) return value;
    scale *= 128;
  }
}
