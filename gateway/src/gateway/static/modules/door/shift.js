// Who is on shift at a shared device: a PIN, checked with no network against what the last sync brought.
import * as store from "./store.js";

const ITERATIONS = 200_000;
const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

export async function signOn(personId, pin) {
  const person = await store.get("shifts", personId);
  const now = Date.now() + ((await store.get("device", "me"))?.offset_ms ?? 0);
  if (!person || (person.lapses_at && Date.parse(person.lapses_at) <= now)) return null;
  const key = await crypto.subtle.importKey("raw", new TextEncoder().encode(pin), "PBKDF2", false, ["deriveBits"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt: bytes(person.salt), iterations: ITERATIONS };
  const made = new Uint8Array(await crypto.subtle.deriveBits(how, key, 256));
  const kept = bytes(person.verifier);
  if (made.length !== kept.length || made.some((byte, place) => byte !== kept[place])) return null;
  const shift = { id: "shift", person_id: person.person_id, name: person.name, since: new Date(now).toISOString() };
  await store.put("device", shift);
  return shift;
}

export const current = () => store.get("device", "shift");
export const signOff = () => store.remove("device", "shift");
