// Reads a voucher's token and says whether one of the keys at hand signed it; the layout stands in voucher_tokens.py.
import { verify } from "./ed25519.js";

const PREFIX = "ZD1:";
const SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
const PAYLOAD_BYTES = 45;
const TOKEN_BYTES = PAYLOAD_BYTES + 64;

export const isToken = (text) => text.trim().toUpperCase().startsWith(PREFIX);

// The eight signs of a short code, as they are stored: spaces, hyphens and small letters are fine.
export const bare = (text) => text.replace(/[\s\-‐-―]/g, "").toUpperCase();

export function fromBase45(text) {
  const bytes = [];
  for (let place = 0; place < text.length; place += 3) {
    const values = [...text.slice(place, place + 3)].map((sign) => SIGNS.indexOf(sign));
    const size = values.length - 1;
    const value = values.reduce((sum, each, power) => sum + each * 45 ** power, 0);
    if (size === 0 || values.includes(-1) || value >= 256 ** size) return null;
    if (size === 2) bytes.push(value >> 8);
    bytes.push(value & 0xff);
  }
  return new Uint8Array(bytes);
}

const fromBase64url = (text) => Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

function uuid(bytes) {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}

// Gives {fault} — "unreadable", "unknown-key", "withdrawn", "forged" — or what the token says.
export async function read(token, keys) {
  const raw = fromBase45(token.trim().toUpperCase().slice(PREFIX.length));
  if (raw?.length !== TOKEN_BYTES || raw[0] !== 1) return { fault: "unreadable" };
  const view = new DataView(raw.buffer);
  const key = keys.find((each) => each.kid === view.getUint16(1));
  if (!key) return { fault: "unknown-key" };
  if (key.state === "leaked") return { fault: "withdrawn" };
  const signed = await verify(fromBase64url(key.public_key), raw.slice(PAYLOAD_BYTES), raw.slice(0, PAYLOAD_BYTES));
  if (!signed) return { fault: "forged" };
  const starts = view.getUint32(37) * 1000;
  return {
    order_id: uuid(raw.slice(3, 19)),
    revision: view.getUint16(19),
    site_id: uuid(raw.slice(21, 37)),
    starts_at: starts,
    ends_at: starts + view.getUint16(41) * 60_000,
    party_size: view.getUint16(43),
  };
}
