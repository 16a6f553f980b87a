// Draws the districts and, for the part of the map that is looked at, the sites. folium made the map and the clusters.
import { crowd, districts, note } from "./ground.js";
import { pin } from "./pins.js";

const L = window.L;

export async function start(map, clusters, settings) {
  const { words } = settings;
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix("Leaflet").addAttribution(words.source);
  document.querySelector(".map-fallback")?.remove();
  // The list is exchanged when the filters change, so its column listens.
  for (const how of ["pointerover", "focusin"]) {
    document.querySelector(".map-side").addEventListener(how, (event) => mark(event.target.closest("[data-site]")));
  }
  const pins = new Map();
  const crowds = L.layerGroup().addTo(map);
  let marked = null;
  let waiting = null;

  const home = await districts(map, settings);
  const spots = settings.shown.map(([lon, lat]) => [lat, lon]);
  if (settings.near) {
    const [lon, lat] = settings.near.split(",").map(Number);
    L.circleMarker([lat, lon], { radius: 8, color: "#fff", weight: 3, fillColor: "#1c5fb0", fillOpacity: 1 }).bindTooltip(words.you).addTo(map);
    spots.splice(5, spots.length, [lat, lon]);
  }
  const found = L.latLngBounds(spots);
  map.fitBounds(!spots.length || home.contains(found) ? home : found.pad(0.15), { maxZoom: 12 });
  map.on("moveend", fetchSites);
  document.addEventListener("filters", ({ detail }) => {
    settings.asked = detail;
    fetchSites();
  });
  fetchSites();

  async function fetchSites() {
    waiting?.abort();
    waiting = new AbortController();
    const box = map.getBounds().pad(0.1);
    const bbox = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((edge, at) => Math.max(at % 2 ? -90 : -180, Math.min(at % 2 ? 90 : 180, edge)).toFixed(5));
    const query = new URLSearchParams({ ...settings.asked, bbox: bbox.join(","), limit: 500 });
    try {
      const answer = await fetch(`${settings.sites}?${query}`, { signal: waiting.signal });
      if (!answer.ok) throw new Error(answer.status);
      draw((await answer.json()).features);
      note("");
    } catch (error) {
      if (error.name !== "AbortError") note(words.failed);
    }
  }

  // Pins that stay are left alone: opening a popup moves the map, and must not take its own pin away.
  function draw(features) {
    crowds.clearLayers();
    const gone = new Set(pins.keys());
    const fresh = [];
    for (const feature of features) {
      const [lon, lat] = feature.geometry.coordinates;
      if (feature.properties.cluster) {
        const { count } = feature.properties;
        L.marker([lat, lon], { icon: crowd(count), title: words.more.replace("{n}", count) })
          .on("click", () => map.setView([lat, lon], map.getZoom() + 2)).addTo(crowds);
      } else if (!gone.delete(feature.id)) {
        pins.set(feature.id, pin(feature, settings));
        fresh.push(pins.get(feature.id));
      }
    }
    clusters.removeLayers([...gone].map((id) => pins.get(id)));
    for (const id of gone) pins.delete(id);
    clusters.addLayers(fresh);
  }

  function mark(item) {
    if (!item || item === marked) return;
    marked?.classList.remove("is-shown");
    for (const icon of document.querySelectorAll(".is-marked")) icon.classList.remove("is-marked");
    marked = item;
    item.classList.add("is-shown");
    const found = pins.get(item.dataset.site);
    if (found) clusters.getVisibleParent(found)?.getElement?.()?.classList.add("is-marked");
  }
}
