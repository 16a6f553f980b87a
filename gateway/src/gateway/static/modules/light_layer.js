// Draws a mark for each town: its worst light by shape and colour, with the number of branches that have it.
import { districts } from "./ground.js";

const L = window.L;

export async function start(map, _clusters, settings) {
  const { words, towns } = settings;
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix("Leaflet").addAttribution(words.source);
  document.querySelector(".map-fallback")?.remove();
  await districts(map, settings);
  for (const { at: [lon, lat], light, name, count, title, address } of towns) {
    const mark = document.createElement("span");
    mark.className = `town-light town-light-${light}`;
    const number = Object.assign(document.createElement("b"), { textContent: count });
    mark.append(number, Object.assign(document.createElement("span"), { textContent: name }));
    L.marker([lat, lon], { icon: L.divIcon({ className: "town-mark", html: mark, iconSize: null }), title, alt: title })
      .on("click", () => location.assign(address))
      .on("keypress", ({ originalEvent }) => originalEvent.key === "Enter" && location.assign(address))
      .addTo(map);
  }
  const found = L.latLngBounds(towns.map(({ at: [lon, lat] }) => [lat, lon]));
  map.fitBounds(found.pad(0.15), { maxZoom: 12 });
}
