import { start as once } from "./once.js";

// While a code is typed at the desk, shows whose it is when it stands in today's list, and proposes the head count.
export function start(form) {
  once(form);
  const code = form.elements.namedItem("voucher");
  const count = form.elements.namedItem("count");
  const told = form.querySelector("[data-told]");
  const bare = (text) => text.replace(/[\s-]/g, "").toUpperCase();
  let proposed = count.value;
  code.addEventListener("input", () => {
    const row = [...document.querySelectorAll("[data-voucher]")].find((each) => bare(each.dataset.voucher) === bare(code.value));
    told.textContent = row ? row.dataset.told : "";
    if (row && (count.value === "" || count.value === proposed)) {
      count.value = proposed = row.dataset.party;
    }
  });
}
