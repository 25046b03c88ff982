"""The fixture that other projects get."""

import pytest

pytest_plugins = "pytester"


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a test file as another project would."""
    # However this environment has installed the plugin, the inner run loads it once, by name.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run(code):
        pytester.makepyfile(code)
        options = ("-p", "binance_wallet_mock.pytest_plugin", "-W", "error", "--strict-markers")
        return pytester.runpytest_subprocess(*options)

    return run


def test_the_fixture_is_a_fresh_exchange_for_each_test(run):
    result = run(
        """
        import urllib.error
        import urllib.request

        import pytest

        @pytest.mark.parametrize("n", [1, 2])
        def test_it(mock_exchange, n):
            with pytest.raises(urllib.error.HTTPError, match="401") as error:
                urllib.request.urlopen(mock_exchange.base_url + "/sapi/v1/accountSnapshot")
            error.value.close()
            assert len(mock_exchange.requests) == 1
        """
    )
    result.assert_outcomes(passed=2)


def test_marks_give_it_options_and_the_closest_wins(run):
    result = run(
        """
        import pytest
        from binance_wallet_mock import MockExchange

        pytestmark = pytest.mark.mock_exchange(seed=7, balances={"Spot": "0.5"})

        def balances(exchange):
            return exchange.account.balances("BTC", 20_000)

        def test_of_the_module(mock_exchange):
            assert balances(mock_exchange) == balances(MockExchange(seed=7, balances={"Spot": "0.5"}))

        @pytest.mark.mock_exchange(seed=8)
        class TestOfTheClass:
            @pytest.mark.mock_exchange(balances={"Spot": 2}, api_secret="mine")
            def test_of_the_test(self, mock_exchange):
                assert balances(mock_exchange) == balances(MockExchange(seed=8, balances={"Spot": 2}))
                assert mock_exchange.api_secret == "mine"
        """
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize(
    ("mark", "message"),
    [("(7)", "*takes options by name only, not (7,)*"), ("(sede=7)", "*unexpected keyword argument 'sede'*")],
)
def test_a_mark_that_makes_no_sense_is_an_error(run, mark, message):
    result = run(
        f"""
        import pytest

        @pytest.mark.mock_exchange{mark}
        def test_it(mock_exchange):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])
