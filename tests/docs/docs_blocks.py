"""Find the code blocks of pages, and run them.

How each kind of block is run:

    ```python                 runs; one namespace for the page, from top to bottom
    ```python title="x.py"    is written to that file
    ```sh                     runs in bash, which stops at the first error
    ```text                   must be what the block before it printed; `…` stands for anything
    <!-- background -->       before a shell block: it keeps running, and the page uses the lines that it says to paste
    <!-- not run: why -->     before a block: it cannot run here; test_docs_blocks.py lists every one of them

Each page runs in a new folder, on a fixed day, with a mock exchange in the environment.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
READMES = ("README.md", "README.zh-CN.md")
PAGES = (*READMES, *sorted(str(page.relative_to(ROOT)) for page in (ROOT / "docs").rglob("*.md")))

MINUTE = 0.1
"""The minute of a background exchange, in seconds: a reader takes longer from one block to the next."""

_MARK = re.compile(r"<!-- (background|not run: (?P<reason>.+?)) -->")
_TITLE = re.compile(r'\btitle="([^"]+)"')
_ACCOUNTS = re.compile(r"--accounts (\d+)")
_EXPORT = re.compile(r"^export (\w+)=(.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block; `line` is that of its first line of code, from 1."""

    page: str
    line: int
    language: str
    code: str
    title: str | None = None
    background: bool = False
    not_run: str | None = None

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str) -> list[Block]:
    """All fenced blocks of a page."""
    found, mark = [], None
    for token in MarkdownIt("commonmark").parse((ROOT / page).read_text()):
        if token.type == "fence" and token.map:
            language, _, options = token.info.partition(" ")
            titled = _TITLE.search(options)
            found.append(
                Block(
                    page,
                    token.map[0] + 2,
                    language,
                    token.content,
                    title=titled and titled[1],
                    background=bool(mark) and not mark["reason"],
                    not_run=mark and mark["reason"],
                )
            )
        mark = _MARK.fullmatch(token.content.strip()) if token.type == "html_block" else None
    return found


def fences(page: str) -> int:
    """How many lines of a page look like the start or the end of a block."""
    return len(re.findall(r"^ *(?:```|~~~)", (ROOT / page).read_text(), re.MULTILINE))


def matches(expected: str, printed: str) -> bool:
    """Whether the output quoted in a page is what was printed."""
    parts = (re.escape(part) for part in _stripped(expected).split("…"))
    return re.fullmatch(r"[\s\S]*?".join(parts), _stripped(printed)) is not None


def _stripped(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


@dataclass
class Runner:
    """Runs the blocks of one page, one after another, in the current folder and environment."""

    namespace: dict[str, Any] = field(default_factory=lambda: {"__name__": "__main__"})
    printed: str = ""
    _background: list[subprocess.Popen[str]] = field(default_factory=list)

    def run(self, block: Block) -> None:
        if self._background:
            time.sleep(MINUTE)  # so that the exchange in the background counts anew
        if block.title:
            Path(block.title).write_text(block.code)
        elif block.background:
            self._start(block)
        elif block.language == "python":
            self._python(block)
        elif block.language == "sh":
            self._shell(block)

    def stop(self) -> None:
        """Interrupt the background processes, as Ctrl-C does."""
        for process in self._background:
            process.send_signal(signal.SIGINT)
            process.wait(10)
            if process.stdout:
                process.stdout.close()

    def _python(self, block: Block) -> None:
        # As many lines before it as in the page, so that a traceback names the page's line.
        code = compile("\n" * (block.line - 1) + block.code, ROOT / block.page, "exec")
        with contextlib.redirect_stdout(io.StringIO()) as output:
            exec(code, self.namespace)
        self.printed = output.getvalue()

    def _shell(self, block: Block) -> None:
        command = ["bash", "-euo", "pipefail", "-c", block.code]
        result = subprocess.run(
            command,
            env=_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert result.returncode == 0, f"{block}: exit code {result.returncode}\n{result.stdout}"
        self.printed = result.stdout

    def _start(self, block: Block) -> None:
        # On a free port rather than on 8000, because tests run in parallel.
        command = ["bash", "-c", f"exec {block.code.strip()} --port 0 --minute {MINUTE}"]
        # Without an exchange in the environment: only then it prints its key.
        environment = {name: value for name, value in _environment().items() if not name.startswith("BINANCE_")}
        process = subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._background.append(process)
        assert process.stdout
        number = _ACCOUNTS.search(block.code)
        last = f" mock-{number[1]} " if number else "BINANCE_API_SECRET"
        lines = []
        for line in process.stdout:
            lines.append(line)
            if last in line:
                break
        self.printed = "".join(lines)
        os.environ.update(_EXPORT.findall(self.printed))
        names = [line for line in lines if line.startswith("printf")]  # a reader pastes these, too
        subprocess.run(["bash", "-euo", "pipefail", "-c", "".join(names)], env=_environment(), check=True)


def _environment() -> dict[str, str]:
    return os.environ | {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "PYTHONPATH": str(Path(__file__).parent / "docs_today"),
        "COLUMNS": "80",
        "XDG_STATE_HOME": tempfile.mkdtemp(dir=Path.cwd()),  # the command's budget: a minute passes between blocks
        "NO_COLOR": "1",
    }


def updated(block: Block, printed: str) -> str:
    """The text of the page with another output in a block."""
    lines = (ROOT / block.page).read_text().splitlines(keepends=True)
    start = block.line - 1
    lines[start : start + len(block.code.splitlines())] = _stripped(printed) + "\n"
    return "".join(lines)
