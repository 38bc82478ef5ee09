#!/usr/bin/env python3
"""Try the project, test it or time it: ``python3 run.py demo``, ``python3 run.py test``, ``python3 run.py bench``.

Needs Python 3.11 and nothing else. Here: the virtual environments and the three commands. Deliberately knows
nothing of Django, nor of what the tests check (``tests/every_check.py``) and the benchmark times
(``tests/benchmarks``).
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - the older Python that must read this is exactly the point
    # Stands before all that an older Python cannot import or evaluate; the whole file parses in Python 3.6.
    sys.exit(
        f"run.py needs Python 3.11 or newer, this is {sys.version_info[0]}.{sys.version_info[1]} "
        f"({sys.executable}). Try again with a newer one, for example: python3.11 run.py demo"
    )

import argparse
import hashlib
import importlib.util
import json
import os
import shutil
import socket
import subprocess
from pathlib import Path
from typing import NoReturn

from tests import every_check
from tests.benchmarks import choices

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"


def main() -> None:
    """Read the command line and do what it says."""
    parser = argparse.ArgumentParser(prog="run.py", description="Try django-attribution-graphql, or test it.")
    commands = parser.add_subparsers(dest="command", required=True)

    demo_parser = commands.add_parser(
        "demo",
        help="serve the example shop",
        description="Install into .venv, load two months of visits, serve the shop until Ctrl-C.",
    )
    demo_parser.add_argument("--host", default="127.0.0.1", help="listen here (default: %(default)s)")
    demo_parser.add_argument("--port", type=port_number, default=8000, help="listen here (default: %(default)s)")
    demo_parser.add_argument("--reload-data", action="store_true", help="make the demo data anew")

    commands.add_parser(
        "test",
        parents=[every_check.options()],
        allow_abbrev=False,
        usage="run.py test [-h] [--database {sqlite,postgres}] [--long] [--no-lint] [pytest arguments ...]",
        help="run lint, types and the tests on SQLite and PostgreSQL",
        description="Install into .venv; run ruff, mypy, the front ends' build, and the tests on both databases.",
        epilog="Further arguments go to pytest, and coverage is left out then: run.py test -k window. "
        "ATTRIBUTION_TEST_DATABASE_URL=postgres://user:password@host:port/name names a PostgreSQL to use.",
    )

    bench_parser = commands.add_parser(
        "bench",
        parents=[choices.options()],
        help="time it beside the published django-attribution",
        description="Install both packages, each into an environment of its own, and run them on the same rows.",
    )

    options, pytest_arguments = parser.parse_known_args()
    if pytest_arguments and options.command != "test":
        refusing = bench_parser if options.command == "bench" else demo_parser
        refusing.error(f"unrecognized arguments: {' '.join(pytest_arguments)}")
    os.chdir(ROOT)
    if options.command == "test":
        test(sys.argv[2:])
    elif options.command == "bench":
        bench(sys.argv[2:])
    else:
        demo(host=options.host, port=options.port, reload_data=options.reload_data)


def demo(*, host: str, port: int, reload_data: bool) -> None:
    """Serve the example shop until Ctrl-C; installs and loads what is missing first."""
    ensure_port_is_free(host, port)
    python = ensure_venv("requirements/demo.txt")
    env = child_environment(DJANGO_SETTINGS_MODULE="example_project.settings", PYTHONPATH=str(ROOT), EXAMPLE_HOST=host)
    manage = [str(python), "example_project/manage.py"]
    migrate = ["migrate", "--verbosity=0", "--skip-checks"]  # runserver checks, and every check costs a warm start
    load = ["load_demo_data", "--reload"] if reload_data else ["load_demo_data"]
    for step in (migrate, load):
        if subprocess.call([*manage, *step], env=env):
            sys.exit(f"The demo could not start: manage.py {step[0]} failed; its message stands above.")
    address = f"http://{in_brackets(host)}:{port}"
    print(
        f"\n  Shop        {address}/\n  Storefront  {address}/store/"
        f"\n  Dashboard   {address}/dashboard/  user: staff, password: staff"
        f"\n  Admin       {address}/admin/      the same"
        f"\n  GraphiQL    {address}/graphql/\n\nStop with Ctrl-C.\n",
        flush=True,
    )
    become([*manage, "runserver", "--noreload", f"{in_brackets(host)}:{port}"], env=env)


def test(arguments: list[str]) -> None:
    """Run every check, with the arguments of ``tests/every_check.py`` and pytest."""
    python = ensure_venv("requirements/test.txt")
    become([str(python), "-m", "tests.every_check", *arguments], env=child_environment())


def bench(arguments: list[str]) -> None:
    """Run the benchmark, which installs the published package beside ``.venv``."""
    python = ensure_venv("requirements/test.txt")
    become([str(python), "-m", "tests.benchmarks", *arguments], env=child_environment())


def ensure_port_is_free(host: str, port: int) -> None:
    """Stop with advice, before the slow work, if nothing can listen there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            if os.name == "posix":  # as runserver does: a port that a stopped server has just left is free
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen()
    except OSError as error:
        sys.exit(
            f"Cannot listen on {host} port {port}: {error.strerror}. "
            "Choose another port, for example: python3 run.py demo --port 8001"
        )


def ensure_venv(requirements: str, *, venv: Path = VENV) -> Path:
    """Make a virtual environment hold these requirements and return its Python.

    It takes no time if its stamp, which is written last, says that it does. An environment without one, or made by
    another Python or elsewhere, is made anew.
    """
    python = venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    finished = venv / "finished-by-run-py.json"
    maker = {"python": sys.version, "base": sys.base_prefix, "venv": str(venv)}
    wanted = hashlib.sha256((ROOT / requirements).read_bytes()).hexdigest()
    stamp = read_stamp(finished)
    usable = python.exists() and all(stamp.get(key) == value for key, value in maker.items())
    if usable and stamp.get(requirements) == wanted:
        return python
    if not usable:
        make_venv(venv)
        stamp = maker
    finished.unlink(missing_ok=True)
    print(f"Installing {requirements} (half a minute or so)", flush=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.call([*pip, "--require-hashes", "-r", requirements], cwd=ROOT, env=child_environment()):
        sys.exit(
            f"pip could not install {requirements}; its message stands above. It needs a package index: "
            "check the network, the proxy and pip's settings (such as PIP_INDEX_URL), then run this again."
        )
    unfinished = finished.with_suffix(".unfinished")
    unfinished.write_text(json.dumps({**stamp, requirements: wanted}, indent=2))
    unfinished.replace(finished)
    return python


def read_stamp(finished: Path) -> dict[str, str]:
    """Return what a finished install has noted down, or nothing."""
    try:
        stamp = json.loads(finished.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def make_venv(venv: Path) -> None:
    """Make a fresh environment, in place of one that is unfinished or was made by another Python."""
    if importlib.util.find_spec("venv") is None or importlib.util.find_spec("ensurepip") is None:
        sys.exit(
            f"This Python ({sys.executable}) lacks venv or ensurepip, with which {venv.name} is made. "
            "On Debian and Ubuntu: apt install python3-venv"
        )
    if venv.exists():
        if not (venv / "pyvenv.cfg").exists() and any(venv.iterdir()):
            sys.exit(f"{venv} is no virtual environment, and run.py would replace it. Move or delete it.")
        print(f"Replacing {venv.name}: its install was not finished, or another Python made it", flush=True)
        # Renamed first, so that an interruption never leaves half of an environment.
        discarded = venv.with_name(f"{venv.name}-discarded")
        shutil.rmtree(discarded, ignore_errors=True)
        venv.rename(discarded)
        shutil.rmtree(discarded)
    print(f"Making {venv.name} with Python {sys.version.split()[0]}", flush=True)
    if subprocess.call([sys.executable, "-m", "venv", str(venv)], env=child_environment()):
        sys.exit(f"{sys.executable} -m venv failed; its message stands above.")


def child_environment(**settings: str) -> dict[str, str]:
    """Return this environment without what would lead a child to other code; pip's settings stay."""
    harmful = {"DJANGO_SETTINGS_MODULE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV", "__PYVENV_LAUNCHER__"}
    return {**{name: value for name, value in os.environ.items() if name not in harmful}, **settings}


def become(command: list[str], *, env: dict[str, str]) -> NoReturn:
    """Let the command take this process's place, so that Ctrl-C and signals go straight to it."""
    if os.name == "posix":
        os.execve(command[0], command, env)
    sys.exit(subprocess.call(command, env=env))


def port_number(text: str) -> int:
    """Read a port for argparse, which tells the person what was wrong with it."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port: give a number from 1 to 65535")
    return int(text)


def in_brackets(host: str) -> str:
    """Write an IPv6 address as URLs and runserver want it."""
    return f"[{host}]" if ":" in host else host


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("\nStopped. The next run takes up from here.", file=sys.stderr)
        sys.exit(130)  # as a shell reports Ctrl-C
