// Passes the page's address on: the phone's share sheet, else the clipboard.
export function start(button) {
  if (!navigator.share && !navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const place = { title: document.title, url: location.origin + location.pathname };
    try {
      if (navigator.share) return await navigator.share(place);
      await navigator.clipboard.writeText(place.url);
      button.querySelector("span").textContent = button.dataset.done;
    } catch (error) {
      if (error.name !== "AbortError") console.warn("The address could not be passed on.", error);
    }
  });
}
