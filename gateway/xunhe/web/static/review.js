// One key a verdict: J 属实 (real), F 误报 (false alarm). Never while somebody types or holds a modifier.
const KEYS = { j: "true", f: "false" };
const form = document.querySelector("[data-review]");

document.addEventListener("keydown", (event) => {
  const value = KEYS[event.key.toLowerCase()];
  if (!form || !value || event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target.closest("input:not([type=checkbox]), textarea, select, video")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector(`button[name=is_true][value=${value}]`));
});
