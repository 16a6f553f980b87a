// Draws a trip: its stops with their numbers, in order, and the line from one to the next.
import { districts } from "./ground.js";

const L = window.L;

export async function start(map, _clusters, settings) {
  const { words, stops } = settings;
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix("Leaflet").addAttribution(words.source);
  document.querySelector(".map-fallback")?.remove();
  const home = await districts(map, settings);
  const spots = stops.map(({ at: [lon, lat] }) => [lat, lon]);
  L.polyline(spots, { color: "#9b1b1e", weight: 4, opacity: 0.85, dashArray: "1 8", lineCap: "round", interactive: false }).addTo(map);
  for (const [at, { name }] of stops.entries()) {
    const number = document.createElement("span");
    number.textContent = at + 1;
    const title = `${at + 1} · ${name}`;
    L.marker(spots[at], { icon: L.divIcon({ className: "map-stop", html: number, iconSize: [34, 34] }), title, alt: title, zIndexOffset: 1000 - at })
      .bindTooltip(title, { direction: "top", offset: [0, -16] })
      .addTo(map);
  }
  map.fitBounds(spots.length ? L.latLngBounds(spots).pad(0.25) : home, { maxZoom: 13 });
}
