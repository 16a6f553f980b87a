// Says how far the site is from here and in which direction, when the reader asks for it. Nothing leaves the browser.
const RADIUS_M = 6371008.8;
const radians = (degrees) => (degrees * Math.PI) / 180;

export function between(from, to) {
  const [lat1, lat2, dLon] = [radians(from.lat), radians(to.lat), radians(to.lon - from.lon)];
  const h = Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(dLon / 2) ** 2;
  const y = Math.sin(dLon) * Math.cos(lat2);
  const x = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(dLon);
  return { metres: 2 * RADIUS_M * Math.asin(Math.sqrt(h)), bearing: ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360 };
}

export function start(place) {
  if (!navigator.geolocation) return;
  const { lon, lat, ask, told, failed, bearings } = place.dataset;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button button-small", textContent: ask });
  place.append(button);
  place.hidden = false;
  button.addEventListener("click", () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const way = between({ lon: coords.longitude, lat: coords.latitude }, { lon: Number(lon), lat: Number(lat) });
        const [metre, kilometre] = document.documentElement.lang.startsWith("zh") ? ["米", "公里"] : [" m", " km"];
        const distance = way.metres < 1000 ? `${Math.round(way.metres)}${metre}` : `${(way.metres / 1000).toFixed(1)}${kilometre}`;
        place.textContent = told
          .replace("{distance}", distance)
          .replace("{bearing}", `${bearings.split(",")[Math.round(way.bearing / 45) % 8]} (${Math.round(way.bearing)}°)`);
      },
      () => { place.textContent = failed; },
      { timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
