// Draws a circle for each site; its area says how many visits it had.
import { districts } from "./ground.js";

const L = window.L;
const LARGEST = 34;

export async function start(map, _clusters, settings) {
  const { words, sites } = settings;
  L.control.zoom({ zoomInTitle: words.zoom_in, zoomOutTitle: words.zoom_out }).addTo(map);
  map.attributionControl.setPrefix("Leaflet").addAttribution(words.source);
  document.querySelector(".map-fallback")?.remove();
  const home = await districts(map, settings);
  const most = Math.max(...sites.map(({ visits }) => visits));
  // The largest first, so that small circles lie above and can be pointed at.
  for (const { at: [lon, lat], visits, title } of [...sites].sort((a, b) => b.visits - a.visits)) {
    L.circleMarker([lat, lon], { radius: 4 + (LARGEST - 4) * Math.sqrt(visits / most), color: "#6d1214", weight: 1.5, fillColor: "#b3272a", fillOpacity: 0.45 })
      .bindTooltip(title, { direction: "top" })
      .addTo(map);
  }
  const found = L.latLngBounds(sites.map(({ at: [lon, lat] }) => [lat, lon]));
  // Where no site of the table has a place, there is nothing to look at but the district.
  map.fitBounds(found.isValid() && !home.contains(found) ? found.pad(0.2) : home, { maxZoom: 12 });
}
