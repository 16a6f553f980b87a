// A slider over the coming four weeks that writes the day into its field; the filters take it when it is let go.
export function start(place) {
  const field = document.getElementById(place.dataset.field);
  const [slider, said] = [place.querySelector("input"), place.querySelector("output")];
  const today = Date.parse(`${place.dataset.today}T00:00:00Z`);
  const day = () => new Date(today + Number(slider.value) * 86_400_000);
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { month: "long", day: "numeric", weekday: "long", timeZone: "UTC" });
  const say = () => { said.textContent = words.format(day()); slider.setAttribute("aria-valuetext", said.textContent); };
  place.hidden = false;
  slider.addEventListener("input", () => { field.value = day().toISOString().slice(0, 10); say(); });
  field.addEventListener("change", () => {
    slider.value = (Date.parse(`${field.value}T00:00:00Z`) - today) / 86_400_000;
    say();
  });
  if (field.value) say();
}
