"""Break the mock exchange and the client, one line at a time, and see that each time a contract test fails.

`make mutants`, or `.venv/bin/python tests/contract/mutants.py [words of a name]...` for some of them.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
TESTS = Path(__file__).parent
SOURCES = ("generated", "overlay")

RULES, KEYS, LIMITS, EXCHANGE, ACCOUNT = (
    f"overlay/binance_wallet/mock/{name}.py" for name in ("rules", "keys", "limits", "exchange", "account")
)
PIPELINE, SIGNING, PERIOD, CLIENT, REPLY, STDLIB, CUSTOM, AIO = (
    f"overlay/binance_wallet/{name}.py"
    for name in (
        *("pipeline", "signing", "period", "client"),
        *("wire/reply", "wire/stdlib", "wire/custom", "wire/aio"),
    )
)
ANSWERS, TYPES, ERRORS, PARAMETERS, BALANCE_CALL, SNAPSHOT_CALL, WALLET, SPOT, ENVELOPE = (
    f"generated/binance_wallet_client/{name}.py"
    for name in (
        *("answers", "types", "errors", "parameters"),
        *("api/asset/query_user_wallet_balance", "api/account/daily_account_snapshot"),
        *("models/wallet_balance", "models/spot_asset", "models/account_snapshot_answer"),
    )
)

# What is broken: in which file, what is there (exactly once), and what comes in its place.
Breakages = dict[str, tuple[str, str, str]]
MOCK: Breakages = {
    "takes any signature": (RULES, 'key.verify(payload.encode(), parameters["signature"])', "True"),
    "takes a signature in capitals": (KEYS, "signature.encode()", "signature.lower().encode()"),
    "takes a signature that is not last": (RULES, '[*parameters][-1] != "signature"', "False"),
    "takes any key": (RULES, "keys.get(api_key)", "keys.get(api_key, next(iter(keys.values())))"),
    "takes a key that is none": (RULES, "or not well_formed(api_key)", ""),
    "takes a key without permission": (RULES, "not key.permitted", "False"),
    "needs no key": (EXCHANGE, 'headers.get("x-mbx-apikey")', 'headers.get("x-mbx-apikey", self.api_key)'),
    "takes a timestamp from the future": (RULES, "now_ms + 1000", "now_ms + 3000"),
    "takes no timestamp from the future": (RULES, "now_ms + 1000", "now_ms"),
    "takes a timestamp from the past": (RULES, "> recv_window", "> 60_000"),
    "has a longer recvWindow": (RULES, '"recvWindow", 5000', '"recvWindow", 9000'),
    "takes any recvWindow": (RULES, "= 60_000", "= 600_000"),
    "takes a parameter twice": (RULES, "len(parameters) < len(pairs)", "False"),
    "takes unknown parameters": (RULES, "len(known) < len(parameters)", "False"),
    "ignores limit": (EXCHANGE, "recorded[-limit:]", "recorded"),
    "takes any limit": (RULES, "range(7, 31)", "range(1, 101)"),
    "has a larger limit": (RULES, '"limit", 7', '"limit", 30'),
    "serves 30 days": (RULES, "start < end < start + MAX_PERIOD_MS", "start < end"),
    "serves last year": (RULES, "start < _midnight(now_ms) - MAX_PERIOD_MS", "start < 0"),
    "knows no futures": (RULES, '"MARGIN", "FUTURES")', '"MARGIN")'),
    "serves a day too few": (RULES, "(start + 999) // DAY_MS", "(start + 999) // DAY_MS + 1"),
    "dates a record in seconds": (RULES, "* DAY_MS - 1000", "* DAY_MS // 1000 - 1"),
    "calls a bad signature a timestamp": (RULES, "Refused(-1022", "Refused(-1021"),
    "calls an unknown key a bad request": (RULES, '"Invalid Api-Key ID.", HTTPStatus.UNAUTHORIZED', '"No."'),
    "calls a bad value unknown": (RULES, "Refused(-1130", "Refused(-1000"),
    "weighs a call wrongly": (RULES, "Endpoint(60,", "Endpoint(1,"),
    "says 200 to errors": (EXCHANGE, "_json_response(refused.status,", "_json_response(HTTPStatus.OK,"),
    "says code 0 to success": (EXCHANGE, '"code": 200', '"code": 0'),
    "leaves the weight out": (EXCHANGE, '{"x-sapi-used-ip-weight-1m": str(usage.used)}', "{}"),
    "leaves Retry-After out": (EXCHANGE, "if usage.until:", "if False:"),
    "sends text": (EXCHANGE, "application/json;charset=UTF-8", "text/plain;charset=UTF-8"),
    "takes a POST": (EXCHANGE, 'method != "GET"', 'method not in {"GET", "POST"}'),
    "serves the newest first": (EXCHANGE, "for day in days", "for day in reversed(days)"),
    "repeats the type in capitals": (EXCHANGE, "account_type.lower()", "account_type"),
    "ignores quoteAsset": (EXCHANGE, 'parameters.get("quoteAsset", "BTC")', '"BTC"'),
    "has no weight limit": (LIMITS, "address.used[endpoint] + weight <= self._limit", "True"),
    "counts all calls together": (LIMITS, "= int(now // self._minute)", "= int(now // self._minute); endpoint = ''"),
    "never bans": (LIMITS, "TOLERATED_REFUSALS: Final = 10", "TOLERATED_REFUSALS: Final = 10_000"),
    "sends numbers": (ACCOUNT, 'f"{row[column]:.8f}"', "float(row[column])"),
    "leaves a field out": (ACCOUNT, "sorted(row)}", "sorted(row)[1:]}"),
    "adds a field": (ACCOUNT, '"walletName": name,', '"walletName": name, "extra": 1,'),
    "has a wallet too few": (ACCOUNT, ', "Copy Trading"', ""),
    "says yes instead of true": (ACCOUNT, 'name != "Options" or name in self._balances', '"yes"'),
}
SENDS: Breakages = {
    "signs in capitals": (SIGNING, "return mac.hexdigest()", "return mac.hexdigest().upper()"),
    "signs with another hash": (SIGNING, '"sha256"', '"sha512"'),
    "signs the query before it is encoded": (PIPELINE, "sign(payload)", "sign(unquote(payload.decode()).encode())"),
    "does not sign last": (PIPELINE, "%s?%s&signature=%s", "%s?signature=%s&%s"),
    "stamps in seconds": (PIPELINE, "self.clock.now() * 1000", "self.clock.now()"),
    "stamps with another name": (PIPELINE, 'b"timestamp=%d"', 'b"time=%d"'),
    "has its key in another header": (PIPELINE, '"X-MBX-APIKEY"', '"X-API-KEY"'),
    "leaves its key out when synchronous": (STDLIB, "in headers:", "in call.headers:"),
    "leaves its key out when asynchronous": (CUSTOM, "headers=headers,", "headers=call.headers,"),
    "leaves its key out with aiohttp": (AIO, "headers=headers,", "headers=call.headers,"),
    "sends recvWindow twice": (PIPELINE, ' and not re.search(rb"(^|&)recvWindow=", call.query)', ""),
    "leaves recvWindow out": (PIPELINE, "self.recv_window is not None and", "False and"),
    "takes any limit": (SNAPSHOT_CALL, "minimum=7, maximum=30", "minimum=0"),
    "takes any type": (SNAPSHOT_CALL, ', choices=("SPOT", "MARGIN", "FUTURES")', ""),
    "takes any recvWindow": (BALANCE_CALL, "minimum=1, maximum=60000", "minimum=0"),
    "takes an asset without a name": (BALANCE_CALL, ", min_length=1", ""),
    "takes True for 1": (PARAMETERS, "type(value) is kind", "isinstance(value, kind)"),
    "gives a parameter another name": (SNAPSHOT_CALL, 'params["endTime"]', 'params["end_time"]'),
    "leaves limit out": (SNAPSHOT_CALL, "if limit is not None and limit is not UNSET", "if False"),
    "asks in the wrong place": (
        SNAPSHOT_CALL,
        '"url": "/sapi/v1/account',
        '"url": "/sapi/v2/account',
    ),
    "weighs a call wrongly": (SNAPSHOT_CALL, '"request_weight": 2400', '"request_weight": 60'),
    "lets days be cut off": (PERIOD, '_ms(first), "limit": limit}', "_ms(first)}"),
    "asks for a day too many": (PERIOD, "(days - 1) * _DAY", "days * _DAY"),
    "asks for 30 days": (PERIOD, "earliest - first >= _LONGEST", "earliest - first > 31 * _DAY"),
    "asks for no time at all": (PERIOD, "_ms(first) >= _ms(latest)", "False"),
}
READS: Breakages = {
    "reads amounts as text": (SPOT, "free: Decimal", "free: str"),
    "reads amounts as floats": (WALLET, "balance: Decimal", "balance: float"),
    "reads another field": (WALLET, '(name="walletName")', '(name="wallet")'),
    "loses a record": (CLIENT, ".snapshot_vos)\n", ".snapshot_vos[1:])\n"),
    "turns the records round": (CLIENT, ".snapshot_vos)\n", ".snapshot_vos[::-1])\n"),
    "loses milliseconds": (TYPES, "timedelta(milliseconds=ms)", "timedelta(seconds=ms // 1000)"),
    "is an hour late": (TYPES, "cls.fromtimestamp(0, UTC)", "cls.fromtimestamp(3600, UTC)"),
    "refuses what is new": (WALLET, "frozen=True,", "frozen=True, forbid_unknown_fields=True,"),
    "does not know a refused key": (ERRORS, "401: AuthenticationError,", ""),
    "does not know a refused timestamp": (ERRORS, "-1021: TimestampError,", ""),
    "takes a ban for a limit": (ERRORS, "418: BannedError,", "418: RateLimitError,"),
    "loses the code": (ANSWERS, "status_code=status_code, code=code)", "status_code=status_code)"),
    "takes errors under 200 for answers": (ANSWERS, " and code in {None, SUCCESS}", ""),
    "forgets when to come back": (REPLY, 'self.headers.get(b"retry-after", b"")', 'b""'),
}
REFUSES: Breakages = {
    "does without a field": (WALLET, 'field(name="walletName")', 'field(default="", name="walletName")'),
    "takes null for an amount": (SPOT, "locked: Decimal", "locked: Decimal | None"),
    "takes what looks alike": (BALANCE_CALL, "dec_hook=dec_hook)", "dec_hook=dec_hook, strict=False)"),
    "takes infinity for an amount": (ANSWERS, "if _is_suspicious(body) else ()", "if False else ()"),
    "takes any exponent": (ANSWERS, "MAX_EXPONENT = 99", "MAX_EXPONENT = 10**20"),
    "takes any code for success": (ENVELOPE, "code: Literal[200]", "code: int"),
    "takes text for a moment": (ANSWERS, "if type(value) is not int:", "value = int(value)\n    if False:"),
    "takes records of another type": (CLIENT, "if snapshot.type != type.lower():", "if False:"),
    "lets the decoder's errors out": (ANSWERS, "except NOT_DECODED as cause", "except RecursionError as cause"),
    "lets overflows out": (ANSWERS, "except OverflowError as", "except ZeroDivisionError as"),
}

# Which tests each of them has to face, the quick ones first.
FACING = [
    ("mock", MOCK, ["refuses", "serves_what_is_documented", "counts_weight", "keeps_the_contract"]),
    ("client", SENDS, ["sends"]),
    ("client", READS, ["reads_answers", "reads_errors"]),
    ("client", REFUSES, ["refuses_answers"]),
]


class Mutant(NamedTuple):
    name: str
    path: str
    before: str
    after: str
    tests: list[str]


def mutants() -> Iterator[Mutant]:
    for who, breakages, tests in FACING:
        for what, breakage in breakages.items():
            yield Mutant(f"{who} {what}", *breakage, [f"test_{who}_{test}.py" for test in tests])


def applies(mutant: Mutant, root: Path) -> bool:
    """Whether what a mutant replaces is there, exactly once."""
    return (root / mutant.path).read_text(encoding="utf-8").count(mutant.before) == 1


def copied(root: Path, to: str) -> Path:
    for source in SOURCES:
        shutil.copytree(root / source, Path(to, source), ignore=shutil.ignore_patterns("__pycache__"))
    return Path(to)


def killer(mutant: Mutant, root: Path) -> str | None:
    """The test that fails because of a mutant, if one does."""
    with tempfile.TemporaryDirectory() as folder:
        path = copied(root, folder) / mutant.path
        path.write_text(path.read_text(encoding="utf-8").replace(mutant.before, mutant.after), encoding="utf-8")
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
        if stale := [one for one in chosen if not applies(one, root)]:
            sys.exit("\n".join(f"{one.name}: {one.path} does not have {one.before!r} exactly once" for one in stale))
        if test := failing_test(root, [*dict.fromkeys(test for mutant in chosen for test in mutant.tests)]):
            sys.exit(f"{test} fails as it is, so nothing can be said of mutants")
        for mutant, test in zip(chosen, pool.map(lambda mutant: killer(mutant, root), chosen), strict=True):
            survivors += test is None
            print(f"{'SURVIVED' if test is None else 'killed':8}  {mutant.name:45}  {test or ''}", flush=True)
    print(f"{len(chosen) - survivors} of {len(chosen)} killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
