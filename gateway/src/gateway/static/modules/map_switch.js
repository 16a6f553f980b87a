// On a narrow screen either the map or the list; the choice is kept for this tab.
export function start(place) {
  const page = place.closest(".map-page");
  const show = (what) => {
    page.dataset.shows = what;
    for (const button of place.querySelectorAll("[data-shows]")) button.setAttribute("aria-pressed", String(button.dataset.shows === what));
    sessionStorage.setItem("map-shows", what);
    window.dispatchEvent(new Event("resize")); // Leaflet measures its box anew
  };
  place.hidden = false;
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-shows]");
    if (button) show(button.dataset.shows);
  });
  show(sessionStorage.getItem("map-shows") ?? "list");
}
