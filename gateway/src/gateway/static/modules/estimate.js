// While the party size is typed, says what the policy would give. The service computes the amount that counts.
export function start(place) {
  const field = document.getElementById(place.dataset.field);
  const [base, head, cap, least] = ["base", "head", "cap", "least"].map((name) => Number(place.dataset[name]));
  const digits = new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 2 });
  const yuan = (amount) => place.dataset.amount.replace("{amount}", digits.format(amount)); // as the server writes it
  const tell = () => {
    const heads = Math.floor(Number(field?.value));
    const forBranch = document.querySelector("[name=whom]:checked")?.value !== "me";
    if (!heads || heads < 1 || !forBranch) place.textContent = "";
    else if (heads < least) place.textContent = place.dataset.none;
    else place.textContent = place.dataset.words.replace("{amount}", yuan(Math.min(base + head * heads, cap) / 100));
  };
  field?.form.addEventListener("input", tell);
  tell();
}
