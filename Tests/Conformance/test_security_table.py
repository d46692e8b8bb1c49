"""docs/security-tests.md: each test that it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([\w./-]+): ([^`]+)`")


def test_every_test_of_the_table_exists():
    table = (ROOT / "docs/security-tests.md").read_text()
    paths = [
        *(ROOT / "Tests").rglob("*.*"),
        *(ROOT / "bindings/python/tests").glob("*.py"),
        ROOT / "scripts/check-layers",
    ]
    named = NAMED.findall(table)
    assert len(named) > 80

    def exists(file, test):
        return any(test in path.read_text() for path in paths if str(path).endswith("/" + file))

    assert [f"{file}: {test}" for file, test in named if not exists(file, test)] == []
