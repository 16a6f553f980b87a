// How far from the site this device stands, where its keeper allowed it: only the distance is kept, never the place.
import { between } from "../from_here.js";

const OLDEST_MS = 5 * 60_000;
const COARSEST_M = 500;

let last = null;
let watching = null;

// Begins to watch when the browser was allowed to before; it asks nobody by itself.
export async function resume() {
  const permission = await navigator.permissions?.query({ name: "geolocation" }).catch(() => null);
  if (permission?.state === "granted") watch();
}

// Asks for leave and watches; resolves to whether the place is known.
export function watch() {
  if (!navigator.geolocation) return Promise.resolve(false);
  if (watching !== null) navigator.geolocation.clearWatch(watching);
  return new Promise((resolve) => {
    watching = navigator.geolocation.watchPosition(
      ({ coords }) => { last = { coords, at: Date.now() }; resolve(true); },
      () => { last = null; resolve(false); },
      { enableHighAccuracy: true, maximumAge: 60_000, timeout: 30_000 },
    );
  });
}

export const isKnown = () => last !== null && Date.now() - last.at < OLDEST_MS && last.coords.accuracy <= COARSEST_M;

// Metres from the site, less what the fix may be wrong by; null where it is not known well enough to say.
export function distanceFrom({ lon, lat }) {
  if (lon == null || lat == null || !isKnown()) return null;
  const { longitude, latitude, accuracy } = last.coords;
  return Math.max(0, Math.round(between({ lon: longitude, lat: latitude }, { lon, lat }).metres - accuracy));
}
