// Finds what a page asks for by data-module="name" and lets modules/name.js improve that element.
// A page is complete without any of this.
for (const element of document.querySelectorAll("[data-module]")) {
  import(`./${element.dataset.module}.js`)
    .then((module) => module.start(element))
    .catch((error) => console.error(`The module ${element.dataset.module} did not start.`, error));
}
// A keyboard or screen-reader user starts at what has to be mended; a fault in what is folded away opens it.
for (const wrong of document.querySelectorAll("details .field-error")) wrong.closest("details").open = true;
const told = document.getElementById("error-summary") ?? document.querySelector(".messages .notice-bad");
if (told) told.tabIndex = -1;
told?.focus();
// On a phone the menu and the tabs are longer than the screen: show where we are.
for (const entry of document.querySelectorAll(".site-nav [aria-current], .tabs [aria-current]")) entry.scrollIntoView({ block: "nearest", inline: "center", behavior: "instant" });
