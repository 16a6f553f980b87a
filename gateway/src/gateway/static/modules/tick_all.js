// One box ticks all of its form; it follows when they are ticked one by one. Without this they are ticked one by one.
export function start(label) {
  const all = label.querySelector("input");
  const boxes = [...label.closest("form").querySelectorAll(`input[type=checkbox][name="${label.dataset.name}"]`)];
  const follow = () => {
    const ticked = boxes.filter((box) => box.checked).length;
    all.checked = ticked === boxes.length;
    all.indeterminate = ticked > 0 && !all.checked;
  };
  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
  });
  for (const box of boxes) box.addEventListener("change", follow);
  label.hidden = false;
  follow();
}
