// Verifies an Ed25519 signature: by the browser where it can, else by @noble/ed25519, which stands beside us.
let can;

async function browserCan(publicKey) {
  can ??= crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]).then(() => true, () => false);
  return can;
}

export async function verify(publicKey, signature, message) {
  if (await browserCan(publicKey)) {
    const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    return crypto.subtle.verify({ name: "Ed25519" }, key, signature, message);
  }
  const { verifyAsync } = await import("../../vendor/noble-ed25519-3.2.0/index.js");
  return verifyAsync(signature, message, publicKey).catch(() => false);
}
