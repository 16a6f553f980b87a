"""A private PostgreSQL with PostGIS: TCP on 127.0.0.1 only, its own data folder, UTF-8 and C.UTF-8."""

import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import psycopg2

from local import processes
from local.accounts import Account, make_file, make_folder, server_account, switching
from local.data import data_folder
from local.faults import StartFault
from local.ports import free_port_of, port_of
from local.processes import Program
from local.secrets import secret

OLDEST_MAJOR = 15
INSTALLED = Path("/usr/lib/postgresql")
SUPERUSER = "postgres"


@dataclass(frozen=True)
class Postgres:
    """One cluster of a stack. A durable one survives a power cut; a test one trades that for speed."""

    folder: Path  # of the stack
    durable: bool

    name = "postgres"

    @property
    def account(self) -> Account | None:
        return server_account("postgres")

    @property
    def data(self) -> Path:
        return data_folder(self.folder, self.name, self.account)

    @property
    def port(self) -> int:
        return port_of(self.folder, self.name)

    def url(self, *, user: str = SUPERUSER, database: str = "postgres") -> str:
        password = secret(self.folder, f"postgres-{user}")
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}"

    def choose_port(self) -> None:
        """Keep the port of last time, or another one when a stranger sits on it; only while the cluster is down."""
        free_port_of(self.folder, self.name)

    def prepare(self) -> None:
        """Make the cluster when there is none, and clear what a killed one left behind."""
        if not (self.data / "PG_VERSION").exists():
            self._make()
        # Backends of a killed postmaster hold its shared memory until they notice; the new one would refuse to start.
        processes.stop(processes.working_in(self.data), first=signal.SIGQUIT)
        # Nobody works in the folder now, so a pid file in it is stale, whoever has that number today.
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def program(self) -> Program:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "timezone": "UTC",
            "log_timezone": "UTC",
            "log_destination": "stderr",
            "logging_collector": "off",
            "log_line_prefix": "%m [%p] %u@%d ",
            # A refused statement holds names, vouchers and phones, and so does the row that its details quote.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "password_encryption": "scram-sha-256",
            "shared_preload_libraries": "pg_stat_statements",
            **(DURABLE if self.durable else FAST),
        }
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Program(
            name=self.name,
            folder=self.folder,
            argv=(str(programs_for(self.data) / "postgres"), "-D", str(self.data), *words),
            env=_environment(self.account),
            account=self.account,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes everything, leaves a clean cluster
            stop_wait_s=60.0,
        )

    def is_ready(self) -> bool:
        """Say whether the cluster answers; after a crash it first replays its log."""
        try:
            psycopg2.connect(self.url(), connect_timeout=5).close()
        except psycopg2.OperationalError as error:
            if "password authentication failed" in str(error):
                raise StartFault(
                    f"The passwords in {self.folder / 'secrets'} do not fit the data in {self.data}. "
                    "`make reset` starts over with empty data."
                ) from None
            return False
        return True

    def _make(self) -> None:
        """Make the cluster beside its place and move it there whole: a killed initdb leaves a half one behind."""
        account = self.account
        draft = self.data.with_name(f"{self.data.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        make_folder(draft, account)
        password_file = self.data.with_name(f"{self.data.name}.password")
        make_file(password_file, secret(self.folder, f"postgres-{SUPERUSER}") + "\n", account)
        try:
            made = subprocess.run(
                [
                    *switching(account),
                    str(newest_programs() / "initdb"),
                    f"--pgdata={draft}",
                    f"--username={SUPERUSER}",
                    f"--pwfile={password_file}",
                    "--auth=scram-sha-256",
                    "--encoding=UTF8",
                    "--locale=C.UTF-8",
                    "--no-instructions",
                    *(["--data-checksums"] if self.durable else ["--no-sync"]),
                ],
                env=_environment(account),
                cwd="/",
                check=False,
                capture_output=True,
                text=True,
            )
        finally:
            password_file.unlink()
        if made.returncode != 0:
            raise StartFault(f"initdb could not make {draft}:\n{made.stdout}{made.stderr}")
        draft.rename(self.data)


# Two cores and a small machine beside everything else.
DURABLE = {
    "fsync": "on",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_connections": "100",
    "wal_compression": "on",
    "max_wal_size": "1GB",
    "random_page_cost": "1.1",
    "jit": "off",  # compiling costs more than our short queries
}
# Loses data in a power cut, but not when PostgreSQL is killed: what was committed has been given to the kernel. For
# that synchronous_commit stays on; with it off, fault tests would see seats sold twice.
FAST = {
    "fsync": "off",
    "full_page_writes": "off",
    "shared_buffers": "128MB",
    "max_connections": "200",
    "max_wal_size": "512MB",
    # Nothing is written ahead of need: there is nothing to be saved.
    "bgwriter_delay": "10s",
    "wal_writer_delay": "10s",
    "checkpoint_timeout": "1h",
    "jit": "off",
}


def newest_programs() -> Path:
    """Find the newest installed PostgreSQL that has PostGIS."""
    fit = [
        folder / "bin"
        for folder in sorted(INSTALLED.glob("[0-9]*"), key=lambda folder: int(folder.name), reverse=True)
        if int(folder.name) >= OLDEST_MAJOR
        and (folder / "bin" / "initdb").exists()
        and Path(f"/usr/share/postgresql/{folder.name}/extension/postgis.control").exists()
    ]
    if not fit:
        raise StartFault(f"PostgreSQL {OLDEST_MAJOR} or newer with PostGIS is not installed; `make run` installs it.")
    return fit[0]


def programs_for(data: Path) -> Path:
    """Find the programs of the major version that made this cluster."""
    major = (data / "PG_VERSION").read_text().strip()
    programs = INSTALLED / major / "bin"
    if not (programs / "postgres").exists():
        raise StartFault(f"{data} was made by PostgreSQL {major}, which is not installed any more.")
    return programs


def _environment(account: Account | None) -> dict[str, str]:
    home = account.home if account else str(Path.home())
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "HOME": home}
