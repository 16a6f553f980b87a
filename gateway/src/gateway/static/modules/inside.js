// Asks every half minute how many are inside, only while the page is seen, and says aloud when it gets fuller.
const EVERY_MS = 30_000;
const RANK = { calm: 0, near: 1, full: 2 };
const rank = (part) => Math.max(0, ...[...part.querySelectorAll("[data-level]")].map((row) => RANK[row.dataset.level]));

export function start(part) {
  let asked = Date.now();
  const told = part.querySelector("[data-told]");
  const ask = async () => {
    if (document.hidden || Date.now() - asked < EVERY_MS) return;
    asked = Date.now();
    try {
      const answer = await fetch(part.dataset.address, { headers: { Accept: "text/html" } });
      if (!answer.ok || answer.redirected) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("inside");
      const before = rank(part);
      for (const old of [...part.children]) if (old !== told) old.remove();
      for (const child of [...fresh.children]) if (!child.matches("[data-told]")) told.before(child);
      if (rank(part) > before) told.textContent = rank(part) === RANK.full ? told.dataset.full : told.dataset.near;
      else if (rank(part) === RANK.calm) told.textContent = "";
    } catch {
      // No network just now: what stands says as of when.
    }
  };
  setInterval(ask, EVERY_MS);
  document.addEventListener("visibilitychange", ask);
}
