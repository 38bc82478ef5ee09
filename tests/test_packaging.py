"""The wheel holds what it must and nothing else, and works in an environment with the core requirements alone."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.long

ROOT = Path(__file__).parent.parent

# A whole Django project in one file: it migrates, lets one visitor land through an ad and counts the rows.
PROJECT = """
import django
from django.conf import settings
from django.core.management import call_command
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["testserver"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": "project.sqlite3"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"]
    + ["django_attribution"],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django_attribution.middlewares.TrackingParameterMiddleware",
        "django_attribution.middlewares.AttributionMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-test",
    USE_TZ=True,
)
urlpatterns = [path("", lambda request: HttpResponse("landed"))]

django.setup()
call_command("migrate", verbosity=0)

from django.test import Client
from django_attribution.models import Identity, Touchpoint

browser = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
page = browser.get("/?utm_source=google", headers={"Sec-Fetch-Mode": "navigate"})
print(page.status_code, Identity.objects.count(), [touch.utm_source for touch in Touchpoint.objects.all()])
"""


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command as in a fresh terminal: nothing of this checkout may be importable."""
    harmful = {"DJANGO_SETTINGS_MODULE", "PYTHONPATH", "VIRTUAL_ENV"}
    env = {name: value for name, value in os.environ.items() if name not in harmful}
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel as a release does."""
    folder = tmp_path_factory.mktemp("wheel")
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    assert built.returncode == 0, built.stdout + built.stderr
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def clean_python(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """Return the Python of an environment that has the core requirements and the wheel, and no more."""
    environment = tmp_path_factory.mktemp("clean") / "venv"
    python = environment / "bin/python"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(environment)], check=True)
    # The pip beside the tests works on it from outside: one of its own would take longer to install than all the rest.
    pip = (sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", str(python))
    install = (*pip, "install", "--quiet", "--no-compile")
    core = run(*install, "--require-hashes", "-r", str(ROOT / "requirements/core.txt"), cwd=environment)
    if core.returncode and re.search(r"Retrying \(|ConnectionError|ProxyError|Network is unreachable", core.stderr):
        pytest.skip("pip reaches no package index, so a clean environment cannot be made here")
    assert core.returncode == 0, core.stderr
    installed = run(*install, "--no-deps", "--no-index", str(wheel), cwd=environment)
    assert installed.returncode == 0, installed.stderr
    consistent = run(*pip, "check", cwd=environment)
    assert consistent.returncode == 0, consistent.stdout
    return python


def test_the_wheel_holds_both_packages_their_types_schema_pages_migrations_and_licence(
    wheel: Path,
) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())

    assert names >= {
        "django_attribution/__init__.py",
        "django_attribution/migrations/__init__.py",
        "django_attribution/py.typed",
        "django_attribution/static/django_attribution/report.css",
        "django_attribution/templates/admin/django_attribution/conversion/change_list.html",
        "django_attribution/templates/admin/django_attribution/conversion/report.html",
        "django_attribution/templates/admin/django_attribution/conversion/report_line.html",
        "graphql_api/__init__.py",
        "graphql_api/py.typed",
        "graphql_api/schema.graphql",
    }
    assert any(re.fullmatch(r"django_attribution/migrations/0001_\w+\.py", name) for name in names)
    assert any(re.fullmatch(r"[^/]+\.dist-info/licenses/LICENSE", name) for name in names)


def test_the_wheel_holds_the_dashboard_as_built_and_none_of_its_sources(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    built = ROOT / "graphql_api/dashboard/static"

    assert "graphql_api/dashboard/templates/attribution_dashboard/dashboard.html" in names
    assert "graphql_api/dashboard/static/attribution_dashboard/dashboard.js" in names
    assert names >= {path.relative_to(ROOT).as_posix() for path in built.rglob("*") if path.is_file()}
    assert not [name for name in names if re.search(r"/frontend/|node_modules|\.tsx?$|package.*\.json$", name)]


def test_the_wheel_holds_nothing_else(wheel: Path) -> None:
    folders = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}

    assert {folder for folder in folders if not folder.endswith(".dist-info")} == {"django_attribution", "graphql_api"}


def test_a_landing_is_recorded_with_the_core_requirements_alone(clean_python: Path, tmp_path: Path) -> None:
    project = tmp_path / "project.py"
    project.write_text(PROJECT)

    done = run(str(clean_python), "-W", "error", str(project), cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "200 1 ['google']"


def test_the_core_brings_no_graphql(clean_python: Path, tmp_path: Path) -> None:
    done = run(str(clean_python), "-c", "import strawberry", cwd=tmp_path)

    assert "No module named 'strawberry'" in done.stderr
