"""Help and mistakes are instant: nothing heavy is imported for them."""

import subprocess
import sys

import pytest

HEAVY = {"torch", "numpy", "pydantic", "rich", "yaml", "scipy", "sklearn", "pyarrow", "tokenizers", "safetensors"}
_SCRIPT = """
import sys, time
from attendo.cli.main import run
code = run(sys.argv[1:])
print("SECONDS", time.process_time(), file=sys.stderr)
print("HEAVY", *sorted({heavy!r} & set(sys.modules)), file=sys.stderr)
sys.exit(code)
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--help"], 0), (["--version"], 0), (["train", "--help"], 0), (["predict", "--help"], 0), (["tain"], 2)],
)
def test_nothing_heavy_is_imported(words, code):
    line = [sys.executable, "-c", _SCRIPT.format(heavy=HEAVY), *words]
    ended = subprocess.run(line, capture_output=True, text=True, timeout=60)
    assert ended.returncode == code
    *_, seconds, heavy = ended.stderr.splitlines()
    assert heavy == "HEAVY"
    assert float(seconds.removeprefix("SECONDS ")) < 0.3


def test_module_and_exit_code(process):
    ended = process("data", "没有.csv")
    assert ended.returncode == 2
    assert ended.stdout == b""
    assert ended.stderr.decode().startswith("Error: 没有.csv: there is no such file")
    assert ended.stderr.count(b"\n") == 1


@pytest.mark.parametrize("environment", [{"PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_help_in_a_terminal_without_unicode(process, environment):
    ended = process("predict", "--help", PYTHONUTF8="0", **environment)
    assert ended.returncode == 0, ended.stderr
    assert b"\\u623f" in ended.stdout


def test_debug_shows_the_traceback_and_the_sentence(cli):
    ended = cli("data", "no-such-file.csv", "--debug")
    assert ended.code == 2
    assert "Traceback" in ended.err
    assert ended.err.splitlines()[-1].startswith("Error: no-such-file.csv")
    assert cli("--debug", "data", "no-such-file.csv").err.count("Traceback") == 1
