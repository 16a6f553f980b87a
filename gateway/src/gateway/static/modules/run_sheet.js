// Keeps the step that is due now marked while the visit runs, by the platform's clock as the page was drawn.
export function start(list) {
  const ahead = new Date(list.dataset.now) - Date.now();
  const steps = [...list.querySelectorAll("[data-starts]")];
  const bar = document.getElementById(list.dataset.bar);
  let shown = null;
  const mark = () => {
    const now = Date.now() + ahead;
    const due = steps.find((step) => now >= new Date(step.dataset.starts) && now < new Date(step.dataset.ends));
    for (const step of steps) {
      step.classList.toggle("is-now", step === due);
      step.classList.toggle("is-past", now >= new Date(step.dataset.ends));
      step.querySelector(".now-mark").hidden = step !== due;
      if (step === due) step.setAttribute("aria-current", "step");
      else step.removeAttribute("aria-current");
    }
    if (bar && due !== shown && due) bar.textContent = due.dataset.told;
    shown = due;
  };
  mark();
  setInterval(mark, 5000);
}
