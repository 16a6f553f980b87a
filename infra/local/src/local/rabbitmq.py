"""A private RabbitMQ with an epmd of its own, both on 127.0.0.1 only.

The server's own script is called, not Debian's wrapper in /usr/sbin: that one insists on the user rabbitmq and on
the folders of the system's instance. epmd, Erlang's name server, is a program of its own here: started by RabbitMQ
it would outlive it and, without an address, listen to the whole network.
"""

import json
import os
import re
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from local.accounts import Account, make_file, make_folder, server_account
from local.data import data_folder
from local.faults import StartFault
from local.ports import free_port_of, port_of
from local.processes import Program
from local.secrets import secret

# What a broker of one node looks after more often than anybody needs: whether its nodes live, how much memory it has.
ADVANCED = """[
  {aten, [{poll_interval, 10000}, {heartbeat_interval, 10000}]},
  {rabbit, [
    {collect_statistics_interval, 60000}, {memory_monitor_interval, 10000},
    {vm_memory_calculation_strategy, allocated}
  ]}
].
"""

INSTALLED = Path("/usr/lib/rabbitmq/lib")
SCRIPTS = ("rabbitmq-server", "rabbitmq-env", "rabbitmq-defaults")
PLUGIN = re.compile(r"(rabbitmq_(?!prelaunch)|cowboy-|cowlib-|eetcd-|gun-|jose-|prometheus-)")
"""What only plugins need, among the server's libraries."""
USER = "zhendi"
VHOST = "zhendi"


@dataclass(frozen=True)
class RabbitMQ:
    """One broker of a stack, with its vhosts. Restarting it loses no durable queue and no persistent message."""

    folder: Path  # of the stack
    vhosts: tuple[str, ...] = (VHOST,)

    name = "rabbitmq"

    @property
    def account(self) -> Account | None:
        return server_account("rabbitmq")

    @property
    def data(self) -> Path:
        return data_folder(self.folder, self.name, self.account)

    @property
    def port(self) -> int:
        return port_of(self.folder, self.name)

    def url(self, *, vhost: str = VHOST) -> str:
        return f"amqp://{USER}:{secret(self.folder, 'amqp')}@127.0.0.1:{self.port}/{vhost}"

    def choose_ports(self) -> None:
        """Keep the ports of last time, or others when a stranger sits on one; only while the broker is down."""
        for name in (self.name, "rabbitmq-distribution", "epmd"):
            free_port_of(self.folder, name)

    def prepare(self) -> None:
        """Write the broker's configuration: port, user and vhosts."""
        account = self.account
        make_folder(self.data, account)
        if not self._was_ready.exists():
            # Killed in its first start, it would wait for half-made tables for ever; nobody has stored anything yet.
            shutil.rmtree(self.data / "mnesia", ignore_errors=True)
        make_file(self.data / "rabbitmq.conf", self._configuration(), account)
        make_file(self.data / "definitions.json", self._definitions(), account)
        make_file(self.data / "enabled_plugins", "[].\n", account)
        make_file(self.data / "advanced.config", ADVANCED, account)
        make_file(self.data / "nothing.conf", "", account)  # stands in for /etc/rabbitmq/rabbitmq-env.conf
        self._lay_out_server()

    def name_server(self) -> Program:
        return Program(
            name="epmd",
            folder=self.folder,
            argv=("epmd", "-address", "127.0.0.1", "-port", str(port_of(self.folder, "epmd"))),
            env=self._environment(),
            account=self.account,
            stop_wait_s=5.0,
        )

    def program(self) -> Program:
        return Program(
            name=self.name,
            folder=self.folder,
            argv=("taskset", "--cpu-list", str(max(os.sched_getaffinity(0))), str(self._server)),
            env=self._environment(),
            account=self.account,
            stop_wait_s=30.0,
        )

    def is_ready(self) -> bool:
        """Say whether the broker answers the AMQP greeting; its listener opens last."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                greeted = connection.recv(1) == b"\x01"  # the method frame connection.start
        except OSError:
            return False
        if greeted and not self._was_ready.exists():
            self._was_ready.touch()
        return greeted

    @property
    def _server(self) -> Path:
        return self.data / "server" / "sbin" / "rabbitmq-server"

    def _lay_out_server(self) -> None:
        """Lay out the installed server without its plugins: the same scripts, and links to its own libraries alone.

        Erlang looks for each of a thousand modules in one folder after the other, and each look wakes a thread. Those
        of forty plugins that nobody enables are most of the folders: without them a start takes half the time, and a
        third of the switches between threads.
        """
        installed, account = newest_server().parent.parent, self.account
        home = self.data / "server"
        shutil.rmtree(home, ignore_errors=True)
        for folder in (home, home / "sbin", home / "plugins"):
            make_folder(folder, account)
        for script in SCRIPTS:
            make_file(home / "sbin" / script, (installed / "sbin" / script).read_text(), account, mode=0o700)
        (home / "escript").symlink_to(installed / "escript")
        for library in sorted((installed / "plugins").iterdir()):
            if library.is_dir() and not PLUGIN.match(library.name):
                (home / "plugins" / library.name).symlink_to(library)

    @property
    def _was_ready(self) -> Path:
        return self.data / "was-ready"

    def _environment(self) -> dict[str, str]:
        data = self.data
        distribution = port_of(self.folder, "rabbitmq-distribution")
        return {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LANG": "C.UTF-8",
            "TZ": "UTC",
            "HOME": str(data),  # holds the Erlang cookie
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "ERL_EPMD_PORT": str(port_of(self.folder, "epmd")),
            "RUNNING_UNDER_SYSTEMD": "true",  # makes the script become the server instead of waiting for it
            "RABBITMQ_NODENAME": f"{USER}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
            "RABBITMQ_LOG_BASE": str(data / "log"),
            "RABBITMQ_LOGS": "-",
            "RABBITMQ_PID_FILE": str(data / "rabbitmq.pid"),
            "RABBITMQ_CONF_ENV_FILE": str(data / "nothing.conf"),
            "RABBITMQ_CONFIG_FILE": str(data / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(data / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(data / "enabled_plugins"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(data / "generated"),
            # One scheduler, which does not spin while it is idle, on one core: two hand each other the little there is
            # to do, and its threads for files get each of a thousand modules read; where other programs or other
            # machines want the cores as well, waking a thread on another core costs more than what it is to do.
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": (
                "-kernel inet_dist_use_interface {127,0,0,1} +S 1:1 +SDcpu 1:1 +SDio 2 +sbwt none +sbwtdcpu none"
                " +sbwtdio none"
            ),
        }

    def _configuration(self) -> str:
        return (
            f"listeners.tcp.local = 127.0.0.1:{self.port}\n"
            "handshake_timeout = 60000\n"  # ms; its own 10 s turn callers away from a machine that is busy
            f"load_definitions = {self.data / 'definitions.json'}\n"
            "log.console = true\n"
            "log.console.level = info\n"
            "log.file = false\n"
            "log.connection.level = warning\n"
            "disk_free_limit.absolute = 200MB\n"
        )

    def _definitions(self) -> str:
        everything = {"configure": ".*", "write": ".*", "read": ".*"}
        return json.dumps(
            {
                "users": [{"name": USER, "password": secret(self.folder, "amqp"), "tags": "administrator"}],
                "vhosts": [{"name": vhost} for vhost in self.vhosts],
                "permissions": [{"user": USER, "vhost": vhost, **everything} for vhost in self.vhosts],
            }
        )


def newest_server() -> Path:
    """Find the newest installed RabbitMQ server script."""
    scripts = sorted(INSTALLED.glob("rabbitmq_server-*/sbin/rabbitmq-server"), key=_version)
    if not scripts:
        raise StartFault("RabbitMQ is not installed; `make run` installs it.")
    return scripts[-1]


def _version(script: Path) -> list[int]:
    number = script.parent.parent.name.removeprefix("rabbitmq_server-")
    return [int(part) for part in number.split(".") if part.isdigit()]
