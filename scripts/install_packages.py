"""Installs the dbt packages: from the hub where it can be reached, else the stand-ins in vendor/.

    python scripts/install_packages.py

Nothing is done where they are installed already. The hub is tried before `dbt deps` is asked, which would
take 10 seconds to give up.
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


def hub_answers() -> bool:
    """Whether the package hub answers at all."""
    try:
        urllib.request.urlopen(DEFAULT_REGISTRY_BASE_URL, timeout=HUB_SECONDS).close()
    except (urllib.error.URLError, OSError):
        return False
    return True


def main() -> int:
    installed = PROJECT / "dbt_packages"
    if (installed / "dbt_utils" / "dbt_project.yml").exists():
        return 0
    if hub_answers():
        return subprocess.run([Path(sys.executable).with_name("dbt"), "deps"], cwd=PROJECT, check=False).returncode
    print("The dbt package hub cannot be reached: the stand-in in vendor/dbt_utils is used in place of dbt_utils.")
    shutil.copytree(PROJECT / "vendor", installed, dirs_exist_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
