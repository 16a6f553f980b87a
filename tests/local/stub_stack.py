"""A stack whose Python processes are tiny, so that tests of the supervisor need nothing but its servers.

    python tests/local/stub_stack.py FOLDER [broken]

The gateway is ready when the broker and the database answer, a broken one dies at
once; `clerk` stands for a service.
"""

import os
import signal
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from local.operating import say
from local.ports import port_of
from local.processes import Program
from local.stack import Stack
from local.supervisor import Supervisor


class StubStack(Stack):
    def migrations(self) -> list[Program]:
        return [self._stub("migrations", "print", "migrated")]

    def services(self) -> list[Program]:
        return [self._stub("clerk", "sleep")]

    def gateway(self) -> Program:
        if "broken" in sys.argv:
            return self._stub("gateway", "fail")
        return self._stub("gateway", "gateway", str(self.folder), str(self.port))

    def demo_loader(self) -> Program:
        return self._stub("demo-loader", "print", "3 of 3 sites")

    def _stub(self, name: str, *words: str) -> Program:
        return Program(
            name=name,
            folder=self.folder,
            argv=(sys.executable, __file__, *words),
            env={"PATH": os.environ["PATH"], "PYTHONUNBUFFERED": "1"},
        )


def stub_stack(folder: Path) -> StubStack:
    return StubStack(folder=folder, port=port_of(folder, "gateway"), durable=False)


def serve(stack: Stack) -> None:
    class Readiness(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if stack.postgres.is_ready() and stack.rabbitmq.is_ready() else 503)
            self.end_headers()

    ThreadingHTTPServer(("127.0.0.1", stack.port), Readiness).serve_forever()


def main(words: list[str]) -> int:
    match words:
        case ["print", sentence]:
            print(sentence)
        case ["sleep"]:
            signal.pause()
        case ["gateway", folder, port]:
            serve(StubStack(folder=Path(folder), port=int(port), durable=False))
        case ["fail"]:
            sys.exit("I cannot work like this")
        case [folder, *_]:
            return Supervisor(stub_stack(Path(folder)), say=say, announce=lambda stack: say("up")).run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
