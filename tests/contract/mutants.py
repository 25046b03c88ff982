"""Break what users get, one line at a time, and see that each time a test fails.

`make mutants`, or `PYTHONPATH=tests .venv/bin/python -m contract.mutants [words of a name]...` for some of them.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from . import mutants_extras

ROOT = Path(__file__).parents[2]
TESTS = ROOT / "tests"
SOURCES = ("generated", "overlay", "mock", "extras")

# Where to look for what is broken: in all files of a part, for code moves, or in those that have a name.
MOCK = "mock/binance_wallet_mock/**/*.py"
CORE = "overlay/binance_wallet/[!_]*.py"
TRANSPORTS, BUDGET = (f"overlay/binance_wallet/{name}/*.py" for name in ("transports", "budget"))
# Of what is generated, the modules that all endpoints share, and those of the two documented ones: those of another
# endpoint may look the same.
GENERATED = "generated/*/*.py"
BALANCE_CALL, SNAPSHOT_CALL, WALLET, SPOT_ASSET, SPOT_SNAPSHOT, SNAPSHOTS = (
    f"generated/**/{name}.py"
    for name in (
        *("query_user_wallet_balance", "daily_account_snapshot"),
        *("wallet_balance", "spot_asset", "spot_snapshot", "account_snapshot_response"),
    )
)

# What is broken: where to look, code that is there exactly once, and what comes in its place. White space and a comma
# before a closing bracket do not matter, and `_1` stands for any name: code may be moved, formatted and renamed. If a
# mutant no longer finds its place, `test_mutants_apply.py` fails.
Breakages = dict[str, tuple[str, str, str]]
EXCHANGE: Breakages = {
    "takes any signature": (MOCK, "_1.verify(_2.encode(), signature)", "True"),
    "takes a signature in capitals": (MOCK, "signature.encode()", "signature.lower().encode()"),
    "takes a signature that is not last": (MOCK, r"signature=[^&]*\Z", "signature=[^&]*"),
    "takes any key": (MOCK, "keys.get(_1)", "keys.get(_1, next(iter(keys.values())))"),
    "takes a key that is none": (MOCK, "or not well_formed(_1)", ""),
    "takes a key without permission": (MOCK, "not _1.permitted", "False"),
    "needs no key": (MOCK, 'headers.get("x-mbx-apikey")', 'headers.get("x-mbx-apikey", self.api_key)'),
    "takes a timestamp from the future": (MOCK, "now_ms + 1000", "now_ms + 3000"),
    "takes no timestamp from the future": (MOCK, "now_ms + 1000", "now_ms"),
    "takes a timestamp from the past": (MOCK, "> recv_window", "> 60_000"),
    "has a longer recvWindow": (MOCK, '"recvWindow", 5000', '"recvWindow", 9000'),
    "takes any recvWindow": (MOCK, "= 60_000", "= 600_000"),
    "takes a parameter twice": (MOCK, "len(_1) < len(pairs)", "False"),
    "takes unknown parameters": (MOCK, "len(known) < len(_1)", "False"),
    "ignores limit": (MOCK, "recorded[-limit:]", "recorded"),
    "takes any limit": (MOCK, "range(7, 31)", "range(1, 101)"),
    "has a larger limit": (MOCK, '"limit", 7', '"limit", 30'),
    "serves 30 days": (MOCK, "_1 < _2 < _1 + MAX_PERIOD_MS", "_1 < _2"),
    "serves last year": (MOCK, "_1 < _midnight(_2) - MAX_PERIOD_MS", "_1 < 0"),
    "knows no futures": (MOCK, '"MARGIN", "FUTURES")', '"MARGIN")'),
    "serves a day too few": (MOCK, "(_1 + 999) // DAY_MS", "(_1 + 999) // DAY_MS + 1"),
    "dates a record in seconds": (MOCK, "* DAY_MS - 1000", "* DAY_MS // 1000 - 1"),
    "calls a bad signature a timestamp": (MOCK, "Refused(-1022", "Refused(-1021"),
    "calls an unknown key a bad request": (MOCK, '"Invalid Api-Key ID.", HTTPStatus.UNAUTHORIZED', '"No."'),
    "calls a bad value unknown": (MOCK, "Refused(-1130", "Refused(-1000"),
    "weighs a call wrongly": (MOCK, "Endpoint(60,", "Endpoint(1,"),
    "says 200 to errors": (MOCK, "_1(refused.status,", "_1(HTTPStatus.OK,"),
    "says code 0 to success": (MOCK, '"code": 200', '"code": 0'),
    "leaves the weight out": (MOCK, "{_1: str(_2.used)}", "{}"),
    "leaves Retry-After out": (MOCK, "if _1.until:", "if False:"),
    "sends text": (MOCK, "application/json;charset=UTF-8", "text/plain;charset=UTF-8"),
    "takes a POST": (MOCK, "get((_1.method, _2.path))", 'get((_1.method.replace("POST", "GET"), _2.path))'),
    "serves the newest first": (MOCK, "for _1 in days", "for _1 in reversed(days)"),
    "repeats the type in capitals": (MOCK, '_1.lower(), "updateTime"', '_1, "updateTime"'),
    "ignores quoteAsset": (MOCK, 'parameters.get("quoteAsset", "BTC")', '"BTC"'),
    "has no weight limit": (MOCK, "_1.used[_2] + weight <= self._limit", "True"),
    "counts all calls together": (MOCK, "= int(now // self._minute)", "= int(now // self._minute); endpoint = ''"),
    "never bans": (MOCK, "TOLERATED_REFUSALS: Final = 10", "TOLERATED_REFUSALS: Final = 10_000"),
    "sends numbers": (MOCK, 'f"{row[column]:.8f}" for column in sorted', "float(row[column]) for column in sorted"),
    "leaves a field out": (MOCK, "sorted(row)}", "sorted(row)[1:]}"),
    "adds a field": (MOCK, '"walletName": name,', '"walletName": name, "extra": 1,'),
    "has a wallet too few": (MOCK, ', "Copy Trading"', ""),
    "says yes instead of true": (MOCK, 'name != "Options" or name in self._balances', '"yes"'),
}
SENDS: Breakages = {
    "signs in capitals": (CORE, "return mac.hexdigest()", "return mac.hexdigest().upper()"),
    "signs with another hash": (CORE, '"sha256"', '"sha512"'),
    "signs the query before it is encoded": (
        CORE,
        'signer(f"{query}{body}".encode())',
        'signer(unquote_to_bytes(f"{query}{body}"))',
    ),
    "does not sign last": (
        CORE,
        'query = f"{query}&signature={signature}"',
        'query = f"signature={signature}&{query}"',
    ),
    "stamps in seconds": (CORE, "clock.now() * 1000", "clock.now()"),
    "stamps with another name": (CORE, 'params["timestamp"]', 'params["time"]'),
    "has its key in another header": (CORE, '"X-MBX-APIKEY"', '"X-API-KEY"'),
    "leaves its key out": (CORE, 'headers.append((b"X-MBX-APIKEY", api_key.encode()))', "pass"),
    "prefers its own recvWindow": (CORE, 'params.setdefault("recvWindow", _1)', 'params["recvWindow"] = _1'),
    "leaves recvWindow out": (CORE, 'if recv_window is not None and "recvWindow" not in call.form:', "if False:"),
    "takes any limit": (SNAPSHOT_CALL, "minimum=7, maximum=30", "minimum=0"),
    "takes any type": (SNAPSHOT_CALL, ', choices=("SPOT", "MARGIN", "FUTURES")', ""),
    "takes any recvWindow": (BALANCE_CALL, "minimum=1, maximum=60000", "minimum=0"),
    "takes an asset without a name": (BALANCE_CALL, ", min_length=1", ""),
    "takes True for 1": (
        GENERATED,
        "type(given) is (int if kind is datetime else kind)",
        "isinstance(given, int if kind is datetime else kind)",
    ),
    "gives a parameter another name": (SNAPSHOT_CALL, 'params["endTime"]', 'params["end_time"]'),
    "leaves limit out": (SNAPSHOT_CALL, "if limit is not None and limit is not UNSET", "if False"),
    "asks in the wrong place": (SNAPSHOT_CALL, 'path="/sapi/v1/', 'path="/sapi/v2/'),
    "weighs a call wrongly": (SNAPSHOT_CALL, "weight=2400", "weight=60"),
    "lets days be cut off": (CORE, ', "limit": limit}', "}"),
    "asks for a day too many": (CORE, "(days - 1) * _DAY", "days * _DAY"),
    "asks for 30 days": (CORE, "shortest >= _LONGEST", "shortest > 31 * _DAY"),
    "asks for no time at all": (CORE, "if last and first >= last", "if False"),
}
READS: Breakages = {
    "reads amounts as text": (SPOT_ASSET, "free: Decimal", "free: str"),
    "reads amounts as floats": (WALLET, "balance: Decimal", "balance: float"),
    "reads another field": (WALLET, '(name="walletName")', '(name="wallet")'),
    "loses a record": (CORE, "sorted(snapshots, key", "sorted(snapshots[1:], key"),
    "leaves the records as they come": (CORE, 'sorted(snapshots, key=attrgetter("update_time_ms"))', "snapshots"),
    "loses milliseconds": (GENERATED, "EPOCH + timedelta(milliseconds=_1)", "EPOCH + timedelta(seconds=_1 // 1000)"),
    "is an hour late": (GENERATED, "datetime(1970, 1, 1, tzinfo=UTC)", "datetime(1970, 1, 1, 1, tzinfo=UTC)"),
    "refuses what is new": (WALLET, "Model, frozen=True", "Model, frozen=True, forbid_unknown_fields=True"),
    "does not know a refused key": (GENERATED, '"401": AuthenticationError,', ""),
    "does not know a refused timestamp": (GENERATED, "ErrorCode.INVALID_TIMESTAMP: TimestampError,", ""),
    "takes a ban for a limit": (GENERATED, '"418": BannedError', '"418": RateLimitError'),
    "loses the code": (GENERATED, "status_code=status_code, code=code)", "status_code=status_code)"),
    "takes errors under 200 for success": (GENERATED, "or code in success)", "or True)"),
    "forgets when to come back": (CORE, 'self.headers.get(b"retry-after", b"")', 'b""'),
}
SHOWS: Breakages = {
    "sorts the latest first": (GENERATED, "_order) < getattr", "_order) > getattr"),
    "writes amounts with an exponent": ("generated/*/model.py", 'return format(value, "f")', "return str(value)"),
    "writes a moment without its zone": (GENERATED, '.replace("+00:00", "Z")', '.replace("+00:00", "")'),
    "shows whole lists": (GENERATED, "case list() | dict():", "case None:"),
    "shows names as HTML": (GENERATED, "{escape(text)}", "{text}"),
    "has no hash where there are lists": (GENERATED, "except TypeError:", "except ValueError:"),
    "tells pydantic that anything is of a model": (GENERATED, "if isinstance(value, kind): return", "if True: return"),
    "lets pydantic take any amount": (GENERATED, "+ abs(int(exponent)) > _MAX_DIGITS", "> _MAX_DIGITS"),
}
REFUSES: Breakages = {
    "does without a field": (WALLET, 'field(name="walletName")', 'field(default="", name="walletName")'),
    "takes null for an amount": (SPOT_ASSET, "locked: Decimal", "locked: Decimal | None"),
    "takes what looks alike": (
        BALANCE_CALL,
        "Decoder(list[_1], float_hook=Decimal)",
        "Decoder(list[_1], float_hook=Decimal, strict=False)",
    ),
    "takes infinity for an amount": (GENERATED, "if _is_suspicious(body) else ()", "if False else ()"),
    "takes any exponent": (GENERATED, "_MAX_EXPONENT: Final = 99", "_MAX_EXPONENT: Final = 10**20"),
    "takes any code for success": (SNAPSHOTS, "code: Literal[200]", "code: int"),
    "takes text for a moment": (SPOT_SNAPSHOT, "update_time_ms: UnixMs", "update_time_ms: UnixMs | str"),
    "takes records of another type": (CORE, "if snapshot.type != type.lower():", "if False:"),
    "lets the decoder's errors out": (GENERATED, "except _1 as cause", "except RecursionError as cause"),
    "takes any integer for a moment": (GENERATED, "UnixMs = Annotated[int, Meta(", "UnixMs = Annotated[int, dict("),
}
LEARNS: Breakages = {
    "is too far ahead": (CORE, "_AHEAD: Final = 0.5", "_AHEAD: Final = 1.5"),
    "does not follow a clock that drifts": (CORE, "* DRIFT", "* 0"),
    "believes its clock after a refusal": (CORE, "if not refused:", "if True:"),
    "takes its clock for a lower bound": (CORE, "self._low if self._low > -math.inf else self._offset", "self._offset"),
}
COUNTS: Breakages = {
    "reserves one minute near its end": (BUDGET, "(first, last) if last > first else (first,)", "(first,)"),
    "keeps the next minute reserved": (
        BUDGET,
        "self._release(counter, weight, [_1 for _1 in minutes if _1 != arrived])",
        "pass",
    ),
    "releases what may have arrived": (
        BUDGET,
        "(used or 0) if sent_in == arrived else None",
        "used or 0",
    ),
    "releases what is reported": (BUDGET, "max(usage.reported, usage.used - weight)", "usage.used - weight"),
    "lowers a count": (BUDGET, "max(usage.used, used)", "used"),
    "exceeds a limit": (BUDGET, "usage.used + weight > limit", "usage.used > limit"),
    "cuts a ban short": (BUDGET, "self.until = max(self.until, until)", "self.until = until"),
    "takes a ban for a pause": (BUDGET, "self.ban = self.ban or ban", "self.ban = ban"),
    "lets a wrong clock ban for ever": (BUDGET, "< self.until <= now + LONGEST_BLOCK", "< self.until"),
    "forgets refusals in a row": (BUDGET, "min(self._refusals + 1, 3) if in_a_row else 0", "0"),
    "comes back with all others": (BUDGET, "slot / 16", "0"),
}
REPEATS: Breakages = {
    "takes a time limit for a broken body": (
        TRANSPORTS,
        "if status == HTTPStatus.OK or not is_transport_error(error, self._transport): raise",
        "if status == HTTPStatus.OK: raise",
    ),
    "repeats what is not idempotent": (CORE, "call.idempotent or not _may_have_been_sent(failure)", "True"),
    "gives up what has not left": (CORE, "call.idempotent or not _may_have_been_sent(failure)", "call.idempotent"),
    "takes a failure for unsent": (TRANSPORTS, "sent=not isinstance(error, _UNSENT)", "sent=False"),
    "takes a failure for sent": (TRANSPORTS, "sent=not isinstance(error, _UNSENT)", "sent=True"),
    "pays for what has not left": (CORE, "operations = [Release(_1.counter, _1.weight, _1.minutes)]", "pass"),
}
DISTINGUISHES: Breakages = {
    "sends its key where none is asked for": (CORE, 'if call.security != "none":', "if True:"),
    "does not sign a form": (CORE, 'signer(f"{query}{body}".encode())', "signer(query.encode())"),
    "counts all limits as one": (BUDGET, "if rate_limit.name == DEFAULT_RATE_LIMIT.name:", "if True:"),
    "gives each limit the client's own": (BUDGET, "RATE_LIMITS[name].weight if _1", "weight_limit if _1"),
    "does not take a code for success": (CORE, "else frozenset([success])", "else frozenset()"),
    "leaves out all of a list but one": (
        CORE,
        "return [_scalar(name, item) for item in value]",
        "return _scalar(name, value[0])",
    ),
}
JUDGES: Breakages = {
    "loses the status of an error": (
        TRANSPORTS,
        "with self._broken_body_ignored(raw.status): for chunk",
        "with self._broken_body_ignored(200):\n            for chunk",
    ),
    "loses the status of an error when asynchronous": (
        TRANSPORTS,
        "with self._broken_body_ignored(raw.status): with",
        "with self._broken_body_ignored(200):\n            with",
    ),
    "takes a broken body for an empty one": (
        TRANSPORTS,
        "if status == HTTPStatus.OK or not",
        "if not",
    ),
    "does not take the time from a ban": (CORE, "or isinstance(error, RateLimitError)", ""),
}
SHARES: Breakages = {
    "releases in a store what was not reserved there": (
        BUDGET,
        "isinstance(operation, Release) and self._drop_local_reservation(operation)",
        "False",
    ),
    "confirms in a store what was not reserved there": (
        BUDGET,
        "isinstance(operation, Confirm) and self._drop_local_reservation(operation)",
        "False",
    ),
}
HIDES: Breakages = {
    "repeats secrets of a body": (CORE, 'content = content.replace(secret, b"[redacted]")', "pass"),
    "repeats secrets of headers": (CORE, "if secret in values:", "if False:"),
    "repeats a decoded signature": (CORE, ", unquote_to_bytes(signature)]", "]"),
    "repeats secrets when synchronous": (
        CORE,
        "outcome = self.transport.send(request, deadline).redact(request.secrets)",
        "outcome = self.transport.send(request, deadline)",
    ),
    "repeats secrets when asynchronous": (
        CORE,
        "(await self.transport.send(request, deadline)).redact(request.secrets)",
        "await self.transport.send(request, deadline)",
    ),
    "leaves secrets in a traceback": (CORE, "raise error.with_traceback(None) # such", "raise error # such"),
    "logs secrets": (CORE, '_SECRET.sub("[redacted]", text)', "text"),
    "calls any URL": (CORE, "not _PATH.fullmatch(path)", "False"),
}

# Which tests each of them has to face, the quick ones first.
FACING = [
    (
        "mock",
        EXCHANGE,
        [
            "contract/test_mock_refuses.py",
            "contract/test_mock_serves_what_is_documented.py",
            "contract/test_mock_counts_weight.py",
            "contract/test_mock_keeps_the_contract.py",
        ],
    ),
    ("client", SENDS, ["contract/test_client_sends.py"]),
    ("client", READS, ["contract/test_client_reads_responses.py", "contract/test_client_reads_errors.py"]),
    ("a model", SHOWS, [f"generated/test_generated_{name}.py" for name in ("models", "shown", "pydantic")]),
    ("client", REFUSES, ["contract/test_client_refuses_responses.py"]),
    ("clock", LEARNS, ["overlay/core/test_clock.py"]),
    ("budget", COUNTS, ["overlay/core/test_budget.py"]),
    ("client", REPEATS, ["overlay/faults/test_retries.py", "overlay/faults/test_connections.py"]),
    ("client", DISTINGUISHES, ["overlay/faults/test_any_endpoint.py"]),
    (
        "client",
        JUDGES,
        [f"overlay/faults/test_{name}.py" for name in ("sent_requests", "wrong_clock", "matrix")],
    ),
    ("budget", SHARES, ["overlay/budget/test_sqlite.py"]),
    ("client", HIDES, ["overlay/faults/test_secrets.py"]),
]


class Mutant(NamedTuple):
    name: str
    files: str
    before: str
    after: str
    tests: list[str]


def mutants() -> Iterator[Mutant]:
    for who, breakages, tests in [*FACING, *mutants_extras.FACING]:
        for what, breakage in breakages.items():
            yield Mutant(f"{who} {what}", *breakage, tests)


def pattern(code: str) -> re.Pattern[str]:
    """What finds a piece of code, however it is formatted."""
    parts, names = [], set()
    for token in re.findall(r"\w+|[^\w\s]", code):
        if re.fullmatch(r"_\d", token):
            parts.append(f"(?P={token})" if token in names else rf"\b(?P<{token}>\w+)\b")
            names.add(token)
        elif token in ")]}":
            parts.append(rf"(,\s*)?{re.escape(token)}")
        else:
            parts.append(rf"\b{token}\b" if token.isidentifier() or token.isdecimal() else re.escape(token))
    return re.compile(r"\s*".join(parts))


def places(mutant: Mutant, root: Path) -> list[tuple[Path, re.Match[str]]]:
    """Where the code is that a mutant replaces."""
    return [
        (path, found)
        for path in sorted(root.glob(mutant.files))
        for found in pattern(mutant.before).finditer(path.read_text(encoding="utf-8"))
    ]


def replace(mutant: Mutant, root: Path) -> None:
    [(path, found)] = places(mutant, root)
    after = re.sub(r"\b_\d\b", lambda name: found[name[0]], mutant.after)
    path.write_text(found.string[: found.start()] + after + found.string[found.end() :], encoding="utf-8")


def copied(root: Path, to: str) -> Path:
    for source in SOURCES:
        shutil.copytree(root / source, Path(to, source), ignore=shutil.ignore_patterns("__pycache__"))
    return Path(to)


def killer(mutant: Mutant, root: Path) -> str | None:
    """The test that fails because of a mutant, if one does."""
    with tempfile.TemporaryDirectory() as folder:
        replace(mutant, copied(root, folder))
        return failing_test(Path(folder), mutant.tests)


def failing_test(folder: Path, tests: list[str]) -> str | None:
    """The first of some tests that fails with the sources in a folder."""
    with tempfile.TemporaryDirectory() as output:
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(str(folder / source) for source in SOURCES),
            "PYTHONDONTWRITEBYTECODE": "1",
            "CONTRACT_PROFILE": "short",
            "CONTRACT_SEED": "1",
            "HYPOTHESIS_STORAGE_DIRECTORY": output,  # what fails here is not to be tried again elsewhere
        }
        report = Path(output, "report.xml")
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", f"--junitxml={report}"]
        command += [str(TESTS / test) for test in tests]
        run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        failed = ET.parse(report).find(".//testcase[failure]") if report.exists() else None
    if run.returncode and failed is None:  # a test that cannot even start has found nothing
        print(run.stdout, run.stderr, file=sys.stderr)
    return None if failed is None else f"{failed.get('classname')}::{failed.get('name')}"


def main(*words: str) -> int:
    chosen = [mutant for mutant in mutants() if all(word in mutant.name for word in words)]
    survivors = 0
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        root = copied(ROOT, folder)  # so that it does not matter who works on the sources meanwhile
        if stale := [one for one in chosen if len(places(one, root)) != 1]:
            sys.exit("\n".join(f"{one.name}: {one.files} does not have {one.before!r} exactly once" for one in stale))
        if test := failing_test(root, [*dict.fromkeys(test for mutant in chosen for test in mutant.tests)]):
            sys.exit(f"{test} fails as it is, so nothing can be said of mutants")
        for mutant, test in zip(chosen, pool.map(lambda mutant: killer(mutant, root), chosen), strict=True):
            survivors += test is None
            print(f"{'SURVIVED' if test is None else 'killed':8}  {mutant.name:45}  {test or ''}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
