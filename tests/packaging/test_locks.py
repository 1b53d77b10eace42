"""The lock files: complete, with hashes, and of releases that work together."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = [
    ROOT / "packaging" / name for name in ("requirements-build.lock", "requirements.lock", "requirements-test.lock")
]


def requirements(lock):
    """Name -> version, and the block that belongs to it."""
    blocks = re.findall(r"^[A-Za-z0-9].*(?:\n[ ]+.*)*", lock.read_text("utf-8"), re.MULTILINE)
    return {re.split("[ =]", block)[0]: block for block in blocks}


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_every_package_is_pinned_with_hashes(lock):
    packages = requirements(lock)
    assert packages
    assert [name for name, block in packages.items() if "==" not in block or "--hash=sha256:" not in block] == []


def test_every_dependency_of_the_project_is_locked():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["voices"]]
    names = {normal(re.split(r"[\[<>=; ]", requirement)[0]) for requirement in wanted}
    assert names <= set(requirements(LOCKS[1]))
    tools = {normal(re.split("[<>=]", requirement)[0]) for requirement in project["dependency-groups"]["test"]}
    assert tools <= set(requirements(LOCKS[2]))


def test_the_locks_agree_on_what_they_share():
    seen = {}
    for lock in LOCKS:
        for name, block in requirements(lock).items():
            version = block.split()[0]
            assert seen.setdefault(name, version) == version


def test_no_lock_names_a_package_index():
    assert not [lock.name for lock in LOCKS if "://" in lock.read_text("utf-8")]
