"""Texts from outside."""

import pytest
from binance_wallet_extras.text import first_few, plural, printable, sentences


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31m\x07\x9b", r"\x1b[31m\x07\x9b"),
        ("a\0b\r\n\t", r"a\x00b\r\n\t"),
        ("\u202egnp\u2069\u200b\ufeff", r"\u202egnp\u2069\u200b\ufeff"),
        ("\u2028\u2029\x85", r"\u2028\u2029\x85"),
        ("\ufffe\uffff\ud800", r"\ufffe\uffff\ud800"),
        (r"a\x1b", r"a\x1b"),
    ],
)
def test_characters_that_act_become_escapes(text, shown):
    assert printable(text) == shown


@pytest.mark.parametrize(
    "text", ["", "BTC", "币安人生", "基金　甲", "a\xa0b", "👩\u200d💻", "\U0010fffd", "\u0645\u06cc\u200c\u062e"]
)
def test_characters_that_only_show_stay(text):
    assert printable(text) == text


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (["no such account", "choose one"], "no such account. Choose one"),
        (["Too many requests.", "wait."], "Too many requests. Wait"),
        (["did you mean main?", "try again"], "did you mean main? Try again"),
        (["\u7b7e\u540d\u65e0\u6548\u3002", "check the secret"], "\u7b7e\u540d\u65e0\u6548\u3002 Check the secret"),
        (["not valid", "`quote` takes an asset"], "not valid. `quote` takes an asset"),
    ],
)
def test_each_part_of_a_message_is_a_sentence(parts, message):
    assert sentences(*parts) == message


@pytest.mark.parametrize(
    ("number", "shown"), [(0, "0 records"), (1, "1 record"), (2, "2 records"), (1_234_567, "1,234,567 records")]
)
def test_a_number_agrees_with_its_noun_and_has_thousands_separators(number, shown):
    assert plural(number, "record") == shown


@pytest.mark.parametrize(
    ("names", "shown"),
    [
        ("a", "a"),
        ("abcde", "a, b, c, d, e"),
        ("abcdef", "a, b, c, d, e and 1 other"),
        ("abcdefg", "a, b, c, d, e and 2 others"),
    ],
)
def test_of_many_names_a_message_has_five_and_how_many_others(names, shown):
    assert first_few([*names]) == shown
