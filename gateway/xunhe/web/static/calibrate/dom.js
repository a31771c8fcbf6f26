// Elements in few words. Texts are always texts, never markup.

export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && name !== "list") element[name] = value;
    else if (value !== null && value !== false) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

// Chinese first, English beside.
export function bi(zh, en) {
  return [h("span", { className: "zh" }, zh), " ", h("span", { className: "en", lang: "en" }, en)];
}
