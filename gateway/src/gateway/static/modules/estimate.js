// While the party size is typed, says what the policy would give. The service computes the amount that counts.
export function start(place) {
  const field = document.getElementById(place.dataset.field);
  const [base, head, cap, least] = ["base", "head", "cap", "least"].map((name) => Number(place.dataset[name]));
  const tiers = JSON.parse(place.dataset.tiers || "[]");
  const digits = new Intl.NumberFormat("zh-CN", { minimumFractionDigits: 2 });
  const yuan = (amount) => place.dataset.amount.replace("{amount}", digits.format(amount)); // as the server writes it
  const ofHeads = (heads) => {
    let counted = 0;
    let amount = head * heads;
    for (const tier of tiers) {
      const upper = Math.min(heads, tier.heads_to ?? heads);
      amount += Math.max(upper - counted, 0) * tier.per_head_fen;
      counted = Math.max(counted, upper);
    }
    return amount;
  };
  const tell = () => {
    const heads = Math.floor(Number(field?.value));
    const forBranch = document.querySelector("[name=whom]:checked")?.value !== "me";
    if (!heads || heads < 1 || !forBranch) place.textContent = "";
    else if (heads < least) place.textContent = place.dataset.none;
    else place.textContent = place.dataset.words.replace("{amount}", yuan(Math.min(base + ofHeads(heads), cap) / 100));
  };
  field?.form.addEventListener("input", tell);
  tell();
}
