// A line of the tree that is opened fetches what stands under it, once; without this the link in it leads there.
export function start(tree) {
  tree.addEventListener("toggle", async ({ target }) => {
    const waiting = target.open && target.querySelector(":scope > [data-waiting]");
    if (!waiting || waiting.hasAttribute("aria-busy")) return;
    waiting.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(target.dataset.below, { headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      waiting.replaceWith(...page.body.children);
    } catch {
      waiting.removeAttribute("aria-busy");
      if (!waiting.querySelector("[role=status]")) {
        const told = Object.assign(document.createElement("span"), { textContent: ` ${tree.dataset.failed}` });
        told.setAttribute("role", "status");
        waiting.append(told);
      }
    }
  }, true);
  // What the page brought open was so before anybody listened.
  for (const line of tree.querySelectorAll("details[open]")) line.dispatchEvent(new Event("toggle"));
}
