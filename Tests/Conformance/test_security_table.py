"""docs/security-tests.md and docs/features.md: each test that they name exists."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = re.compile(r"`([\w./-]+): ([^`]+)`")
#: Behind one of those: another test of the same file.
ALSO = re.compile(r"(`[\w./-]+: )([^`]+`), `([^`:]+`)")


@pytest.mark.parametrize(("page", "least"), [("security-tests", 80), ("features", 50)])
def test_every_test_of_the_table_exists(page, least):
    table = (ROOT / f"docs/{page}.md").read_text()
    while ALSO.search(table):
        table = ALSO.sub(r"\1\2, \1\3", table)
    paths = [
        *(ROOT / "Tests").rglob("*.*"),
        *(ROOT / "bindings/python/tests").glob("*.py"),
        ROOT / "scripts/check-layers",
    ]
    named = NAMED.findall(table)
    assert len(named) > least

    def exists(file, test):
        return any(test in path.read_text() for path in paths if str(path).endswith("/" + file))

    assert [f"{file}: {test}" for file, test in named if not exists(file, test)] == []
