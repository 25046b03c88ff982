"""What `mutants.py` breaks in all that stands around the core: extras, shared budgets, and the mock exchange.

Each of these breaks would hurt someone: a wrong amount, a lost day, a file that others read, a password that is shown.
"""

from __future__ import annotations

# What is broken: where to look, code that is there exactly once, and what comes in its place: see `mutants.py`.
Breakages = dict[str, tuple[str, str, str]]

EXTRAS = "extras/binance_wallet_extras"
ACCOUNTS, ARCHIVE, CLI, EXPORT, PLOT, REPORT = (
    f"{EXTRAS}/{name}/*.py" for name in ("accounts", "archive", "cli", "export", "plot", "report")
)
DETAILS, FILES, FUTURES_SYMBOLS, TEXT = (
    f"{EXTRAS}/{name}.py" for name in ("details", "files", "futures_symbols", "text")
)
MCP = f"{EXTRAS}/mcp/*.py"
BUDGET = "overlay/binance_wallet/budget/*.py"
RULE = "overlay/binance_wallet/budget/rule.lua"
MOCK = "mock/binance_wallet_mock/*.py"

SHOWS_NAMES: Breakages = {
    "lets control characters through": (TEXT, '{"Cc", "Cf"', '{"Cf"'),
    "lets the direction of a line be turned": (TEXT, '"Cc", "Cf"', '"Cc"'),
    "lets lone surrogates through": (TEXT, '"Cs", ', ""),
    "lets lines be parted": (TEXT, '"Zl", ', ""),
    "lets through what XML lacks": (TEXT, "_1 in _NO_XML or", ""),
    "escapes what Persian is written with": (TEXT, "if _1 in _JOINERS:", "if False:"),
}

# Accounts.
KEEPS_KEYS: Breakages = {
    "takes a key file that others may read": (
        ACCOUNTS,
        "if problem := exposure(file, _OTHERS):",
        "if problem := None:",
    ),
    "takes a list that others may write": (ACCOUNTS, "exposure(file, WRITABLE_BY_OTHERS)", "None"),
    "takes a store without encryption": (ACCOUNTS, "if store.priority >= _RECOMMENDED:", "if True:"),
    "believes a store that forgets": (ACCOUNTS, "if not is_kept:", "if False:"),
    "loses what is added at the same time": (ACCOUNTS, "fcntl.flock(descriptor, fcntl.LOCK_EX)", "pass"),
    "keeps a key under a second name": (
        ACCOUNTS,
        "check_new(name, document) check_new_key(given)",
        "check_new(name, document)",
    ),
    "keeps a key that may have a name in a locked store": (
        ACCOUNTS,
        "except KeyStoreError: raise except AccountError: continue",
        "except AccountError:\n            continue",
    ),
    "gives a name away again": (ACCOUNTS, "if known.casefold() == name.casefold():", "if False:"),
    "overwrites a key file": (ACCOUNTS, "if file.exists(): raise", "if False:\n        raise"),
    "keeps a key without a name": (ACCOUNTS, "undone.callback(keystore.delete, name)", "pass"),
    "leaves the key of a removed account": (ACCOUNTS, "keystore.delete(name) return None", "return None"),
    "removes a file of the user's": (ACCOUNTS, "if entry.path != _own_file(name):", "if False:"),
    "takes a secret from the environment": (
        ACCOUNTS,
        'if ("api_secret" in found) == ("private_key" in found):',
        "if False:",
    ),
    "leaves secrets in errors": (ACCOUNTS, "@forgets_arguments def add_account(", "def add_account("),
}
USES_KEYS: Breakages = {
    "keeps a key that is refused": (
        CLI,
        "retry_after_wait(wallet.balances, wait=True) entry = add_account(",
        "pass\n        entry = add_account(",
    ),
    "goes on although nothing was found": (CLI, "if not outcome.found: outcome.complain()", "pass"),
    "does not name an account that fails": (
        CLI,
        'click.echo(f"binance-wallet: {note}", err=True) outcome.complain()',
        'click.echo(f"binance-wallet: {note}", err=True)',
    ),
    "rounds the total of all accounts": (
        CLI,
        "with localcontext(prec=MAX_PREC): total = sum((wallets.total",
        "with localcontext(prec=8):\n        total = sum((wallets.total",
    ),
    "stops at the first account that fails": (
        CLI,
        "except WalletError as error: yield each, error",
        "except ZeroDivisionError as error:\n            yield each, error",
    ),
    "asks a locked key store for each account": (CLI, "failure = error yield", "yield"),
    "counts a key twice that has two names": (
        CLI,
        "check_api_key_is_unused(api_key, owners) try: result",
        "try:\n            result",
    ),
    "records a key twice that failed at first": (
        CLI,
        "raise (PartialFailureError if name in (after or ()) else WalletError)",
        "raise WalletError",
    ),
    "lets a name that fails block the next of its key": (
        CLI,
        "check_api_key_is_unused(api_key, owners) try:",
        "check_api_key_is_unused(api_key, owners)\n        owners[api_key] = connection.name\n        try:",
    ),
    "takes a mistyped name for a new account": (CLI, "(named and connection.account not in recorded)", "False"),
    "uses the key in the environment": (
        CLI,
        "if self.account is None: _check_key()",
        "if True:\n            _check_key()",
    ),
}

# The archive.
PLANS: Breakages = {
    "gives a day up that is still served": (ARCHIVE, "today - SERVED * _DAY", "today - (SERVED - 1) * _DAY"),
    "asks for no recorded day": (ARCHIVE, "+ _MIN_LIMIT - 1", "- 1"),
    "asks for days before the first": (ARCHIVE, "else max(first, oldest)", "else oldest"),
    "does not see a clock that is behind": (
        ARCHIVE,
        "_MIN_LIMIT if any(each >= today for each in recent)",
        "_MIN_LIMIT if False",
    ),
    "takes one changed day for another account": (ARCHIVE, "len(_1) > 1 and 2 *", "2 *"),
    "takes any key for the account's": (ARCHIVE, "2 * len(_1) > len(overlapping)", "False"),
    "records a day that is not over": (ARCHIVE, "if day(_1) >= today:", "if day(_1) > today:"),
    "takes another order of assets for a correction": (ARCHIVE, "Counter(_1) if isinstance(_1, list) else _1", "_1"),
    "calls a lost day pending": (ARCHIVE, "min(last, oldest - _DAY), True", "min(last, oldest - _DAY), False"),
    "counts a gap a day short": (ARCHIVE, "(self.last - self.first).days + 1", "(self.last - self.first).days"),
}
UPDATES: Breakages = {
    "records another account's days": (ARCHIVE, "if account in compared or not served:", "if True:"),
    "believes a wrong clock": (ARCHIVE, "for _ in range(2):", "for _ in range(1):"),
    "counts no corrections": (ARCHIVE, "corrections.get((name, type_.lower()), 0)", "0"),
    "leaves out the first day of a period": (ARCHIVE, "[start <= _DAY]", "[start < _DAY]"),
    "leaves out the last day of a period": (ARCHIVE, "[end >= _DAY]", "[end > _DAY]"),
    "leaves out the balances of the last day": (ARCHIVE, "combine(end, time.max, UTC)", "combine(end, time.min, UTC)"),
    "keeps no correction": (ARCHIVE, "queries.add_correction(connection, account, ids[plan.day(_1)], _1, now)", "pass"),
}
KEEPS: Breakages = {
    "writes amounts with an exponent": (ARCHIVE, 'return f"{value:f}"', "return str(value)"),
}
NOTICES_DAMAGE: Breakages = {
    "checks no digest": (ARCHIVE, "if has_digests and written != digest(table.name, *facts):", "if False:"),
    "takes the record of another day": (ARCHIVE, "if found != day:", "if False:"),
    "takes what is no plain amount": (ARCHIVE, "self._written.decode(content)", "pass"),
    "makes digests of local time": (ARCHIVE, "_1.astimezone(UTC).isoformat()", "_1.isoformat()"),
    "does not check the tables for SQL": (
        ARCHIVE,
        "if len(found) != len(wanted) or not all(map(_are_equal, found, wanted)):",
        "if False:",
    ),
    "does not see triggers of others": (ARCHIVE, "for row in triggers", "for row in []"),
    "does not ask SQLite": (ARCHIVE, 'for row in integrity if row != ("ok",)', "for row in []"),
}
MANAGES_ACCOUNTS: Breakages = {
    "keeps corrections of a removed account": (ARCHIVE, "(assets, positions, corrections):", "(assets, positions):"),
    "renames an account but not its digests": (
        ARCHIVE,
        "set_digest(connection, table, number, (name, *facts[1:]))",
        "pass",
    ),
    "mixes two accounts by a name": (ARCHIVE, "if name in queries.accounts(connection):", "if False:"),
    "removes an account without a copy": (
        ARCHIVE,
        'copy = self._store.copy(connection, "before-removal")',
        'copy = "nowhere"',
    ),
    "makes an archive without leave": (ARCHIVE, "if not self._create_allowed: raise", "if False: raise"),
    "stumbles over a zero character": (ARCHIVE, r'value.replace("\0", "\N{REPLACEMENT CHARACTER}")', "value"),
}
RECORDS_PRICES: Breakages = {
    "takes the price of the smallest wallet": (ARCHIVE, "largest = max(telling", "largest = min(telling"),
    "takes rounding for digits of a price": (ARCHIVE, "uncertainty.adjusted()", "-8"),
    "takes a price from dust": (ARCHIVE, "1000 * _ROUNDED_TO", "_ROUNDED_TO"),
    "takes a transfer for a price": (
        ARCHIVE,
        "if abs(difference) > _TOLERANCE * sum(map(abs, worth.values())) or",
        "if",
    ),
    "takes a deposit for a price": (ARCHIVE, "difference <= _DRIFT * abs(btc) +", "True or"),
    "takes two moments for one": (ARCHIVE, "if apart > _MAX_APART:", "if False:"),
    "loses balances with their price": (ARCHIVE, "except (WalletError, NoPriceError)", "except NoPriceError"),
    "keeps the price that is farther from the end of the day": (
        ARCHIVE,
        "distance_from_end(day, now) <= distance_from_end(day, each.recorded_at)",
        "distance_from_end(day, now) >= distance_from_end(day, each.recorded_at)",
    ),
    "prices a day whose end is farther away": (EXPORT, "if moment.time() <= _NOON else moment.date()", ""),
    "counts an old price of a day whose end is farther away": (
        ARCHIVE,
        "each.day == day_of_price(each.recorded_at)",
        "True",
    ),
    "prefers recorded prices": (ARCHIVE, 'each.source == "file"))', 'each.source != "file"))'),
    "imports prices of the future": (ARCHIVE, "check_not_future(prices)", "pass"),
    "removes recorded prices": (
        ARCHIVE,
        'queries.remove_prices(connection, quote_asset, "file")',
        'queries.remove_prices(connection, quote_asset, "exchange")',
    ),
}
RECORDS_ASSETS: Breakages = {
    "asks for no assets of wallets": (
        ARCHIVE,
        "found = detailed_balances(wallet, quote_asset)",
        "found = wallet.balances(quote_asset)",
    ),
    "does not say that it got no assets": (ARCHIVE, "if not lists_assets(found):", "if False:"),
    "shows SQL no assets of wallets": (ARCHIVE, "(wallet_assets, held)]", "]"),
    "keeps assets of wallets of a removed account": (ARCHIVE, "(wallet_assets, balances):", "(balances,):"),
}
GUARDS_FILES: Breakages = {
    "lets others read a new file": (ARCHIVE, "os.fchmod(descriptor, 0o600)", "os.fchmod(descriptor, 0o644)"),
    "lets others into a new folder": (FILES, "folder.chmod(0o700)", "folder.chmod(0o755)"),
    "takes a file that others may write": (ARCHIVE, "if found.st_mode & WRITABLE_BY_OTHERS:", "if False:"),
    "takes a folder that others may write": (
        ARCHIVE,
        "if found.st_mode & WRITABLE_BY_OTHERS and not",
        "if False and not",
    ),
    "takes files of other users": (ARCHIVE, "not in {0, os.geteuid()}", "not in {0, os.geteuid(), found.st_uid}"),
    "looks at no file beside it": (ARCHIVE, '("-wal", "-shm", "-journal")', "()"),
    "does not look where a link leads": (
        ARCHIVE,
        "(file.parent.resolve(), file.resolve().parent)",
        "(file.parent.resolve(),)",
    ),
    "follows links that lead nowhere": (ARCHIVE, "os.O_CREAT | os.O_EXCL | os.O_WRONLY", "os.O_CREAT | os.O_WRONLY"),
}
LOCATES: Breakages = {
    "takes a password for a path": (ARCHIVE, "if _URL_WITHOUT_SCHEME.match(address):", "if False:"),
    "takes the rest of a password for a host": (ARCHIVE, 'rest.count("@") > 1 or', ""),
    "takes the rest of a password for a database": (
        ARCHIVE,
        'any("@" in part for part in re.split(',
        "any(() for part in re.split(",
    ),
    "takes anything for a port": (
        ARCHIVE,
        r'if not re.fullmatch(r"[\d,]*", given.get("port", ""), re.ASCII):',
        "if False:",
    ),
    "takes no password for a secret": (ARCHIVE, 'if each.dispchar == b"*"', "if False"),
    "takes any timeout": (ARCHIVE, "not 0 <= timeout <= _MAX_LOCK_TIMEOUT", "False"),
}
STORES: Breakages = {
    "shows a password": (ARCHIVE, 'message = secret.sub("***", message)', "pass"),
    "gives a locked file up at once": (ARCHIVE, "time.monotonic() > deadline:", "True:"),
    "spends a call where it cannot write": (
        ARCHIVE,
        "connection.execute(update(schema.archive_version).where(false()).values(version=0))",
        "pass",
    ),
    "spends a call where it can make no file": (ARCHIVE, "TemporaryFile(dir=self._file.parent).close()", "pass"),
    "makes an archive before a call that fails": (
        ARCHIVE,
        "self._database.check_creatable(schema.archive_version.name, self._make_tables)",
        "self._make_ready()",
    ),
    "mixes old and new content": (ARCHIVE, "if changed and self._file.stat().st_mtime_ns != changed:", "if False:"),
    "goes into the tables of another program": (
        ARCHIVE,
        "if tables and version_table not in tables:",
        "if False:",
    ),
}
MIGRATES: Breakages = {
    "shows SQL other amounts": (
        ARCHIVE,
        "case Decimal(): return amount(value) case str():",
        "case Decimal():\n            return amount(abs(value))\n        case str():",
    ),
    "changes a later version": (ARCHIVE, "if version > migrations.current_version():", "if False:"),
    "migrates without a copy": (ARCHIVE, 'self.copy(connection, f"version-{version}")', "pass"),
    "migrates twice": (ARCHIVE, "if version >= migrations.current_version():", "if False:"),
    "adds no digests": (ARCHIVE, "queries.set_digest(connection, table, number, found)", "pass"),
    "replaces an earlier copy": (ARCHIVE, "while copy.exists():", "while False:"),
    "lets others read a copy": (ARCHIVE, "permissions.make_file(part)", "pass"),
}
SHARES_A_FILE: Breakages = {
    "takes no lock": (ARCHIVE, '"BEGIN IMMEDIATE"', '"BEGIN"'),
}
ASKS_POSTGRESQL: Breakages = {
    "sends passwords without TLS": (ARCHIVE, 'else {"sslmode": "require"}', "else {}"),
    "takes any address for this machine": (ARCHIVE, 'ip_address(host.partition("%")[0]).is_loopback', "True"),
    "loses characters of names": (ARCHIVE, 'encoding not in {"UTF8", "SQL_ASCII"}', "False"),
    "leaves settings to other programs": (ARCHIVE, ":value{n}, true)", ":value{n}, false)"),
    "waits for ever for a lock": (ARCHIVE, '"lock_timeout": f"{_LOCK_TIMEOUT}s",', ""),
}

# Exports.
EXPORTS_ROWS: Breakages = {
    "does not say what balances are in": (EXPORT, '{"quote_asset": quote_asset, **_cells(record)}', "_cells(record)"),
    "takes a position for an asset": (EXPORT, '{"record": "position",', '{"record": "asset",'),
    "leaves out an empty day": (EXPORT, "for _1 in _2 or [{}]:", "for _1 in _2:"),
    "takes records of another kind": (EXPORT, "if found - wanted:", "if False:"),
    "leaves out an account's snapshots": (EXPORT, "if not (self.is_whole or", "if False and ("),
}
EXPORTS_FRAMES: Breakages = {
    "rounds to eight decimals": (EXPORT, "max(places, -int(_1.as_tuple().exponent))", "places"),
    "cuts digits off": (EXPORT, "max(_DIGITS, whole + places)", "_DIGITS"),
    "takes more digits than there are": (EXPORT, "if digits > _MAX_DIGITS:", "if False:"),
    "writes amounts with an exponent": (EXPORT, 'return format(self, "f")', "return Decimal.__str__(self)"),
    "loses the plain digits of a sum": (EXPORT, '"add", ', ""),
    "has times without a zone in Arrow": (EXPORT, 'pa.timestamp("ms", tz="UTC")', 'pa.timestamp("ms")'),
    "has times without a zone in polars": (EXPORT, 'pl.Datetime("ms", "UTC")', 'pl.Datetime("ms")'),
    "takes what is missing for zero": (EXPORT, "None if _1 is None else convert(_1)", "convert(_1 or Decimal(0))"),
}
READS_PRICES: Breakages = {
    "takes a day twice": (EXPORT, "if day in lines:", "if False:"),
    "names the line before": (EXPORT, '_MAX_LINE), ""), 1)', '_MAX_LINE), ""), 0)'),
    "takes a decimal comma for another column": (EXPORT, '[line] if ";" in line else next(', "next("),
    "takes a price of zero": (EXPORT, "_MIN_PRICE <= price", "0 <= price"),
    "takes a line of data for names": (EXPORT, r'and not re.search(r"\d", line)', ""),
    "makes up a price": (
        EXPORT,
        "self.prices.get(day)",
        "next(iter(self.prices.values()))",
    ),
}

EXPORTS_WORKBOOKS: Breakages = {
    "rounds what Excel cannot keep": (EXPORT, "if not _is_number(cell):", "if False:"),
    "writes what Excel rounds": (EXPORT, "case Decimal() if _is_number(cell):", "case Decimal():"),
    "takes more digits than Excel keeps": (EXPORT, "_MAX_DIGITS: Final = 15", "_MAX_DIGITS: Final = 16"),
    "takes zeros for digits": (EXPORT, 'digits)).strip("0"))', "digits)))"),
    "shows two decimals": (EXPORT, "{column.places * '0'}", "00"),
    "runs a name that is edited": (EXPORT, "guarded if is_formula(text) else formats[index]", "formats[index]"),
    "takes a name for markup": (EXPORT, "_not_markup(printable(cell))", "printable(cell)"),
    "lets control characters into a cell": (EXPORT, "_not_markup(printable(cell))", "_not_markup(cell)"),
    "cuts a long text off": (EXPORT, "> _MAX_TEXT:", "> 10**9:"),
    "loses rows": (EXPORT, "if number > _MAX_ROWS:", "if False:"),
    "gives a sheet a name that Excel refuses": (
        EXPORT,
        '_NOT_IN_NAMES.sub("_", printable(wanted))',
        "printable(wanted)",
    ),
    "gives a sheet a name that is too long": (EXPORT, "_MAX_NAME: Final = 31", "_MAX_NAME: Final = 32"),
    "gives two sheets one name": (EXPORT, "if name.lower() not in taken:", "if name not in taken:"),
    "adds up two assets": (EXPORT, 'getattr(wallet, "quote_asset", quote_asset) == quote_asset', "True"),
    "lets the header go": (EXPORT, "sheet.freeze_panes(1, 0)", "pass"),
    "has columns that are too narrow": (EXPORT, "min(column.width + 2, _MAX_WIDTH)", "10"),
    "takes characters of Chinese for narrow": (EXPORT, 'in "WF" else 1', 'in "" else 1'),
    "does not say that an amount is text": (EXPORT, "if column.has_text:", "if False:"),
    "hides a full disk": (EXPORT, "if failure:", "if False:"),
    "leaves out the sheets of an account without a day": (
        EXPORT,
        "[spec for specs in _SNAPSHOTS.values() for spec in specs]",
        "[spec for specs in _SNAPSHOTS.values() for spec in specs if [*spec.rows(records, [])]]",
    ),
}

# Pictures.
MEASURES: Breakages = {
    "draws a line over missing days": (PLOT, "found[-1][-1] + _DAY == day", "found[-1][-1] < day"),
    "leaves out what is locked": (PLOT, "{_1.asset: _1.free + _1.locked", "{_1.asset: _1.free"),
    "shows what is owed as owned": (
        EXPORT,
        "return snapshot.data.total_net_asset_of_btc",
        "return snapshot.data.total_asset_of_btc",
    ),
    "adds debts": (PLOT, '"Owed": -owed', '"Owed": owed'),
    "takes locked BTC for other assets": (PLOT, "(_1.free + _1.locked for", "(_1.free for"),
    "has a part below zero": (PLOT, "max(total - btc, Decimal(0))", "total - btc"),
    "does not know what a dated contract is priced in": (
        FUTURES_SYMBOLS,
        'symbol.partition("_")[0]',
        "symbol",
    ),
    "values a position at its entry price": (
        PLOT,
        "position.position_amt * position.mark_price",
        "position.position_amt * position.entry_price",
    ),
    "shows closed positions": (
        PLOT,
        "for position in snapshot.data.position if position.position_amt",
        "for position in snapshot.data.position",
    ),
    "ends a month early": (PLOT, "start + 31 * _DAY", "start + 27 * _DAY"),
    "begins a week on Sunday": (PLOT, "timedelta(days=day.weekday())", "timedelta(days=day.weekday() + 1)"),
}
DRAWS: Breakages = {
    "calls a short position long": (PLOT, '"short" if _1.worth < 0 else "long"', '"long"'),
    "does not say what it leaves out": (PLOT, 'if len(shown) < len(series) else ""', 'if False else ""'),
    "does not mark missing days": (PLOT, "missing = gaps(priced, days)", "missing = []"),
    "does not mark days without a price": (PLOT, "missing = gaps(priced, days)", "missing = gaps(days)"),
    "has no scale for a constant": (PLOT, "alone = len(_1) == 1", "alone = False"),
    "draws days in local time": (PLOT, 'alt.Scale(type="utc")', 'alt.Scale(type="time")'),
    "lets a name be a tag": (PLOT, "_TAG.sub(_ESCAPED, printable(text))", "printable(text)"),
    "gives an asset the name of another": (PLOT, "[datum.value + 1]", "[datum.value]"),
    "puts no part on top of another": (PLOT, "top if _1 > 0 else Decimal(0)", "Decimal(0)"),
    "prints control characters": (PLOT, 'printable(f"{series.name}', 'str(f"{series.name}'),
}
MAKES_PAGES: Breakages = {
    "allows anything": (PLOT, "default-src 'none'; ", ""),
    "lets a name end a script": (PLOT, ".translate(_ESCAPES)", ""),
}

# The report.
REPORTS: Breakages = {
    "is off by a day": (REPORT, "last - timedelta(days))", "last - timedelta(days - 1))"),
    "leaves out the first day of a period": (REPORT, "if day >= since]:", "if day > since]:"),
    "compares a period from another day": (
        REPORT,
        "snapshot.update_time.date() >= since]",
        "snapshot.update_time.date() > since]",
    ),
    "describes a period with other days": (
        REPORT,
        "for day, found in by_day.items() if day >= since",
        "for day, found in by_day.items()",
    ),
    "compares with another day": (REPORT, "[final - timedelta(_1) for", "[final - timedelta(_1 - 1) for"),
    "relates a change to its outcome": (REPORT, "/ abs(before):+,.2f", "/ abs(after):+,.2f"),
    "rounds to zero what is not": (
        REPORT,
        'places is None or not Decimal(f"{value:.{places}f}")',
        "places is None",
    ),
    "reads currencies like other assets": (REPORT, "if unit in _WITH_CENTS or", "if False and"),
    "loses the exact amount": (REPORT, '"" if is_exact else f"{value:{sign},f}"', '""'),
    "adds up one wallet": (REPORT, "total[day] += wallet.balance", "total[day] = wallet.balance"),
    "shows the first record of a day": (
        REPORT,
        "for at in sorted(records)}",
        "for at in sorted(records, reverse=True)}",
    ),
    "does not warn of a low margin level": (REPORT, "<= _LOW_LEVEL", "< 0"),
    "calls a short position long": (REPORT, '"short" if found.position_amt < 0 else "long"', '"long"'),
    "adds different assets": (REPORT, "if len(found) > 1:", "if False:"),
    "loses what is being withdrawn": (REPORT, "+ asset.freeze + asset.withdrawing", "+ asset.freeze"),
    "takes a wallet whose assets are unknown for empty": (REPORT, "if lists_assets(wallets)", "if True"),
    "compares assets with the last record": (REPORT, "_1: ats[0] for", "_1: ats[-1] for"),
    "says nothing of days without a price": (REPORT, "day not in quoted.amounts", "False"),
    "gives shares as fractions": (REPORT, "100 * part / whole", "part / whole"),
    "takes records of an account that failed": (REPORT, "if self.failed and (", "if False and ("),
    "rounds a total": (REPORT, "_DIGITS: Final = 100", "_DIGITS: Final = 28"),
    "hides an account of dust": (REPORT, "any(value(_1).values()) or _holdings(_1)", "any(value(_1).values())"),
    "shows local time": (REPORT, "(made_at or datetime.now(UTC)).astimezone(UTC)", "(made_at or datetime.now(UTC))"),
    "compares all days with the first": (REPORT, "before = day", "before = before or day"),
    "does not dash what is missing": (REPORT, "if after - before > _LONG:", "if False:"),
    "draws an invalid chart of what never changes": (
        REPORT,
        'alt.Y("number:Q", title=None',
        'alt.Y("number:Q", title=0 if flat else None',
    ),
    "dashes short gaps": (REPORT, "if after - before > _LONG:", "if after - before > timedelta(days=1):"),
    "adds up accounts of different days": (REPORT, "set.intersection(*(", "set.union(*("),
    "takes an account that could not be read for empty": (REPORT, "if account.failed]", "if False]"),
    "draws an account on the days of the total": (
        REPORT,
        "by_name = {name: each.total for name, each in accounts.items()}",
        "by_name = {name: {day: each.total[day] for day in days} for name, each in accounts.items()}",
    ),
    "compares wallets with another day": (
        REPORT,
        "_each(text, history, days[0], last, since)",
        "_each(text, history, days[-1], last, since)",
    ),
    "calls what went unchanged": (
        REPORT,
        'percent(before, after) if after else text("went")',
        "percent(before, after)",
    ),
}
KEEPS_PAGES_SAFE: Breakages = {
    "takes names for markup": (REPORT, "autoescape=True", "autoescape=False"),
    "lets names act": (REPORT, 'value if hasattr(value, "__html__") else printable(str(value))', "value"),
    "has another script than its policy": (REPORT, "scripts=(vega, script)", "scripts=(vega,)"),
    "speaks another language": (REPORT, '("LC_ALL", "LC_MESSAGES", "LANG")', '("LANG", "LC_ALL")'),
}

# The command.
FORMATS: Breakages = {
    "lets a spreadsheet run a name": (CLI, """f"'{cell}\"""", "cell"),
    "lets a spreadsheet run wide signs": (TEXT, r', *"\uff1d\uff0b\uff0d\uff20"', ""),
    "loses the header": (CLI, "writer.writeheader()", "pass"),
    "has no byte order mark for Excel": (CLI, '_BYTE_ORDER_MARK if form is Format.CSV_EXCEL else ""', '""'),
    "breaks rows at a line break": (
        CLI,
        r'writer = csv.DictWriter(text, types, lineterminator="\r\n")',
        r'writer = csv.DictWriter(text, types, lineterminator="\n")',
    ),
}
WRITES_DATA: Breakages = {
    "writes values as Python does": (
        CLI,
        "table = plain(_1(",
        "table = (lambda found: [{name: str(value) for name, value in row.items()} for row in found])(_1(",
    ),
    "writes truth as Python does": (CLI, "str(cell).lower()", "str(cell)"),
    "takes another format than the file's": (CLI, "found = named or Format.TABLE", "found = Format.TABLE"),
    "shows a week of a history": (
        CLI,
        '{"days": 30} with connection.wallet()',
        '{"days": 7}\n        with connection.wallet()',
    ),
}
WRITES_FILES: Breakages = {
    "lets others read a new file": (FILES, "os.fchmod(self._descriptor, 0o600)", "os.fchmod(self._descriptor, 0o644)"),
    "leaves a part of a file": (FILES, "self._part.unlink()", "pass"),
    "loses a file's mode": (FILES, "os.fchmod(part, mode)", "pass"),
    "keeps special bits of a mode": (FILES, "stat.S_IMODE(old.st_mode) & 0o777", "stat.S_IMODE(old.st_mode)"),
    "opens a file to another group": (FILES, "mode &= ~stat.S_IRWXG", "pass"),
    "follows another user's link": (FILES, "_check_link(step)", "pass"),
    "writes into another user's file": (CLI, "check_owner(path, found)", "pass"),
    "loses the old content on a full disk": (FILES, "fill(old)", "pass"),
    "shows a file that is half written": (FILES, "self._part.replace(self._target)", "self._write_in_place(content)"),
}
SHOWS_TABLES: Breakages = {
    "shows wallets that are empty": (
        CLI,
        "return bool(wallet.balance) or any(",
        "return wallet.activate or any(",
    ),
    "loses what is locked": (CLI, "if asset.free or asset.locked:", "if asset.free:"),
    "relates a change to its outcome": (
        CLI,
        "100 * (value - before) / abs(before)",
        "100 * (value - before) / abs(value)",
    ),
    "shows what is owed as owned": (
        CLI,
        "owed = [day.data.total_liability_of_btc",
        "owed = [day.data.total_asset_of_btc",
    ),
    "shows notional at the entry price": (
        CLI,
        "position.position_amt * position.mark_price",
        "position.position_amt * position.entry_price",
    ),
    "does not know what a dated contract is priced in": (
        CLI,
        "quote_asset_of_symbol(position.symbol, balances[-1])",
        '"quote asset"',
    ),
    "rounds a total": (
        CLI,
        "with localcontext(prec=MAX_PREC): total = sum(balances",
        "with localcontext(prec=8):\n                total = sum(balances",
    ),
    "leaves columns out without a word": (CLI, "if left_out := self.amounts[shown:]:", "if left_out := ():"),
}
IS_SAFE_TO_READ: Breakages = {
    "obeys names": (CLI, 'map(printable, text.split("\\n"))', 'text.split("\\n")'),
    "obeys what libraries print": (
        CLI,
        "self.stream.write(escaped(text, self.stream.encoding))",
        "self.stream.write(text)",
    ),
    "obeys names in data": (
        CLI,
        r'c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text',
        "c for c in text",
    ),
}
EXITS: Breakages = {
    "calls wrong usage a failure": (CLI, "2 if isinstance(error, InvalidRequestError) else 1", "1"),
    "takes no command for success": (
        CLI,
        "context.get_help(), err=True) context.exit(2)",
        "context.get_help(), err=True)\n        context.exit(0)",
    ),
    "asks for a day to come": (CLI, "if day > (today := datetime.now(UTC).date()):", "today = day\n    if False:"),
    "asks for more days than there are": (CLI, 'days > _MAX_DAYS and not rest["source"]', "False"),
    "takes two secrets": (CLI, "if api_secret and private_key:", "if False:"),
    "asks for assets in lower case": (TEXT, "name.upper() if name.isascii() else name", "name"),
    "changes names of other letters": (TEXT, "name.upper() if name.isascii() else name", "name.upper()"),
    "names the library's options": (CLI, "message_and_notes(error, _OPTION_NAMES)", "str(error)"),
}
HIDES_PASSWORDS: Breakages = {
    "takes a password as an argument": (CLI, "_check_argument(param.opts[0], value)", "pass"),
    "takes an archive's password as an argument": (CLI, "if _PASSWORD.search(value):", "if False:"),
}
WAITS: Breakages = {
    "waits for the end of a ban": (CLI, "or isinstance(error, BannedError)", ""),
    "waits for hours": (CLI, "or seconds > _MAX_WAIT", ""),
    "waits although it must not": (CLI, "if not wait or", "if"),
    "does not say until when": (CLI, "error.retry_after >= _LONG_WAIT", "False"),
    "says nothing while it waits": (CLI, "if seconds >= 1:", "if False:"),
    "shows no attempt": (CLI, "if self.verbose:", "if False:"),
    "lets an attempt be drawn over": (
        CLI,
        "self._stop() with suppress(OSError): print(",
        "with suppress(OSError):\n            print(",
    ),
}
SHOWS_QUOTES: Breakages = {
    "prefers the prices of an archive": (
        CLI,
        "(source.prices(self.asset) if source else {}) | given",
        "given | (source.prices(self.asset) if source else {})",
    ),
    "goes on without any price": (CLI, "if not prices: raise PricesError(", "if False: raise PricesError("),
    "leaves days without a price unmarked": (CLI, "_NO_PRICE if amount is None else amount for", "amount for"),
    "does not count the days without a price": (
        CLI,
        "if missing := days.difference(quote.prices):",
        "if missing := ():",
    ),
    "spends a call before it reads prices": (
        CLI,
        'if asset is not None and not file and not rest["source"]:',
        "if False:",
    ),
}
READS_ARCHIVES: Breakages = {
    "goes on after a ban": (CLI, "BannedError | OtherAccountError", "OtherAccountError"),
    "takes a missing day for complete": (
        CLI,
        'if problems: raise (PartialFailureError if name in (after or ()) else WalletError)("; ".join(problems))',
        "pass",
    ),
    "takes damage for none": (
        CLI,
        "found, accounts = opened.check(), opened.accounts()",
        "found, accounts = [], opened.accounts()",
    ),
    "does not say that it made an account": (CLI, "if is_new and (is_named or before):", "if False:"),
    "tells of lost days again": (CLI, "if gap.lost and gap.last + timedelta(1) in new", "if gap.lost"),
    "calls an account that is not used incomplete": (CLI, "and gap.days < _WHOLE_MONTH", ""),
    "calls a lost day pending": (CLI, '"lost" if gap.lost else "pending"', '"pending"'),
    "leaves out the first of the last days": (
        CLI,
        "today - timedelta(days=days), None",
        "today - timedelta(days=days - 1), None",
    ),
    "reads another account": (CLI, 'rest["account_name"] or "main"', '"main"'),
    "hides problems behind a full standard output": (CLI, "problems.append(reason(error))", "raise"),
    "does not tell of recorded balances": (CLI, "moments if balances else", "Text() if balances else"),
    "loses types beside one that is missing": (CLI, "if missing and not any(found):", "if missing:"),
}
EXAMINES: Breakages = {
    "takes any clock for right": (CLI, "if sent - 1 <= reported <= received:", "if True:"),
    "calls a clock ahead that is behind": (CLI, "if offset > 0 else", "if offset < 0 else"),
    "takes what is wrong for well": (CLI, "code = 0 if all(finding.is_ok for finding in found) else 1", "code = 0"),
    "takes exposed files for well": (CLI, "code = code or 1", "pass"),
    "does not see who may read a key": (FILES, "if found.st_mode & forbidden:", "if False:"),
    "does not ask what others have used": (
        CLI,
        "wallet.budget.store.perform(wallet.budget.reading(), time.monotonic() + 1)",
        "pass",
    ),
    "measures all weight by one limit": (CLI, "limit_of(counter, REQUEST_WEIGHT_LIMIT)", "REQUEST_WEIGHT_LIMIT"),
    "does not see whose a key is": (FILES, "if found.st_uid not in _trusted(): return", "if False: return"),
}
WRITES_REPORTS: Breakages = {
    "takes balances that are missing for none": (
        CLI,
        "with suppress(NotRecordedError) if quote is None else nullcontext():",
        "with suppress(NotRecordedError):",
    ),
    "is of a week": (CLI, '{"days": 30} calls:', '{"days": 7}\n    calls:'),
    "is poured into a terminal": (
        CLI,
        "if output is None and sys.stdout is not None and sys.stdout.isatty():",
        "if False:",
    ),
    "is in another asset": (
        CLI,
        "(detailed_balances(wallet, quote), wallet.server_time)",
        '(detailed_balances(wallet, "BTC"), wallet.server_time)',
    ),
}

# Budgets that processes share.
KEEPS_COUNTS_IN_A_FILE: Breakages = {
    "lets others read its file": (
        BUDGET,
        "os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600",
        "os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644",
    ),
    "counts all addresses together": (BUDGET, "(self._address,)).fetchone()", '("test",)).fetchone()'),
    "overwrites a later version": (BUDGET, "if version > _VERSION:", "if False:"),
    "writes into another program's file": (
        BUDGET,
        "if application != _APPLICATION_ID and (tables or application or version):",
        "if False:",
    ),
    "writes into a file that was replaced": (
        BUDGET,
        "if self._path.stat().st_ino == self._inode:",
        "if self._path.stat():",
    ),
    "waits for a lock longer than the call may take": (
        BUDGET,
        "end = time.monotonic() + seconds",
        "end = time.monotonic() + 3 * seconds",
    ),
    "leaves no time for the call": (BUDGET, "(deadline - now) / 3", "(deadline - now)"),
    "holds up the event loop": (BUDGET, "await anyio.sleep(pause)", "time.sleep(pause)"),
    "lengthens its pause for each caller": (BUDGET, "if asked_at <= self._failed_at:", "if False:"),
    "releases what was reserved elsewhere": (
        BUDGET,
        "{*released.minutes} <= {*each.minutes}: self._local_reservations.remove(each)",
        "{*released.minutes} <= {*each.minutes}:",
    ),
}
TAKES_A_LOCK: Breakages = {
    "forgets a ban at the last moment": (
        BUDGET,
        "isinstance(operation, Reserve) and deadline - now < MIN_TIMEOUT",
        "deadline - now < MIN_TIMEOUT",
    ),
    "takes no lock": (BUDGET, 'connection.execute("BEGIN IMMEDIATE") row', "row"),
}
KNOWS_THE_TIME: Breakages = {
    "takes no time from others": (
        BUDGET,
        "if latest == inf or known > latest + SUSPEND_TOLERANCE:",
        "if False:",
    ),
    "takes no time from others when it reads": (
        BUDGET,
        "case Reserve(latest=_1) | Read(latest=_1)",
        "case Reserve(latest=_1)",
    ),
    "does not see that it was suspended": (BUDGET, "or known > latest + SUSPEND_TOLERANCE", ""),
    "knows the time too exactly": (BUDGET, "self.offset - DRIFT * age", "self.offset"),
    "knows the time for ever": (BUDGET, "0 <= age < TIME_TTL", "0 <= age"),
    "keeps a wrong time": (BUDGET, "if known is None or not earliest <= known <= latest:", "if known is None:"),
}
RULES: Breakages = {
    "exceeds a limit in Redis": (
        RULE,
        "used[minute] + operation.weight > operation.limit",
        "used[minute] > operation.limit",
    ),
    "releases in Redis what is reported": (
        RULE,
        "math.max(reported[minute], used[minute] - operation.weight)",
        "used[minute] - operation.weight",
    ),
    "does not believe a report in Redis": (RULE, "used[arrived] = math.max(used[arrived], operation.used)", ""),
    "does not count a late request in Redis": (RULE, "used[arrived] = used[arrived] + operation.weight", ""),
    "cuts a ban short in Redis": (RULE, "math.max(blocked_until, operation['until'])", "operation['until']"),
    "takes a ban for a pause in Redis": (RULE, "operation.ban and 1 or ban", "operation.ban and 1 or 0"),
    "lets a wrong clock ban for ever in Redis": (RULE, "and blocked_until <= at + LONGEST_BLOCK", ""),
    "tells no reader of a ban in Redis": (
        RULE,
        "elseif is_blocked(operation.earliest) then",
        "elseif is_reserve and is_blocked(operation.earliest) then",
    ),
}
TELLS_READERS: Breakages = {
    "tells no reader of a ban": (BUDGET, "case Reserve(earliest=_1) | Read(earliest=_1)", "case Reserve(earliest=_1)"),
}
KNOWS_THE_TIME_IN_REDIS: Breakages = {
    "knows the time too exactly in Redis": (RULE, "offset - DRIFT * age", "offset"),
    "does not see in Redis that it was suspended": (RULE, "or known > operation.latest + SUSPEND_TOLERANCE", ""),
    "does not tell the time in Redis": (RULE, "'Full', known or 0", "'Full', 0"),
}
KEEPS_COUNTS_IN_REDIS: Breakages = {
    "never forgets a minute": (RULE, "redis.call('EXPIRE', key, 180)", ""),
    "never forgets an address": (RULE, "redis.call('EXPIRE', KEYS[1], LONGEST_BLOCK)", ""),
    "counts all addresses together": (
        BUDGET,
        'self._address = f"{_PREFIX}:{{{address}}}"',
        'self._address = f"{_PREFIX}:{{}}"',
    ),
    "logs a password": (BUDGET, "text.replace(password, '[redacted]') if password else text", "text"),
    "speaks without TLS": (BUDGET, 'ssl=self._url.scheme == "rediss"', "ssl=False"),
    "leaves its user name out": (BUDGET, 'unquote(self._url.username or "") or None', "None"),
    "writes into another database": (BUDGET, 'int(self._url.path.strip("/") or 0)', "0"),
    "waits longer than the call may take": (
        BUDGET,
        "partial(self._run, operations)).result(seconds)",
        "partial(self._run, operations)).result(9 * seconds)",
    ),
    "performs a script again": (BUDGET, "Retry(NoBackoff(), 0)", "Retry(NoBackoff(), 3)"),
    "keeps connections that are dead": (
        BUDGET,
        "self._redis.connection_pool.disconnect(inuse_connections=False)",
        "pass",
    ),
    "sends its script each time": (BUDGET, "self._redis.evalsha(_SCRIPT_SHA,", "self._redis.eval(_SCRIPT,"),
    "forgets what others have used": (BUDGET, "self._local.state.update(reply.usage)", "pass"),
    "forgets its own ban": (BUDGET, "if isinstance(operation, Block): self._local.perform(operation)", "pass"),
    "does not tell a new server of a ban": (
        BUDGET,
        "facts.append(Block(state.until, state.ban, operation.earliest))",
        "pass",
    ),
    "does not tell a new server what was reported": (
        BUDGET,
        "if minute in operation.minutes and usage.reported",
        "if False",
    ),
    "lets all callers wait for a dead server": (BUDGET, "if now < self._retry_at or", "if"),
}
READS_URLS: Breakages = {
    "keeps a proxy's password": (BUDGET, "proxy.rpartition('://')[2].rpartition('@')[2]", "proxy.rpartition('://')[2]"),
    "counts all proxies together": (BUDGET, "shared_budget((url, host, proxy),", "shared_budget((url, host),"),
    "takes braces in an address": (BUDGET, 'or set(names[0]) & set("{}")', ""),
    "ignores options": (BUDGET, "if not options.keys() <= {*allowed} or any", "if any"),
    "makes a file in a directory that is missing": (BUDGET, "if not (is_file and in_directory):", "if not is_file:"),
    "takes the number of no database": (
        BUDGET,
        "if database and not (database.isascii() and database.isdecimal()):",
        "if False:",
    ),
}

# The mock exchange.
FAILS: Breakages = {
    "fails on any path": (MOCK, "if fault.path in {None, path}:", "if True:"),
    "fails once only": (MOCK, "if not fault.left:", "if True:"),
    "hides faults that were not met": (MOCK, "if not fault.met]", "if False]"),
    "responds where it should hang up": (MOCK, "request.state.hang_up()", "pass"),
    "delays nothing": (MOCK, "if fault.delay:", "if False:"),
    "counts after a reset": (
        MOCK,
        "self.account.set_balances(self._initial_balances) self._limiter = Limiter(self._weight_limit, self._minute)",
        "self.account.set_balances(self._initial_balances)",
    ),
    "hides its own failure": (MOCK, "self._failure = self._failure or failure", "pass"),
}
LIMITS: Breakages = {
    "forgives no refusal": (MOCK, "address.refusals = 0", "pass"),
    "bans as short each time": (MOCK, "_FIRST_BAN * 2**address.bans", "_FIRST_BAN"),
    "bans for weeks": (MOCK, "min(_FIRST_BAN * 2**address.bans, _MAX_BAN)", "_FIRST_BAN * 2**address.bans"),
    "counts all addresses together": (MOCK, "self._addresses.setdefault(ip,", 'self._addresses.setdefault("",'),
}
HOLDS: Breakages = {
    "forgets interest": (MOCK, '- row["borrowed"] - row["interest"]', '- row["borrowed"]'),
    "has details that do not add up": (MOCK, "values[_1] += worth - sum(values.values())", "pass"),
    "forgets what is set for a day": (MOCK, "days.get(day, days.get(None))", "days.get(None)"),
    "never serves a late day": (
        MOCK,
        "now >= self._missing.get((account_type, day), -math.inf)",
        "(account_type, day) not in self._missing",
    ),
    "has days before the first": (
        MOCK,
        "started = day >= self._first_days.get(account_type, -math.inf)",
        "started = True",
    ),
    "has prices that stand still": (MOCK, 'price(asset, day) / price("BTC", day)', 'price(asset, 0) / price("BTC", 0)'),
}
KEEPS_TIME: Breakages = {
    "cannot stop its clock": (MOCK, "None if tick else clock", "None"),
    "keeps its time after a reset": (MOCK, "self._stopped_at = None self.account.reset()", "self.account.reset()"),
}
HELPS_TESTS: Breakages = {
    "passes tests that tested no fault": (MOCK, "if exchange is not None and exchange.unused_faults:", "if False:"),
    "prefers the farthest mark": (
        MOCK,
        'reversed([*request.node.iter_markers("mock_exchange")])',
        'request.node.iter_markers("mock_exchange")',
    ),
}
SERVES: Breakages = {
    "replaces its own endpoints": (MOCK, "if (method, path) in ENDPOINTS:", "if False:"),
    "takes any base64": (MOCK, "b64decode(signature, validate=True)", "b64decode(signature)"),
    "remembers requests for months": (MOCK, "exchange.requests = deque(maxlen=0)", "pass"),
}


# Which tests each of them has to face, the quick ones first. A file may be followed by the name of one of its tests.
# The server for assistants.
GIVES_ASSISTANTS_RESULTS: Breakages = {
    "says that it may write": (MCP, "read_only_hint=True", "read_only_hint=False"),
    "writes amounts with an exponent": (MCP, "{name: plain(value) for", "{name: str(value) for"),
    "reads an account that was not named": (MCP, "len(self.accounts) == 1", "self.accounts"),
    "drops arguments that it does not have": (MCP, "if tool.name == name and", "if False and"),
    "says that other arguments are taken": (MCP, '["additionalProperties"] = False', '["additionalProperties"] = True'),
    "does not name the accounts": (MCP, '["enum"] = [*self._tools.accounts]', '["enum"] = []'),
    "has no words": (MCP, "for text in (summary, to_json(whole).decode())", "for text in (to_json(whole).decode(),)"),
    "asks for a day too few": (MCP, "server_time.date() - days * _DAY", "server_time.date() - (days - 1) * _DAY"),
    "asks the exchange for what is recorded": (MCP, 'if source == "archive":', "if False:"),
    "takes two periods": (MCP, "if days is not None and (from_ or to):", "if False:"),
    "takes any end": (MCP, "elif to and not from_:", "elif False:"),
    "names the library's arguments": (MCP, "message_and_notes(error, _ARGUMENT_NAMES)", "str(error)"),
    "does not say how to record": (MCP, "return _RECORD", "return None"),
    "tells no price": (MCP, "prices.get(at.date())", "prices.get(None)"),
    "sums different moments": (MCP, "totals.get(each.recorded_at, Decimal(0))", "totals.get(None, Decimal(0))"),
    "keeps the oldest days": (MCP, "for day in reversed(days)", "for day in days"),
    "fills results without end": (MCP, "MAX_SIZE: Final = 40_000", "MAX_SIZE: Final = 4_000_000"),
    "says nothing of what is left out": (MCP, 'return "; ".join([*parts, command]) if parts else None', "return None"),
    "drops a day that is too long": (MCP, "kept[0] = _shorten(day, room)", "pass"),
}
SHOWS_ASSISTANTS_NAMES: Breakages = {
    "hides orders in names": (MCP, "AfterValidator(printable)", "AfterValidator(str)"),
    "hides orders in summaries": (MCP, "shown = printable(name)", "shown = name"),
    "hides orders in errors": (MCP, "message=printable(message)", "message=message"),
    "lets a name fill a summary": (MCP, "_MAX_NAME: Final = 40", "_MAX_NAME: Final = 4000"),
    "lists the least valuable assets": (MCP, "reverse=True", "reverse=False"),
    "fails without details": (DETAILS, "return error.code in _UNKNOWN_PARAMETER", "return False"),
    "calls a bug a mistake": (
        MCP,
        "isinstance(error, UnexpectedToolError) and isinstance(error.__cause__, ValidationError)",
        "False",
    ),
    "keeps the first of each period": (MCP, "for point in points}.values()", "for point in reversed(points)}.values()"),
}
KEEPS_ASSISTANTS_WITHIN_LIMITS: Breakages = {
    "does not wait": (CLI, "wait=WAIT", "wait=0"),
    "sees no ban": (MCP, "return verdict if isinstance(verdict, Blocked) else None", "return None"),
    "calls a ban a pause": (MCP, '"ban" if block.ban else "pause"', '"pause"'),
    "does not say when to try again": (MCP, "if seconds is not None:", "if False:"),
    "says nothing of what to do": (MCP, "return remedy(error)[1]", "return None"),
}
SERVES_ASSISTANTS: Breakages = {
    "cannot be ended by a signal": (CLI, "signal.signal(number, signal.SIG_DFL)", "pass"),
    "is noisy when the assistant has gone": (CLI, "except* BrokenPipeError:", "except* ZeroDivisionError:"),
    "starts without standard output": (
        CLI,
        "if stream is None:\n            raise OSError(errno.EBADF",
        "if False:\n            raise OSError(errno.EBADF",
    ),
    "says nothing on a terminal": (CLI, "if sys.stdin.isatty():", "if False:"),
}


def _in(file: str, *names: str) -> list[str]:
    return [f"{file}::test_{name}" for name in names]


_CLI, _ARCHIVE, _BUDGET = "extras/cli/test_cli_", "extras/archive/test_archive_", "overlay/budget/test_"
_MCP = "extras/mcp_server/test_mcp_"
FACING = [
    ("a text", SHOWS_NAMES, ["extras/test_text.py"]),
    ("an account", KEEPS_KEYS, ["extras/accounts/test_accounts.py"]),
    (
        "the command",
        USES_KEYS,
        _in(
            f"{_CLI}keys.py",
            "a_key_that_is_no_good_is_not_kept",
            "a_locked_key_store_is_asked_once_for_all_accounts",
            "a_name_that_only_the_archive_has_is_updated_with_the_key_in_the_environment",
            "an_account_goes_before_a_key_in_the_environment",
        )
        + _in(
            f"{_CLI}accounts.py",
            "a_key_with_two_names_is_counted_once_and_its_second_name_is_said",
            "a_name_that_fails_and_has_records_blocks_the_second_name_of_its_key",
            "a_name_that_fails_does_not_block_the_second_name_of_its_key",
            "an_account_that_fails_is_named_and_does_not_stop_the_others",
            "if_all_accounts_fail_nothing_is_written",
            "the_total_of_all_is_exact",
        ),
    ),
    ("an archive", PLANS, [f"{_ARCHIVE}plan.py"]),
    (
        "an archive",
        UPDATES,
        _in(
            f"{_ARCHIVE}update.py",
            "balances_of_another_account_are_not_recorded",
            "a_clock_that_is_a_day_behind_hides_no_missing_day",
            "a_corrected_day_is_kept_beside_the_recorded_one_and_reported",
            "a_period_has_its_first_and_its_last_day",
            "balances_are_recorded_at_each_moment",
        ),
    ),
    (
        "an archive",
        KEEPS,
        _in(
            f"{_ARCHIVE}round_trip.py",
            "amounts_are_written_as_the_exchange_writes_them",
        ),
    ),
    (
        "an archive",
        NOTICES_DAMAGE,
        _in(
            f"{_ARCHIVE}damage.py",
            "damage_is_an_error_of_ours_and_found_by_a_check",
            "a_record_of_another_day_is_damage_even_with_its_digest",
            "what_is_no_plain_amount_is_damage_even_with_its_digest",
            "a_check_compares_the_tables_for_sql",
            "a_check_tells_of_rows_that_belong_to_nothing_and_of_triggers_of_others",
            "a_check_includes_the_databases_own",
            "a_digest_is_of_a_moment_wherever_its_clock_hangs",
        ),
    ),
    (
        "an archive",
        MANAGES_ACCOUNTS,
        _in(
            f"{_ARCHIVE}accounts.py",
            "a_removed_account_is_gone_and_in_the_copy",
            "a_renamed_account_has_all_that_it_had",
            "an_account_is_not_renamed_to_one_that_there_is",
            "an_update_without_leave_to_make_an_archive_makes_none",
            "a_name_with_a_zero_character_does_not_stop_an_archive",
        ),
    ),
    (
        "an archive",
        RECORDS_PRICES,
        _in(
            f"{_ARCHIVE}prices.py",
            "the_largest_wallet_tells_the_price_because_rounding_changes_it_least",
            "a_price_has_no_more_digits_than_rounded_balances_tell",
            "wallets_that_hold_next_to_nothing_tell_no_price",
            "balances_that_changed_between_the_calls_tell_no_price",
            "a_deposit_between_the_calls_is_noticed_by_the_assets_of_the_only_wallet",
            "a_call_that_waited_tells_no_price_of_a_moment",
            "a_call_that_fails_costs_the_price_alone",
            "of_several_prices_of_a_day_the_one_nearest_to_its_end_is_kept",
            "a_price_is_not_that_of_a_day_whose_end_is_farther_away",
            "a_price_that_an_older_archive_has_for_a_day_whose_end_is_farther_away_does_not_count",
            "an_imported_price_counts_before_one_that_is_recorded_earlier_or_later[sqlite]",
            "imported_prices_are_removed_and_the_exchanges_own_stay[sqlite]",
            "one_wrong_price_leaves_the_archive_as_it_was",
        ),
    ),
    (
        "an archive",
        RECORDS_ASSETS,
        _in(
            f"{_ARCHIVE}wallet_assets.py",
            "assets_are_recorded_with_the_balances_and_returned_where_they_are_asked_for[sqlite]",
            "assets_are_there_for_sql",
            "an_exchange_that_lists_no_assets_gets_the_balances_recorded_and_a_line",
            "an_account_that_is_removed_or_renamed_takes_its_assets_along[sqlite]",
        ),
    ),
    ("an archive", GUARDS_FILES, [f"{_ARCHIVE}files.py"]),
    ("an archive", LOCATES, [f"{_ARCHIVE}location.py"]),
    (
        "an archive",
        STORES,
        _in(
            f"{_ARCHIVE}failures.py",
            "an_archive_in_such_a_folder_that_changes_while_it_is_read_is_an_error",
            "a_database_of_another_program_stays_as_it_is",
            "an_archive_in_a_folder_that_may_only_be_read_is_read",
            "ctrl_c_ends_the_wait_for_a_locked_archive",
            "a_short_password_is_redacted_only_as_a_word",
            "a_folder_in_which_no_file_can_be_made_is_known_before_a_call",
            "a_call_that_fails_makes_no_archive",
        ),
    ),
    (
        "an archive",
        MIGRATES,
        _in(
            f"{_ARCHIVE}schema.py",
            "two_processes_that_migrate_at_the_same_time_migrate_once",
            "an_update_brings_version_1_up_to_date_and_keeps_a_copy",
            "an_archive_that_went_back_a_version_is_brought_up_to_date_again",
            "positions_are_there_for_sql",
            "an_archive_from_the_future_is_refused_and_stays_as_it_is",
        ),
    ),
    (
        "an archive",
        SHARES_A_FILE,
        _in(
            f"{_ARCHIVE}processes.py",
            "updates_at_the_same_time_add_each_day_once[sqlite]",
        ),
    ),
    (
        "an archive",
        ASKS_POSTGRESQL,
        _in(
            f"{_ARCHIVE}postgresql.py",
            "a_server_elsewhere_without_tls_is_refused_before_a_call",
            "a_database_that_lacks_characters_is_refused_before_a_call",
            "a_pooler_keeps_no_setting_for_the_next_program",
            "no_wait_is_without_end_whatever_the_url_says",
        ),
    ),
    ("an export", EXPORTS_ROWS, [f"extras/export/test_export_{name}.py" for name in ("rows", "accounts")]),
    ("an export", EXPORTS_FRAMES, ["extras/export/test_export_frames.py"]),
    ("a workbook", EXPORTS_WORKBOOKS, ["extras/export/test_export_excel.py"]),
    (
        "an export",
        READS_PRICES,
        _in(
            "extras/export/test_export_prices.py",
            "a_file_may_be_written_in_several_ways",
            "a_bad_line_is_named",
            "names_of_other_columns_are_refused",
            "rows_say_what_spot_and_margin_accounts_were_worth_on_days_with_a_price",
        ),
    ),
    (
        "a picture",
        MEASURES,
        _in(
            "extras/export/test_plot_charts.py",
            "the_parts_of_a_margin_account_add_up_to_its_net_value",
            "locked_btc_is_a_part_of_btc",
            "the_quantity_of_a_spot_account_is_what_is_free_and_what_is_locked",
            "a_margin_account_is_worth_what_it_has_less_what_it_owes",
            "a_part_is_never_below_zero_by_rounding",
            "a_position_is_worth_its_size_at_mark_price_in_what_it_is_priced_in",
            "a_long_time_is_shown_by_weeks_and_months",
            "a_line_is_not_drawn_through_missing_days",
        ),
    ),
    (
        "a picture",
        DRAWS,
        _in(
            "extras/export/test_plot_charts.py",
            "both_sides_of_a_position_are_drawn",
            "parts_are_put_on_top_of_each_other",
            "every_axis_of_days_is_in_utc",
            "a_line_is_not_drawn_through_missing_days",
            "with_prices_the_first_chart_has_the_value_in_the_quote_asset",
            "a_value_that_never_changes_stands_on_a_scale_from_zero",
            "of_many_assets_a_picture_says_which_it_shows",
            "a_sketch_shows_control_characters_as_escapes",
            "any_name_is_drawn_and_the_picture_is_xml",
        ),
    ),
    ("a page", MAKES_PAGES, ["extras/report/test_report_page.py"]),
    ("a report", REPORTS, [f"extras/report/test_report_{name}.py" for name in ("content", "accounts", "assets")]),
    ("a report", KEEPS_PAGES_SAFE, ["extras/report/test_report_page.py"]),
    ("the command", FORMATS, [f"{_CLI}csv.py"]),
    ("the command", WRITES_DATA, [f"{_CLI}formats.py"]),
    (
        "the command",
        WRITES_FILES,
        _in(
            f"{_CLI}files.py",
            "a_file_is_replaced_whole_and_keeps_its_permissions",
            "who_reads_a_file_reads_on_what_it_was",
            "a_call_that_fails_leaves_the_old_file_and_no_other",
            "special_bits_of_a_mode_are_not_kept",
            "a_link_that_another_user_may_have_put_there_is_not_followed",
            "a_file_of_another_user_in_a_folder_for_all_is_refused",
            "a_file_of_another_group_is_not_opened_to_mine",
            "a_new_file_is_for_its_owner_alone_whatever_the_umask",
            "a_full_disk_leaves_the_old_content_of_a_mounted_file_as_well",
        ),
    ),
    ("the command", SHOWS_TABLES, [f"{_CLI}tables.py"]),
    (
        "the command",
        IS_SAFE_TO_READ,
        _in(
            f"{_CLI}escapes.py",
            "data_in_a_pipe_is_what_the_exchange_sent",
            "data_reaches_a_terminal_with_escapes",
            "what_any_module_prints_has_escapes",
            "json_has_its_own_escapes_everywhere",
        ),
    ),
    (
        "the command",
        EXITS,
        _in(
            f"{_CLI}errors.py",
            "without_a_command_there_is_help_and_2",
            "a_key_that_cannot_be_used_ends_with_2_and_names_the_variable",
            "an_asset_may_be_named_in_lower_case",
            "a_name_of_other_letters_is_left_as_it_is",
            "wrong_usage_ends_with_2_and_says_what_is_right",
        ),
    ),
    (
        "the command",
        HIDES_PASSWORDS,
        _in(
            f"{_CLI}passwords.py",
            "every_command_names_the_variable_instead",
        ),
    ),
    (
        "the command",
        WAITS,
        _in(
            f"{_CLI}waiting.py",
            "a_ban_is_not_waited_for",
            "scripts_may_choose_not_to_wait",
            "off_a_terminal_a_line_says_how_long_it_waits_and_why",
            "a_wait_of_more_than_ten_minutes_is_not_begun",
            "each_attempt_is_shown_if_asked_for",
            "a_countdown_ends_before_an_attempt_is_shown",
        ),
    ),
    (
        "the command",
        READS_ARCHIVES,
        _in(
            f"{_CLI}archive.py",
            "a_new_account_is_said_once",
            "a_ban_stops_an_update_at_once",
            "a_day_that_the_exchange_does_not_serve_yet_ends_with_1_and_is_added_later",
            "a_check_of_a_damaged_archive",
            "days_that_are_lost_are_said_once",
            "an_account_that_is_not_used_any_more_leaves_the_archive_complete",
            "status_shows_each_account_and_its_gaps",
            "the_last_days_of_an_archive_are_the_last_days_up_to_yesterday",
            "accounts_of_one_archive_are_apart",
            "a_full_standard_output_hides_no_message_of_an_update",
            "status_shows_in_which_assets_balances_are_recorded_since_when_and_how_often",
            "without_a_period_all_that_is_recorded_is_shown",
        ),
    ),
    (
        "the command",
        SHOWS_QUOTES,
        _in(
            f"{_CLI}quotes.py",
            "the_prices_of_a_file_come_before_those_of_the_archive",
            "a_table_marks_the_days_without_a_price",
            "an_archive_shows_totals_in_what_its_updates_are_in",
            "what_is_wrong_with_prices_is_known_before_a_call",
        ),
    ),
    (
        "the command",
        EXAMINES,
        [
            f"{_BUDGET}usage.py",
            *_in(
                f"{_CLI}doctor.py",
                "a_wrong_clock_is_found_and_how_wrong_it_is",
                "a_private_key_that_others_may_read_is_found",
                "a_private_key_of_another_user_is_found",
            ),
        ],
    ),
    (
        "the command's report",
        WRITES_REPORTS,
        _in(
            f"{_CLI}report.py",
            "the_page_is_of_thirty_days_unless_a_period_is_given",
            "balances_are_in_the_asset_that_was_asked_for",
            "balances_that_were_asked_for_and_are_not_recorded_are_an_error",
            "no_page_is_poured_into_a_terminal",
        ),
    ),
    ("a shared budget", KEEPS_COUNTS_IN_A_FILE, [f"{_BUDGET}sqlite.py"]),
    ("a shared budget", TAKES_A_LOCK, [f"{_BUDGET}sqlite.py"]),
    ("a shared budget", KNOWS_THE_TIME, [f"{_BUDGET}time.py"]),
    ("a budget", TELLS_READERS, _in(f"{_BUDGET}rule.py", "a_process_that_reads_learns_of_a_block_and_of_what_is_used")),
    (
        "a shared budget",
        RULES,
        _in(
            f"{_BUDGET}rule.py",
            "what_is_released_can_be_reserved_again[redis]",
            "a_block_longer_than_any_ban_came_from_a_wrong_clock[redis]",
            "a_ban_that_ends_before_a_pause_is_known_as_a_ban[redis]",
            "what_the_exchange_has_reported_cannot_be_released[redis]",
            "a_process_that_reads_learns_of_a_block_and_of_what_is_used[redis]",
            "every_store_decides_as_the_model_does[redis]",
            "processes_that_do_one_thing_each_decide_as_the_model_does[redis]",
        ),
    ),
    ("a shared budget", KNOWS_THE_TIME_IN_REDIS, [f"{_BUDGET}time.py"]),
    ("a budget in Redis", KEEPS_COUNTS_IN_REDIS, [f"{_BUDGET}redis.py"]),
    ("a shared budget", READS_URLS, [f"{_BUDGET}urls.py"]),
    ("mock", FAILS, ["mock/test_mock_faults.py"]),
    ("mock", LIMITS, ["mock/test_mock_limits.py"]),
    (
        "mock",
        HOLDS,
        _in(
            "mock/test_mock_account.py",
            "what_an_amount_is_worth_follows_the_price_of_its_day",
            "margin_nets_are_assets_less_liabilities",
            "the_assets_of_a_wallet_add_up_to_its_balance",
            "a_day_can_hold_something_else_than_the_others",
            "a_missing_day_can_appear_late",
            "a_first_day_has_no_days_before_it",
        ),
    ),
    ("mock", KEEPS_TIME, ["mock/test_mock_time.py"]),
    ("mock", HELPS_TESTS, ["mock/test_mock_pytest_plugin.py"]),
    ("mock", SERVES, ["mock/test_mock_endpoints.py", "mock/test_mock_keys.py", "mock/test_mock_server.py"]),
    ("a server", GIVES_ASSISTANTS_RESULTS, [f"{_MCP}results.py", f"{_MCP}long.py"]),
    ("a server", SHOWS_ASSISTANTS_NAMES, [f"{_MCP}long.py"]),
    ("a server", KEEPS_ASSISTANTS_WITHIN_LIMITS, [f"{_MCP}limits.py"]),
    ("a server", SERVES_ASSISTANTS, [f"{_MCP}process.py"]),
]
