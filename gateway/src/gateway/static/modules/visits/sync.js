// Sends what is unsent and fetches the visits. What the platform refuses stays on the device, with why.
import { turns } from "../offline/turns.js";
import * as store from "./store.js";

export const begin = (changed) => turns(attempt, changed);

const language = () => document.documentElement.lang;
const wait = () => AbortSignal.timeout(20_000);

async function attempt() {
  try {
    let forms = await fetched();
    if (forms.status) return { online: true, signedOut: forms.status === 401, refused: forms.status !== 401 };
    if (await sent(forms.person_id)) forms = await fetched();
    if (forms.status) return { online: true };
    await store.replace("visits", forms.visits);
    await store.put("device", { id: "me", person_id: forms.person_id, name: forms.name, synced_at: forms.at, left_out: forms.left_out });
    return { online: true };
  } catch {
    return { online: false };
  }
}

async function fetched() {
  const answer = await fetch("/api/v1/visit-forms", { headers: { "Accept-Language": language() }, signal: wait() });
  if (answer.status === 401 || answer.status === 403) return { status: answer.status };
  if (!answer.ok) throw new Error("not now");
  return answer.json();
}

// Sends what this person wrote, a visit at a time; says whether there was anything.
async function sent(person) {
  const mine = async (name) => (await store.all(name)).filter((one) => one.person_id === person);
  const [answers, problems] = await Promise.all([mine("answers"), mine("problems")]);
  const visits = new Set([...answers, ...problems].map((one) => one.visit_id));
  if (visits.size === 0) return false;
  const pass = await fetch("/visit-forms/pass", { signal: wait() });
  const { csrf } = await pass.json();
  for (const visit of visits) {
    const of = (rows) => rows.filter((one) => one.visit_id === visit);
    const body = {
      answers: of(answers).map(({ key, person_id, visit_id, why, ...answer }) => answer),
      problems: of(problems).map(({ person_id, visit_id, why, ...problem }) => problem),
    };
    const answer = await fetch(`/api/v1/round-visits/${visit}/answers`, {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": language(), "X-CSRF-Token": csrf },
      body: JSON.stringify(body),
      signal: wait(),
    });
    if (answer.status >= 500 || answer.status === 429) throw new Error("not now");
    const why = answer.ok ? null : reason(await answer.json());
    for (const one of of(answers)) await settle("answers", one.key, one, why);
    for (const one of of(problems)) await settle("problems", one.id, one, why);
  }
  return true;
}

// What was written anew while the answer was on its way has another id, and stays.
async function settle(name, key, row, why) {
  const kept = await store.get(name, key);
  if (kept?.id !== row.id) return;
  if (why) await store.put(name, { ...kept, why });
  else await store.remove(name, key);
}

const reason = (problem) => Object.values(problem.errors ?? {}).flat()[0] ?? problem.detail;
