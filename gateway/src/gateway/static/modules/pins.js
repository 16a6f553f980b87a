// One site on the map: a pin with its category's letter, and a popup that says which seats are free.
const L = window.L;
const SVG = "http://www.w3.org/2000/svg";

export function pin(feature, settings) {
  const site = feature.properties;
  const [lon, lat] = feature.geometry.coordinates;
  const marker = L.marker([lat, lon], { icon: icon(site.category, settings.letters), title: site.name, alt: site.name });
  marker.bindPopup(() => popup(feature.id, site, settings), { maxWidth: 280 });
  return marker;
}

function icon(category, letters) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", "0 0 30 38");
  drawing.setAttribute("class", `pin pin-${category}`);
  const drop = document.createElementNS(SVG, "path");
  drop.setAttribute("d", "M15 37S1.5 24 1.5 14.5a13.5 13.5 0 0 1 27 0C28.5 24 15 37 15 37z");
  const letter = document.createElementNS(SVG, "text");
  letter.setAttribute("x", "15");
  letter.setAttribute("y", "19");
  letter.textContent = letters[category] ?? "";
  drawing.append(drop, letter);
  return L.divIcon({ className: "map-pin", html: drawing, iconSize: [30, 38], iconAnchor: [15, 37], popupAnchor: [0, -32] });
}

function popup(id, site, { words, kinds, site: address, sites, asked, trip }) {
  const box = document.createElement("div");
  const add = (tag, text, className) => {
    const element = Object.assign(document.createElement(tag), { textContent: text, className: className ?? "" });
    box.append(element);
    return element;
  };
  add("h3", site.name);
  add("p", [kinds[site.kind] ?? site.kind, site.town ?? site.district].join(" · ") + (site.synthetic ? ` · ${words.made_up}` : ""), "quiet");
  const seats = add("p", "…");
  const link = add("a", words.open, "button button-small button-primary");
  link.href = address.replace("00000000-0000-0000-0000-000000000000", id) + (asked.on ? `?on=${encodeURIComponent(asked.on)}` : "");
  const more = add("a", words.add, "button button-small button-quiet");
  more.href = trip + id;
  freeSeats(id, sites, words).then((text) => { seats.textContent = text; }, () => seats.remove());
  return box;
}

async function freeSeats(id, sites, words) {
  const answer = await fetch(`${sites}/${id}/slots`); // of a week from today
  if (!answer.ok) throw new Error(answer.status);
  const next = (await answer.json()).items.find((slot) => slot.bookable && slot.seats_left > 0);
  if (!next) return words.none;
  const when = new Date(next.starts_at).toLocaleString(document.documentElement.lang, {
    timeZone: "Asia/Shanghai", month: "short", day: "numeric", weekday: "short", hour: "2-digit", minute: "2-digit",
  });
  return words.next.replace("{when}", when).replace("{n}", next.seats_left);
}
