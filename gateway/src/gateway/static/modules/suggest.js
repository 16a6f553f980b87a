// While a name, its pinyin or its initials are typed: links to the sites that fit, below the field.
export function start(place) {
  const field = document.getElementById(place.dataset.field);
  const said = Object.assign(document.createElement("p"), { className: "visually-hidden" });
  const list = Object.assign(document.createElement("ul"), { className: "items" });
  said.setAttribute("role", "status");
  let [timer, waiting] = [null, null];
  const show = (features) => {
    list.replaceChildren(...features.map(({ id, properties }) => {
      const link = document.createElement("a");
      link.href = place.dataset.site.replace("00000000-0000-0000-0000-000000000000", id);
      link.textContent = [properties.name, properties.town ?? properties.district].join(" · ");
      const item = document.createElement("li");
      item.append(link);
      return item;
    }));
    said.textContent = features.length ? place.dataset.words.replace("{n}", features.length) : "";
    place.classList.toggle("is-open", features.length > 0);
  };
  place.append(said, list);
  field.addEventListener("input", () => {
    clearTimeout(timer);
    waiting?.abort();
    const q = field.value.trim();
    if (!q) return show([]);
    timer = setTimeout(async () => {
      waiting = new AbortController();
      try {
        const answer = await fetch(`${place.dataset.sites}?${new URLSearchParams({ q, limit: 6 })}`, { signal: waiting.signal });
        if (answer.ok && field.value.trim() === q) show((await answer.json()).features);
      } catch (error) {
        if (error.name !== "AbortError") show([]);
      }
    }, 200);
  });
  field.form.addEventListener("keydown", (event) => { if (event.key === "Escape") { show([]); field.focus(); } });
  field.form.addEventListener("change", () => setTimeout(() => { if (!place.contains(document.activeElement)) show([]); }));
}
