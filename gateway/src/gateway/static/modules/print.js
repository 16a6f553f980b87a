// Shows a print button; without JavaScript the browser's own menu prints.
export function start(button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
