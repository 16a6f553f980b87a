// Asks the browser where it is and sends the filters with `near=lon,lat`.
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
        near.value = `${coords.longitude.toFixed(5)},${coords.latitude.toFixed(5)}`;
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
