// A small map above the coordinate fields: two markers to drag, P for the site and E for its entrance.
// What is dragged is WGS-84, so the declared datum is set to that and both pairs are written anew.
import { districts } from "./ground.js";

export async function start(box) {
  const L = window.L;
  if (!L) return;
  box.hidden = false;
  const NAMES = (box.dataset.names ?? "point,entrance").split(",");
  const map = L.map(box, { zoomControl: false, minZoom: 8, maxZoom: 18, attributionControl: false });
  L.control.zoom({ zoomInTitle: box.dataset.zoomIn, zoomOutTitle: box.dataset.zoomOut }).addTo(map);
  const datum = document.getElementById("point_datum");
  const field = (name, axis) => document.getElementById(`${name}_${axis}`);
  const typed = (name) => {
    const [lat, lon] = ["lat", "lon"].map((axis) => Number.parseFloat(field(name, axis).value));
    return Number.isFinite(lat) && Number.isFinite(lon) && Math.abs(lat) <= 90 ? L.latLng(lat, lon) : null;
  };
  const markers = {};
  const write = (name) => {
    const { lat, lng } = markers[name].getLatLng();
    field(name, "lon").value = lng.toFixed(6);
    field(name, "lat").value = lat.toFixed(6);
    if (datum.value !== "WGS-84" && datum.value !== "CGCS2000") {
      datum.value = "WGS-84";
      for (const other of NAMES) if (other !== name && markers[other]?.placed) write(other);
    }
  };
  const home = await districts(map, { districts: box.dataset.districts, tiled: false });
  const centre = typed("point") ?? home.getCenter();
  if (typed("point")) map.setView(centre, 13);
  else map.fitBounds(home); // nothing is placed yet: the outline says where one is
  for (const name of NAMES) {
    const marker = L.marker(typed(name) ?? centre, {
      draggable: true, keyboard: true, title: box.dataset[name], alt: box.dataset[name],
      icon: L.divIcon({ className: `place-pin place-pin-${name}`, html: name[0].toUpperCase(), iconSize: [30, 30] }),
      zIndexOffset: name === "entrance" ? 500 : 1000,
    }).addTo(map);
    markers[name] = marker;
    marker.placed = typed(name) !== null;
    marker.on("dragend", () => { marker.placed = true; write(name); });
    marker.getElement().addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      if (!step) return;
      event.preventDefault();
      event.stopPropagation();
      marker.setLatLng(map.unproject(map.project(marker.getLatLng()).add(step)));
      marker.placed = true;
      write(name);
    });
    for (const axis of ["lon", "lat"]) {
      field(name, axis).addEventListener("change", () => {
        const at = typed(name);
        if (!at || (datum.value !== "WGS-84" && datum.value !== "CGCS2000")) return;
        marker.placed = true;
        marker.setLatLng(at);
        map.panTo(at);
      });
    }
  }
  const help = Object.assign(document.createElement("p"), { className: "hint", textContent: box.dataset.help });
  box.after(help);
}
