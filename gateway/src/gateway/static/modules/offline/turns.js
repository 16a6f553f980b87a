// Tries again and again by itself: at once, when the network returns, ever more slowly meanwhile.
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 5 * 60_000;
const REFRESH_MS = 60_000;

// `attempt` gives {online, more}; `changed` hears of it after every attempt. Gives the function that takes a turn now.
export function turns(attempt, changed) {
  let pause = FIRST_PAUSE_MS;
  let timer;
  let running = null;
  const turn = () => {
    clearTimeout(timer);
    running ??= attempt().finally(() => { running = null; });
    return running.then((state) => {
      pause = state.online ? FIRST_PAUSE_MS : Math.min(pause * 2, LONGEST_PAUSE_MS);
      // Somewhat by chance, so that many devices do not all come at once when the network is back.
      const wait = state.online ? (state.more ? 0 : REFRESH_MS) : pause * (0.75 + Math.random() / 2);
      clearTimeout(timer);
      timer = setTimeout(turn, wait);
      return changed(state);
    });
  };
  addEventListener("online", turn);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && turn());
  turn();
  return turn;
}
