// Keeps the screen at the door showing the code of now: counts down, fetches the next one, says so when it cannot.
const AGAIN_MS = 5_000;

export function start(screen) {
  const part = (name) => screen.querySelector(`[data-part="${name}"]`);
  let endsAt = 0;

  function began() {
    endsAt = performance.now() + Number(part("code").dataset.leftS) * 1000;
    draw();
  }
  function draw() {
    part("left").textContent = screen.dataset.left.replace("{n}", Math.max(0, Math.ceil((endsAt - performance.now()) / 1000)));
  }
  async function renew() {
    try {
      const answer = await fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(10_000) });
      if (answer.redirected) return location.reload(); // signed out: the sign-in page comes
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      part("code").replaceWith(document.adoptNode(page.querySelector('[data-part="code"]')));
      part("told").textContent = "";
      began();
    } catch {
      // A code that is over lets nobody in: show none rather than that.
      part("code").hidden = true;
      part("told").textContent = screen.dataset.offline;
      endsAt = performance.now() + AGAIN_MS;
    }
    return undefined;
  }
  let running = false;
  setInterval(async () => {
    draw();
    if (running || performance.now() < endsAt) return;
    running = true;
    await renew();
    running = false;
  }, 1000);
  navigator.wakeLock?.request("screen").catch(() => {});
  began();
}
