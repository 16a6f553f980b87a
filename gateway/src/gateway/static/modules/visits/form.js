// Draws the form of one visit: its items by heading, the problems found, what other assessors wrote.
import * as store from "./store.js";

const part = (root, name) => root.querySelector(`[data-part="${name}"]`);
const copy = (name) => document.getElementById(name).content.firstElementChild.cloneNode(true);
export const say = (name, values = {}) =>
  document.querySelector(`[data-say="${name}"]`).textContent.replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");

// The answer that this person gave last: the unsent one, else the one that the platform knows.
export function answerOf(visit, item, person, unsent) {
  const waiting = unsent.get(store.keyOf(person, visit.id, item.id));
  return waiting ?? visit.items.find((one) => one.item_id === item.id)?.answers.find((one) => one.by_id === person) ?? null;
}

export function drawForm(root, visit, person, unsent, changed) {
  root.replaceChildren();
  for (const heading of visit.criteria.headings) {
    const section = copy("heading-form");
    part(section, "heading").textContent = heading.name;
    part(section, "weight").textContent = say("weight", { weight: heading.weight });
    for (const item of heading.items) section.append(drawItem(visit, item, person, unsent, changed));
    root.append(section);
  }
}

function drawItem(visit, item, person, unsent, changed) {
  const box = copy("item-form");
  const known = visit.items.find((one) => one.item_id === item.id);
  const given = answerOf(visit, item, person, unsent);
  const fields = Object.fromEntries(["points", "none", "no_evidence", "remark"].map((name) => [name, box.querySelector(`[name="${name}"]`)]));
  for (const [name, field] of Object.entries(fields)) {
    field.id = `${name}-${item.id}`;
    field.closest("label, .field").querySelector("label")?.setAttribute("for", field.id);
  }
  part(box, "text").textContent = item.text;
  part(box, "full").textContent = say("full", { marks: item.full_marks });
  part(box, "evidence").textContent = item.evidence;
  part(box, "deduction").textContent = item.deduction;
  fields.points.max = item.full_marks;
  fields.points.value = given?.points ?? "";
  fields.none.checked = Boolean(given) && given.points === null;
  fields.no_evidence.value = given?.no_evidence ?? "";
  fields.remark.value = given?.remark ?? "";
  fields.points.disabled = fields.none.checked;
  part(box, "more").open = Boolean(given && (given.remark || given.no_evidence || given.points === null));
  const others = (known?.answers ?? []).filter((one) => one.by_id !== person);
  part(box, "others").textContent = others.map((one) => say("other", { name: one.by_name, points: one.points ?? say("none") })).join("；");
  part(box, "conflict").hidden = !known?.is_conflict;
  box.addEventListener("change", async () => {
    fields.points.disabled = fields.none.checked;
    const points = fields.none.checked || fields.points.value === "" ? null : Number(fields.points.value);
    const remark = fields.remark.value.trim() || null;
    const isWrong = points === null ? fields.none.checked && !remark : !(points >= 0 && points <= item.full_marks && Number.isInteger(points * 2));
    part(box, "fault").textContent = !isWrong ? "" : say(points === null ? "why-none" : "wrong-points", { marks: item.full_marks });
    if (isWrong || (points === null && !fields.none.checked)) return;
    await store.put("answers", {
      key: store.keyOf(person, visit.id, item.id), id: crypto.randomUUID(), person_id: person, visit_id: visit.id,
      item_id: item.id, points, no_evidence: fields.no_evidence.value || null, remark, answered_at: new Date().toISOString(),
    });
    changed();
  });
  return box;
}

export function drawProblems(root, visit, unsent) {
  const rows = [...visit.problems, ...unsent.filter((one) => one.visit_id === visit.id)];
  root.replaceChildren(...rows.map((problem) => {
    const row = document.createElement("li");
    row.textContent = `${say(`kind-${problem.kind}`)}：${problem.text}`;
    return row;
  }));
}
