// Finance's queue by keyboard: j and k move, x ticks, o opens, a goes to the approval, r opens to return, ? shows help.
// Nothing happens while somebody types in a field or holds a modifier; no key approves by itself.
export function start(form) {
  const rows = [...form.querySelectorAll("tr[data-row]")];
  const boxes = rows.map((row) => row.querySelector("input[type=checkbox]")).filter(Boolean);
  const all = form.querySelector("[data-all]");
  const count = form.querySelector("[data-count]");
  let here = -1;
  let sent = false;

  function tell() {
    const ticked = boxes.filter((box) => box.checked).length;
    if (count) {
      count.hidden = false;
      count.textContent = count.dataset.text.replace("#", ticked);
    }
    if (all) {
      all.checked = ticked > 0 && ticked === boxes.length;
      all.indeterminate = ticked > 0 && ticked < boxes.length;
    }
    for (const row of rows) row.classList.toggle("is-ticked", Boolean(row.querySelector("input:checked")));
  }
  function go(number) {
    rows[here]?.classList.remove("is-here");
    here = Math.max(0, Math.min(rows.length - 1, number));
    rows[here].classList.add("is-here");
    rows[here].querySelector("th a").focus();
    rows[here].scrollIntoView({ block: "nearest" });
  }
  const keys = {
    j: () => go(here + 1),
    k: () => go(here - 1),
    x: () => {
      const box = rows[here]?.querySelector("input[type=checkbox]");
      if (box) box.checked = !box.checked;
      tell();
    },
    o: () => rows[here] && location.assign(rows[here].dataset.row),
    r: () => rows[here] && location.assign(`${rows[here].dataset.row}#return`),
    a: () => {
      const box = rows[here]?.querySelector("input[type=checkbox]");
      if (box && !boxes.some((each) => each.checked)) box.checked = true;
      tell();
      form.querySelector(".queue-actions button[type=submit]")?.focus();
    },
    "?": () => form.querySelector(".keys-help").toggleAttribute("open"),
  };
  document.addEventListener("keydown", (event) => {
    const types = event.target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]");
    if (types || event.ctrlKey || event.metaKey || event.altKey || event.isComposing || !(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  });
  form.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener("submit", (event) => {
    if (sent) event.preventDefault();
    sent = true;
  });
  window.addEventListener("pageshow", () => (sent = false));
  if (all) all.hidden = false;
  tell();
}
