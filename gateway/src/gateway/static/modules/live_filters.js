// Changes of the filters show at once: the list is fetched anew, the address carries them, the map is told.
// Without this the form is sent by its button.
export function start(form) {
  const status = document.getElementById("found-status");
  let waiting = null;
  const update = async () => {
    waiting?.abort();
    waiting = new AbortController();
    const asked = new URLSearchParams([...new FormData(form)].filter(([, value]) => value));
    const address = `${form.getAttribute("action")}?${asked}`;
    try {
      const answer = await fetch(address, { signal: waiting.signal, headers: { Accept: "text/html" } });
      if (!answer.ok) throw new Error(answer.status);
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.getElementById("found").replaceWith(page.getElementById("found"));
      history.replaceState(null, "", address);
      const shown = document.querySelectorAll("#found [data-site]").length;
      status.textContent = form.dataset.words.replace("{n}", shown);
      asked.delete("trip");
      if (!asked.has("within_km")) asked.delete("near");
      document.dispatchEvent(new CustomEvent("filters", { detail: Object.fromEntries(asked) }));
    } catch (error) {
      if (error.name !== "AbortError") status.textContent = form.dataset.failed;
    }
  };
  // A party size of 0 or a half-typed day waits until it is one.
  form.addEventListener("change", () => { if (form.checkValidity()) update(); });
}
