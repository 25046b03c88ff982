"""The page as a file: its languages, its size, and that nothing gets into it."""

import base64
import hashlib
import re
import runpy
import string
import tomllib
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest
from binance_wallet_extras.report import Language
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import DAY, ago, futures, page_of, spot, table, tables, texts, wallets

BENCH = Path(__file__).parents[3] / "bench"
MARKUP = "</title><script>alert(1)</script><img src=x onerror=alert(2)>&amp;"


def catalogue():
    return tomllib.loads(files("binance_wallet_extras.report").joinpath("strings.toml").read_text())


def _markup(page):
    """The page without its scripts and its style."""
    return re.sub(r"<(script|style)\b.*?</\1>", "", page, flags=re.DOTALL)


def test_the_title_is_text():
    page = page_of([spot(DAY)], title=MARKUP)

    assert texts(page, "h1") == texts(page, "title") == [MARKUP]
    assert "<script>alert" not in page


@pytest.mark.parametrize("name", ["<script>", "</script><script>alert(1)</script>", '"onload="alert(1)', "{{ 7 * 7 }}"])
def test_names_of_assets_and_wallets_are_text(name):
    page = page_of([spot(DAY, **{name: "1"})], wallets(**{name: "1"}))

    assert table(page, "Held at the end of")[0][0] == name
    assert table(page, "Each wallet")[0][0] == name


HOSTILE = {
    "a\x1b]0;b\x07": r"a\x1b]0;b\x07",
    "nul\0": r"nul\x00",
    "not\ufffexml": r"not\ufffexml",
    "lone\ud800": r"lone\ud800",
    "line\r\n\u2028": r"line\r\n\u2028",
    "<!-- <script> ]]> &amp; -->": "<!-- <script> ]]> &amp; -->",
    "back\\": "back\\",
    'back\\"quote': 'back\\"quote',
    "constructor": "constructor",
    "__proto__": "__proto__",
    "toString": "toString",
    "A" * 10_000: "A" * 10_000,
}
"""Names from outside, and how they are shown."""


def test_names_that_do_something_are_shown_and_do_nothing():
    names = dict.fromkeys(HOSTILE, "1")

    page = page_of(
        [spot(day, **names) for day in (ago(1), DAY)] + [futures(day, **names) for day in (ago(1), DAY)],
        wallets(**names),
        quote_asset="US\x1bD",
        title="caf\udce9 \0",
    )

    assert [row[0] for row in table(page, "Held at the end of")] == [*HOSTILE.values()]
    assert [row[0] for row in table(page, "Each wallet")][:-1] == [*HOSTILE.values()]
    assert texts(page, "h1") == [r"caf\udce9 \x00"]
    page.encode()
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]", _markup(page))
    [embedded] = re.findall(r'id="data">(.*?)</script>', page)
    assert not re.search("[<>&\u2028\u2029]", embedded)


def test_names_that_look_the_same_are_two_rows():
    page = page_of([spot(DAY, **{"\x1b": "1", r"\x1b": "2"})], wallets(**{"\x1b": "1", r"\x1b": "2"}))

    assert [row[1] for row in table(page, "Held at the end of")] == ["1", "2"]
    assert [row[1] for row in table(page, "Each wallet")] == ["2", "1", "3"]


NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], exclude_characters="\ufffe\uffff"), min_size=1
)


@settings(max_examples=5, deadline=None)
@given(names=st.lists(NAMES, min_size=20, unique=True))
def test_any_name_is_shown_as_it_is(names):
    page = page_of([spot(DAY, **dict.fromkeys(names, "1"))])

    assert [row[0] for row in table(page, "Held at the end of")] == names


def test_the_policy_allows_what_is_in_the_page_and_nothing_else():
    page = page_of([spot(DAY)])

    [policy] = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    rules = {name: values for name, *values in map(str.split, policy.replace("&#39;", "'").split(";"))}
    blocks = re.findall(r"<(script|style)>(.*?)</\1>", page, re.DOTALL)
    hashes = defaultdict(list)
    for kind, content in blocks:
        hashes[f"{kind}-src"].append(f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'")
    nothing = {rule: ["'none'"] for rule in ("default-src", "base-uri", "form-action")}
    assert rules == {**nothing, **hashes}


def test_the_page_links_to_nothing():
    links = re.findall(r"""<[a-z][^<>]*\s(?:src|href)\s*=\s*["']?([^\s"'>]*)""", _markup(page_of([spot(DAY)])))
    assert links == ["#report"]


@pytest.mark.parametrize("entry", sorted(catalogue()))
def test_each_text_is_there_in_every_language_with_the_same_values(entry):
    translations = catalogue()[entry]

    assert translations.keys() == {*Language}
    fields = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in translations.values()]
    assert all(each == fields[0] for each in fields)


def test_no_text_is_left_over():
    package = files("binance_wallet_extras.report")
    sources = [each.read_text() for each in package.iterdir() if each.name.endswith(".py")]
    sources.append(package.joinpath("page", "page.html.jinja").read_text())
    code = "".join(sources)
    made_up = {f"{account}{suffix}" for account in ("spot", "margin", "futures") for suffix in ("", "_value")}
    parts, forms = ("wallets", "accounts"), ("all_{}", "name_of_{}", "each_of_{}", "{}_over_time")
    made_up |= {form.format(part) for part in parts for form in forms}
    assert {key for key in catalogue() if f'"{key}"' not in code and f"'{key}'" not in code} <= made_up


def test_the_page_speaks_chinese():
    page = page_of([spot(DAY)], wallets(Spot="1"), language="zh")

    assert '<html lang="zh-CN">' in page
    assert texts(page, "h1") == ["钱包报告"]
    english = re.findall(
        r">([^<>]*[A-Za-z]{3,}[^<>]*)<", page.partition('<script type="application/json"')[0].partition("<body>")[2]
    )
    assert {word for text in english for word in re.findall("[A-Za-z-]{3,}", text)} <= {
        "BTC", "Spot", "UTC", "JavaScript", "binance-wallet",
    }  # fmt: skip


def test_the_chinese_page_names_the_end_of_a_day_as_bookkeepers_do():
    page = page_of([futures(ago(1), USDT="1"), futures(DAY, ("BTCUSDT", "1", "7000", "7100"), USDT="2")], language="zh")

    captions = [*tables(page)]
    assert f"{DAY} 日终持仓" in captions
    assert f"{ago(1)} 日终至 {DAY} 日终的数量变化" in captions
    assert "结束" not in "".join(captions)


@pytest.mark.parametrize(
    ("environment", "language"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_TW.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
    ],
)
def test_the_language_follows_the_locale(environment, language):
    assert Language.of(environment) == language


def test_a_year_takes_less_than_two_megabytes():
    page = runpy.run_path(str(BENCH / "page.py"))["year"]()

    assert len(page.encode()) < 2_000_000
