// What lies under the sites: the districts' outlines with their names; and the marks for many sites in one place.
const L = window.L;

// Draws the outlines (alone, over tiles) and returns the bounds of the home district.
export async function districts(map, { districts: address, tiled }) {
  const zibo = L.latLngBounds([35.9, 117.5], [37.3, 118.6]);
  try {
    const answer = await fetch(address);
    if (!answer.ok) return zibo;
    let home = zibo;
    L.geoJSON(await answer.json(), {
      interactive: false,
      style: ({ properties }) =>
        properties.home
          ? { color: "#9b1b1e", weight: 2.5, fillColor: "#fffdfb", fillOpacity: tiled ? 0 : 0.9 }
          : { color: "#a9b3b6", weight: 1, fillColor: "#f7f8f7", fillOpacity: tiled ? 0 : 0.8 },
      onEachFeature: ({ properties }, layer) => {
        const [lon, lat] = properties.label;
        if (properties.home) home = layer.getBounds();
        const name = document.createElement("span");
        name.textContent = properties.name;
        L.marker([lat, lon], {
          interactive: false,
          keyboard: false,
          icon: L.divIcon({ className: `district-name${properties.home ? " district-name-home" : ""}`, html: name, iconSize: [80, 20] }),
          zIndexOffset: -1000,
        }).addTo(map);
      },
    }).addTo(map).bringToBack();
    return home;
  } catch {
    return zibo;
  }
}

// A circle with a number: sites that stand too close together at this zoom.
export function crowd(count) {
  const number = document.createElement("span");
  number.textContent = count;
  const size = count < 10 ? 36 : count < 100 ? 42 : 50;
  return L.divIcon({ className: "map-cluster", html: number, iconSize: [size, size] });
}

// Says one sentence over the map.
export function note(text) {
  const place = document.getElementById("map-note");
  place.replaceChildren();
  if (text) place.append(Object.assign(document.createElement("span"), { textContent: text }));
}
