import getpass
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

PASSWORD = "correct-horse"

CUSTOMERS = "customer_id,segment,signup_month\nc1,B2C,2024-01\nc2,B2B,2024-02\n"
BILLING = "customer_id,month,revenue\nc1,2024-01,10.5\nc1,2024-02,11\nc2,2024-02,200\n"

WriteBase = Callable[..., Path]


@pytest.fixture(scope="session", autouse=True)
def _key_of_the_tests() -> Iterator[None]:
    """No test reads or makes the key file of the project."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CVM_KEY", "key of the tests")
        yield


@pytest.fixture
def write_base(tmp_path: Path) -> WriteBase:
    """Write a folder with base.yml and its CSV files; returns the folder.

    `tables` are CSV texts (or bytes) by table, a panel of two customers by default; `sources`
    adds keys to their entries in base.yml; every other keyword is a key of base.yml.
    """

    def write(
        tables: dict[str, str | bytes] | None = None,
        sources: dict[str, dict[str, object]] | None = None,
        name: str = "toy",
        **manifest: object,
    ) -> Path:
        tables = {"customers": CUSTOMERS, "billing": BILLING} if tables is None else tables
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        described: dict[str, dict[str, object]] = {table: {} for table in tables}
        for table, content in tables.items():
            described[table]["file"] = f"{table}.csv"
            raw = content if isinstance(content, bytes) else content.encode()
            (folder / f"{table}.csv").write_bytes(raw)
        for table, keys in (sources or {}).items():
            if "database" in keys:
                described[table] = {}
            described.setdefault(table, {}).update(keys)
        if "kind" not in manifest:
            manifest["kind"] = next(
                kind
                for table, kind in (
                    ("billing", "panel"),
                    ("snapshot", "snapshot"),
                    ("orders", "orders"),
                    ("trial", "experiment"),
                )
                if table in described
            )
        content = {"title": "Toy", "currency": "EUR", **manifest, "tables": described}
        (folder / "base.yml").write_text(yaml.safe_dump(content, sort_keys=False))
        return folder

    return write


def _server_program(name: str) -> str | None:
    versions = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), reverse=True)
    return shutil.which(name) or next(map(str, versions), None)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def closed_port() -> int:
    """A port of this machine that nobody listens on."""
    return _free_port()


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the tests, asking for a password."""
    initdb, pg_ctl = _server_program("initdb"), _server_program("pg_ctl")
    if not initdb or not pg_ctl:
        reason = "the PostgreSQL server (initdb, pg_ctl) is not installed"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    # The server refuses to run as root.
    account = "postgres" if os.geteuid() == 0 else getpass.getuser()
    folder = Path(tempfile.mkdtemp(prefix="cvm-postgres-"))
    options: dict[str, object] = {"check": True, "cwd": folder, "timeout": 60}
    options |= {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    if os.geteuid() == 0:
        shutil.chown(folder, account)
        options |= {"user": account, "extra_groups": []}
    data, password, log = folder / "data", folder / "password", folder / "log"
    password.write_text(PASSWORD)
    password.chmod(0o644)
    port = _free_port()
    start = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off"
    make = [initdb, "-D", data, "-U", "analyst", "-A", "scram-sha-256", f"--pwfile={password}"]
    try:
        subprocess.run([*make, "-E", "UTF8", "--locale=C", "--no-sync"], **options)
        subprocess.run([pg_ctl, "-D", data, "-w", "-l", log, "-o", start, "start"], **options)
        yield f"postgresql://analyst:{PASSWORD}@127.0.0.1:{port}/postgres"
    finally:
        if (data / "postmaster.pid").exists():
            subprocess.run([pg_ctl, "-D", data, "-m", "immediate", "stop"], **options)
        shutil.rmtree(folder, ignore_errors=True)
