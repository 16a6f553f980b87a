// A form is sent once: the buttons rest after the first click. The form's key guards the rest of the way.
// What was typed into a form that comes back refused and empty stands in it again, for this answer alone.
const KEPT = "typed";
const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
sessionStorage.removeItem(KEPT);

export function start(form) {
  if (kept?.action === form.action && document.querySelector(".messages .notice-bad")) again(form);
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    keep(form);
    for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
  });
  // Coming back by the browser's back button makes the form usable again.
  window.addEventListener("pageshow", () => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  });
}

const texts = (form) => [...form.querySelectorAll("main :is(textarea, input[type=text], input[type=date]):not([autocomplete])")];

function keep(form) {
  const typed = texts(form).map((field) => [field.name, field.value]);
  sessionStorage.setItem(KEPT, JSON.stringify({ action: form.action, typed }));
}

function again(form) {
  const fields = texts(form);
  for (const [name, value] of kept.typed) {
    const field = fields.find((one) => one.name === name);
    if (field && !field.value) field.value = value;
  }
  form.closest("details")?.setAttribute("open", "");
}
