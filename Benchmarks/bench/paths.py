"""Where things are."""

from pathlib import Path

BENCHMARKS = Path(__file__).resolve().parents[1]
ROOT = BENCHMARKS.parent
SERVERS = BENCHMARKS / "servers"
CLIENTS = BENCHMARKS / "clients"
#: What scripts/bench makes: programs, the virtual environment, results.
BUILT = ROOT / ".build-bench"
LIBRARY = ROOT / ".build-library"
PYTHON = BUILT / "venv" / "bin" / "python"
RESULTS = BUILT / "results.json"
CURVES = BUILT / "curves.json"
DOCS = ROOT / "docs" / "benchmarks"
