"""Installs the dbt packages: from the hub where it can be reached, else the stand-ins in vendor/.

    python scripts/install_packages.py

Nothing is done where the hub's packages are installed already; a stand-in is put in place anew, so that it
is never older than vendor/. The hub is tried before `dbt deps` is asked, which would take 10 seconds to give up.
"""

import shutil
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

from dbt.clients.registry import DEFAULT_REGISTRY_BASE_URL

PROJECT = Path(__file__).resolve().parent.parent
HUB_SECONDS = 3  # how long to wait for the hub's answer
IS_STAND_IN = "IS_STAND_IN"  # marks an installed package as a stand-in


def hub_answers() -> bool:
    """Whether the package hub answers at all."""
    try:
        urllib.request.urlopen(DEFAULT_REGISTRY_BASE_URL, timeout=HUB_SECONDS).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def put_in_place(stand_in: Path, installed: Path) -> None:
    """Copies a stand-in to where dbt looks for the package."""
    shutil.rmtree(installed, ignore_errors=True)
    shutil.copytree(stand_in, installed)
    (installed / IS_STAND_IN).touch()


def main() -> int:
    stand_in, installed = PROJECT / "vendor" / "dbt_utils", PROJECT / "dbt_packages" / "dbt_utils"
    if (installed / "dbt_project.yml").exists():
        if (installed / IS_STAND_IN).exists():
            put_in_place(stand_in, installed)
        return 0
    if hub_answers():
        return subprocess.run([Path(sys.executable).with_name("dbt"), "deps"], cwd=PROJECT, check=False).returncode
    print(
        "The dbt package hub cannot be reached: the stand-in in vendor/dbt_utils is used in place of dbt_utils. "
        "Remove dbt_packages/ to try the hub again."
    )
    put_in_place(stand_in, installed)
    return 0


if __name__ == "__main__":
    sys.exit(main())
