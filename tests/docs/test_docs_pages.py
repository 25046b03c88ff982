"""The pages as text: each block is run or says why not, and each link has a target."""

import html
import os
import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from datetime import UTC, datetime
from enum import Enum
from pydoc import locate
from types import UnionType
from typing import get_args
from urllib.parse import unquote

import attrs
import binance_wallet
import binance_wallet_mock as mock
import msgspec
import pytest
from binance_wallet import WalletClient, errors
from binance_wallet_extras import accounts, archive, export, plot, report
from docs_blocks import PAGES, READMES, ROOT, blocks, fences
from markdown_it import MarkdownIt

OWN_ENVIRONMENT = "it installs into the reader's environment"
ASKED_KEY = "it asks for a key of the reader's"
OWN_KEY = "it takes a key of the reader's"
ACTIVATE = ". ~/.venv-wallet/bin/activate\n"
INSTALLED = f"python3 -m venv ~/.venv-wallet\n{ACTIVATE}pip install '.[archive,cli,keys,mock,report]'\n"
OWN_REPOSITORY = "it would change the repository that the tests are run in"
ADDED = "tests/docs/test_docs_add_endpoint.py"

README_NOT_RUN = [
    ("make demo\nmake test\n", "test_docs_pages.py runs make demo, and make test runs the tests themselves"),
    (INSTALLED, OWN_ENVIRONMENT),
    (
        """\
binance-wallet keys add company
binance-wallet balances --account company --quote USDT
binance-wallet report --account company --output report.html
""",
        ASKED_KEY,
    ),
    (f"{ACTIVATE}binance-wallet keys add company\nexport BINANCE_ACCOUNT=company\nbinance-wallet doctor\n", OWN_KEY),
    ("make generate\n", OWN_REPOSITORY),
]
NOT_RUN = {
    "README.md": README_NOT_RUN,
    "README.zh-CN.md": README_NOT_RUN,
    "docs/how-to/add-an-endpoint.md": [
        (
            """\
curl -o ~/spot_api.yaml https://raw.githubusercontent.com/binance/binance-api-swagger/master/spot_api.yaml
make endpoint FROM=~/spot_api.yaml OPERATION="GET /sapi/v1/capital/deposit/hisrec"
""",
            f"{OWN_REPOSITORY}; tests/spec/test_endpoint.py runs the same on a copy",
        ),
        ("make generate\n", f"{OWN_REPOSITORY}; {ADDED} runs it on a copy"),
        (
            """\
from binance_wallet import WalletClient
from binance_wallet_client.api.account import api_restrictions
from binance_wallet_client.api.asset import trade_fee

with WalletClient.from_env() as wallet:
    for fee in trade_fee.sync(client=wallet):
        print(fee.symbol, fee.maker_commission)
    restrictions = api_restrictions.sync(client=wallet)
    print(restrictions.create_time, restrictions.enable_withdrawals)
""",
            f"it needs what this page adds; {ADDED} generates that and runs this",
        ),
        (
            """\
from binance_wallet import WalletClient
from binance_wallet_mock import MockExchange
from binance_wallet_client.api.asset import trade_fee

fees = [{"symbol": "BNBBTC", "makerCommission": "0.001", "takerCommission": "0.001"}]
with MockExchange() as exchange:
    exchange.add_endpoint("GET", "/sapi/v1/asset/tradeFee", fees)
    with WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as wallet:
        print(trade_fee.sync(client=wallet)[0].maker_commission)
""",
            f"it needs what this page adds; {ADDED} generates that and runs this",
        ),
    ],
    "docs/how-to/keys.md": [
        ("binance-wallet keys add company\n", ASKED_KEY),
        (
            "binance-wallet balances --account company\nexport BINANCE_ACCOUNT=company\nbinance-wallet doctor\n",
            OWN_KEY,
        ),
    ],
    "docs/how-to/assistants.md": [(INSTALLED.replace("archive,cli,keys,mock", "keys,mcp"), OWN_ENVIRONMENT)],
    "docs/tutorial.md": [
        (INSTALLED, OWN_ENVIRONMENT),
        (f"{ACTIVATE}export BINANCE_API_KEY=…\nexport BINANCE_API_SECRET=…\n", OWN_KEY),
        ("binance-wallet doctor\nbinance-wallet balances --quote USDT\n", "it calls the real exchange"),
    ],
}
"""Every block that a reader is told to run and no test runs, with the reason that stands beside it."""

WRITTEN_LATER = {ROOT / "bench" / "RESULTS.md"}  # by `make bench`


def test_every_block_that_is_not_run_is_listed_with_its_reason():
    found = defaultdict(list)
    for page in PAGES:
        for block in blocks(page):
            if block.not_run:
                found[page].append((block.code, block.not_run))
    assert found == NOT_RUN


@pytest.mark.parametrize("page", PAGES)
def test_the_reader_of_blocks_knows_every_fence_and_its_language(page):
    assert fences(page) == 2 * len(blocks(page))
    languages = {block.language for block in blocks(page) if not block.title}
    assert languages <= {"python", "sh", "text"}


def test_make_targets_and_extras_on_pages_exist():
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    text = "".join((ROOT / page).read_text() for page in PAGES)
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets | {"bench"}
    wanted = re.findall(r"(?:binance-wallet|\.)\[([\w,]+)\]", text)
    assert wanted
    assert set(",".join(wanted).split(",")) <= set(extras())


def extras():
    return tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]


def test_all_extras_are_listed_in_one_table_that_the_site_includes(site):
    start, end = (f"<!-- --8<-- [{where}:extras] -->\n" for where in ("start", "end"))
    table = (ROOT / "README.md").read_text().partition(start)[2].partition(end)[0]
    names = re.findall(r"^\| `([\w-]+)`", table, re.MULTILINE)
    assert sorted(names) == sorted(extras())
    shown = (site / "index.html").read_text()
    assert all(f"<td><code>{name}</code></td>" in shown for name in names)


@pytest.mark.parametrize("readme", READMES)
def test_a_readme_is_short(readme):
    assert len((ROOT / readme).read_text().splitlines()) <= 230


@pytest.mark.parametrize("page", PAGES)
def test_a_new_shell_activates_the_environment_before_it_runs_the_command(page):
    """A block with a key of the reader's starts a shell: the README and the tutorial have one each."""
    for block in blocks(page):
        if block.language == "sh" and "export BINANCE_API_KEY=" in block.code:
            assert block.code.startswith(ACTIVATE)


@pytest.mark.parametrize("page", [*READMES, "docs/index.md"])
def test_pydoc_shows_what_a_page_tells_it_to_show(page):
    [name] = re.findall(r"`python -m pydoc ([\w.]+)`", (ROOT / page).read_text())
    shown = subprocess.run([sys.executable, "-m", "pydoc", name], capture_output=True, text=True, check=True).stdout
    assert WalletClient.snapshots.__doc__.splitlines()[0] in shown


def test_the_readmes_have_the_same_code_headings_and_links():
    english, chinese = ([(block.language, block.code) for block in blocks(readme)] for readme in READMES)
    assert english == chinese
    headings = [len(re.findall(r"^#+ ", (ROOT / readme).read_text(), re.MULTILINE)) for readme in READMES]
    assert headings[0] == headings[1]
    targets = [{target for target in links(readme) if not target.startswith("README")} for readme in READMES]
    assert targets[0] == targets[1]


def links(page):
    """Where the links and the images of a page point to."""
    found = []
    for token in MarkdownIt("commonmark").enable("table").parse((ROOT / page).read_text()):
        for child in token.children or []:
            found += [unquote(str(child.attrs[name])) for name in ("href", "src") if name in child.attrs]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page):
    """To a file of the repository, and to a heading in it. mkdocs checks those of the reference."""
    for link in links(page):
        path, _, anchor = link.partition("#")
        if re.match(r"https?://", link):
            continue
        target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
        assert target.is_file() or target in WRITTEN_LATER, link
        if anchor and not anchor.startswith("binance_wallet"):
            assert anchor in headings_of(target), link


def headings_of(page):
    """The anchors of a page's headings."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_knows_no_machine(page):
    text = (ROOT / page).read_text()
    assert not re.findall(r"/(?:home|root|work|tmp|Users|opt)/\S*", text)


def test_the_page_of_errors_quotes_the_tree_of_the_module():
    tree = (errors.__doc__ or "").partition("\n\n")[2].strip()
    assert tree in (ROOT / "docs" / "reference" / "errors.md").read_text()


def test_the_readmes_picture_is_what_its_command_draws():
    """On the pages' day, with the account of `binance-wallet mock`: the same title, assets and axes."""
    day = datetime(2026, 10, 1, 12, tzinfo=UTC)
    with (
        mock.MockExchange(clock=day.timestamp) as exchange,
        binance_wallet.WalletClient(exchange.api_key, exchange.api_secret, base_url=exchange.base_url) as wallet,
    ):
        drawn = plot.picture(wallet.snapshots("SPOT", days=30), plot.PictureFormat.SVG).decode()
    written = (ROOT / "docs" / "pictures" / "spot.svg").read_text()
    texts = [re.findall(r"<text[^>]*>([^<]+)</text>", svg) for svg in (drawn, written)]
    assert len(texts[0]) > 30
    assert texts[0] == texts[1]


def test_the_demo_is_one_screen_a_thing_and_says_what_to_do_next():
    """It ignores the key, budget and archive that the reader has set."""
    names = ("BINANCE_PRIVATE_KEY", "BINANCE_BUDGET", "BINANCE_ARCHIVE", "BINANCE_RECV_WINDOW")
    environment = os.environ | dict.fromkeys(names, "/nowhere")
    command = [sys.executable, ROOT / "docs" / "demo.py"]
    demo = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert (demo.returncode, demo.stderr) == (0, "")
    assert re.findall(r"^\$ binance-wallet (.*)$", demo.stdout, re.MULTILINE) == [
        "balances --quote USDT",
        "snapshots spot --days 30 --plot",
        "snapshots futures --days 5",
        "doctor",
        "report --output build/report.html",
    ]
    assert all(len(screen.splitlines()) <= 24 for screen in demo.stdout.split("\n$ "))
    last = demo.stdout.rpartition("\n$ ")[2]
    assert "Its report is in build/report.html" in last
    title = last.rpartition('"')[0].rpartition('"')[2]
    assert f"\n## {title}\n" in (ROOT / "README.md").read_text()


def test_every_crontab_has_times_and_a_command():
    tables = [block for page in PAGES for block in blocks(page) if (block.title or "").startswith("crontab")]
    assert len(tables) >= 4
    for table in tables:
        jobs = [line for line in table.code.splitlines() if line and not re.match(r"#|\w+=", line)]
        assert jobs, table
        assert all(re.match(r"([\d*/,-]+ +){5}\S", job) for job in jobs), table


def test_no_page_has_a_placeholder():
    assert [page for page in PAGES if "PERFORMANCE_LINE" in (ROOT / page).read_text()] == []


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The built documentation; a warning fails it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "--site-dir", folder]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    return folder


def test_every_public_name_has_an_anchor_in_the_reference(site):
    pages = (page.read_text() for page in (site / "reference").glob("*.html"))
    anchors = {html.unescape(anchor) for page in pages for anchor in re.findall(r'id="(binance_wallet[\w.]*)"', page)}
    # Aliases for type hints are explained where they are used.
    types = {"Entry", "KeyType", "Kind", "Prices", "Record", "Records", "Row"}
    packages = (binance_wallet, mock, accounts, archive, export, plot, report)
    names = {f"{package.__name__}.{name}" for package in packages for name in {*package.__all__} - types}
    # Some of them are documented where they are defined, one module further down.
    found = anchors | {re.sub(r"^(binance_wallet_extras\.\w+)\.[a-z]+\.(\w+)$", r"\1.\2", name) for name in anchors}
    assert names <= found


def test_the_site_fetches_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        sources = re.findall(r'<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"', page.read_text())
        assert not [source for source in sources if re.match(r"(?:https?:)?//", source)], page


def test_links_and_anchors_work_in_the_site(site):
    pages = {page.resolve(): page.read_text() for page in site.rglob("*.html") if page.name != "404.html"}
    anchors = {page: set(re.findall(r'\bid="([^"]+)"', text)) for page, text in pages.items()}
    for page, text in pages.items():
        for link in re.findall(r'<a\b[^>]*?\bhref="([^"]+)"', text):
            path, _, anchor = html.unescape(link).partition("#")
            if re.match(r"\w+:", link) or path in {"", "."}:
                continue
            target = (page.parent / unquote(path)).resolve()
            assert target.exists(), (page, link)
            assert not anchor or target not in anchors or anchor in anchors[target], (page, link)


def test_the_reference_shows_the_fields_and_values_of_each_entry(site):
    """Fields of records, members of enumerations, and what an alias stands for."""
    missing = []
    for page in (site / "reference").glob("*.html"):
        text = page.read_text()
        for name in re.findall(r'<h2 id="(binance_wallet[\w.]+)"', text):
            found = locate(name)
            if isinstance(found, type) and (issubclass(found, Enum | tuple | msgspec.Struct) or attrs.has(found)):
                fields = found.__members__ if issubclass(found, Enum) else found.__annotations__
                anchors = {f"{name}.{field}" for field in fields if field[0] != "_"}
                missing += [anchor for anchor in anchors if f'id="{anchor}"' not in text]
            elif isinstance(found, UnionType) or get_args(found):
                signature = text.split(f'id="{name}"')[1].split("</pre>")[0]
                missing += [] if " = " in re.sub(r"<[^>]+>", "", signature) else [name]
    assert not missing
