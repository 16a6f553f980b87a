"""Real threads call the counters' echo through one caller; a program of its own, because tests run on green threads.

Prints how many answers were right. Exits 1 when one caller got another one's answer.
"""

import json
import os
import sys
import threading

from chassis.caller import Caller
from contracts.envelope import Outcome

THREADS, CALLS = 32, 100


def main() -> int:
    caller = Caller(os.environ["AMQP_URL"])
    wrong: list[str] = []
    right: list[str] = []

    def ask(thread: int) -> None:
        for number in range(CALLS):
            text = f"{thread}-{number}"
            answer = caller.call("counters", "echo", json.dumps({"text": text}).encode(), timeout_s=120)
            is_right = answer.outcome == Outcome.OK and json.loads(answer.body) == {"text": text}
            (right if is_right else wrong).append(text)

    threads = [threading.Thread(target=ask, args=(thread,)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    caller.close()
    print(len(right))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
