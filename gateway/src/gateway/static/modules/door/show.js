// Draws what the device knows: the day's parties, what is unsent, what the platform answered.
const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });
const moment = new Intl.DateTimeFormat(document.documentElement.lang, { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Asia/Shanghai" });

export const time = (at) => clock.format(new Date(at));
export const dateAndTime = (at) => moment.format(new Date(at));

// A sentence of the page, in the reader's language, with its {names} filled in.
export function say(name, values = {}) {
  const sentence = document.querySelector(`#sentences [data-say="${name}"]`)?.textContent ?? name;
  return sentence.trim().replace(/\{(\w+)\}/g, (_, key) => values[key] ?? "");
}

function row(cells, mark) {
  const item = document.createElement("li");
  item.className = `door-row${mark ? ` door-${mark}` : ""}`;
  for (const text of cells.filter(Boolean)) {
    const part = document.createElement("span");
    part.textContent = text;
    item.append(part);
  }
  return item;
}

const who = (order) => order.branch_name ?? say("one-person");

export function drawOrders(list, orders, now) {
  const today = moment.format(now).split(" ")[0];
  const ofToday = orders.filter((order) => moment.format(new Date(order.starts_at)).split(" ")[0] === today);
  ofToday.sort((a, b) => new Date(a.starts_at) - new Date(b.starts_at) || who(a).localeCompare(who(b)));
  list.replaceChildren(...ofToday.map((order) => {
    const state = order.state === "cancelled" ? say("row-cancelled") : order.used_at
      ? say("row-inside", { count: order.checked_in ?? order.party_size, at: time(order.used_at), by: order.used_by ?? "" })
      : say("row-expected");
    return row(
      [`${time(order.starts_at)}–${time(order.ends_at)}`, who(order), say("heads", { count: order.party_size }), order.programme, order.needs, state],
      order.state === "cancelled" ? "cancelled" : order.used_at ? "inside" : "",
    );
  }));
  return ofToday.length;
}

export function drawUnsent(list, queue) {
  list.replaceChildren(...queue.map((item) =>
    row([dateAndTime(item.told.at), item.told.branch ?? say("one-person"), say("heads", { count: item.told.count }), item.told.by])));
}

// What went otherwise than the door thought: somebody should look at it.
export function drawAnswers(list, told) {
  const doubtful = told.filter((answer) => answer.state !== "valid").sort((a, b) => b.at.localeCompare(a.at)).slice(0, 50);
  list.replaceChildren(...doubtful.map((answer) => {
    const other = answer.valid;
    const values = other ? { at: dateAndTime(other.happened_at), count: other.count, by: other.device ?? other.by_name } : {};
    const name = answer.state === "duplicate" ? "answer-duplicate" : answer.state === "flagged" ? `answer-${answer.flag}` : `answer-${answer.code}`;
    return row([answer.branch_name ?? answer.told.branch ?? say("one-person"), say("heads", { count: answer.told.count }), say(name, values)], "doubtful");
  }));
  return doubtful.length;
}
