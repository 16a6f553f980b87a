// Asks the browser where it is, only when it is clicked, and sends the filters with `near=lon,lat`.
// Three digits are about 100 m: nobody needs to know more, and nothing else of the place leaves the browser.
export function start(button) {
  if (!navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", (event) => {
    event.preventDefault();
    button.setAttribute("aria-disabled", "true");
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        const form = button.form;
        let near = form.elements.namedItem("near");
        if (!near) {
          near = Object.assign(document.createElement("input"), { type: "hidden", name: "near" });
          form.append(near);
        }
        near.value = `${coords.longitude.toFixed(3)},${coords.latitude.toFixed(3)}`;
        form.submit();
      },
      () => {
        button.removeAttribute("aria-disabled");
        let told = button.parentElement.querySelector("[role=alert]");
        if (!told) {
          told = Object.assign(document.createElement("p"), { className: "field-error", role: "alert" });
          told.setAttribute("role", "alert");
          button.parentElement.append(told);
        }
        told.textContent = button.dataset.failed;
      },
      { timeout: 10_000, maximumAge: 60_000 },
    );
  });
}
