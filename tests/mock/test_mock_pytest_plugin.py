"""The fixture that other projects get."""

import pytest

pytest_plugins = "pytester"


@pytest.fixture
def run_test_file(pytester, monkeypatch):
    """Run a test file as another project would."""
    # However this environment has installed the plugin, the inner run loads it once, by name.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")

    def run_test_file(code):
        pytester.makepyfile(code)
        options = ("-p", "binance_wallet_mock.pytest_plugin", "-W", "error", "--strict-markers")
        return pytester.runpytest_subprocess(*options)

    return run_test_file


def test_the_fixture_is_a_fresh_exchange_for_each_test(run_test_file):
    result = run_test_file(
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


def test_marks_give_it_options_and_the_closest_wins(run_test_file):
    result = run_test_file(
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
def test_a_mark_that_makes_no_sense_is_an_error(run_test_file, mark, message):
    result = run_test_file(
        f"""
        import pytest

        @pytest.mark.mock_exchange{mark}
        def test_it(mock_exchange):
            pass
        """
    )
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([message])


UNUSED = """
    import urllib.error
    import urllib.request

    import pytest

    PATH = "/sapi/v1/accountSnapshot"

    def call(mock_exchange):
        with pytest.raises(urllib.error.HTTPError) as error:
            urllib.request.urlopen(mock_exchange.base_url + PATH)
        error.value.close()

    @pytest.fixture
    def failing_exchange(request):
        exchange = request.getfixturevalue("mock_exchange")
        exchange.fail(503, -1008, path="/sapi/v1/asset/wallet/balance")
        return exchange
"""


def test_a_test_that_leaves_a_fault_unused_fails_with_one_line(run_test_file):
    result = run_test_file(
        UNUSED
        + """
    def test_used(mock_exchange):
        mock_exchange.fail(503, times=3)
        call(mock_exchange)

    def test_unused(mock_exchange):
        mock_exchange.drop(times=2)
        mock_exchange.fail(503, -1008, path=PATH)

    def test_unused_of_a_fixture(failing_exchange):
        call(failing_exchange)

    @pytest.mark.xfail(strict=True, reason="its fault stays unused: this belongs to what the plugin is tried on")
    def test_expected_to_fail(failing_exchange):
        pass

    def test_forgotten(mock_exchange):
        mock_exchange.fail()
        mock_exchange.reset()
    """
    )
    result.assert_outcomes(passed=2, failed=2, xfailed=1)  # xfailed: a test of the sample, none of ours
    said = "scripted on the mock exchange, but met by no request:"
    result.stdout.fnmatch_lines(
        [
            f"{said} drop(times=2), fail(503, -1008, path='/sapi/v1/accountSnapshot')",
            f"{said} fail(503, -1008, path='/sapi/v1/asset/wallet/balance')",
        ]
    )
    result.stdout.no_fnmatch_line("*pytest_plugin.py*")


def test_a_test_that_has_failed_or_was_skipped_has_its_own_outcome_only(run_test_file):
    result = run_test_file(
        UNUSED
        + """
    def test_failed(failing_exchange):
        assert 1 == 2

    def test_skipped(failing_exchange):
        pytest.skip("no reason")

    def test_stopped(failing_exchange):
        raise KeyError("mine")
    """
    )
    result.assert_outcomes(failed=2, skipped=1)
    result.stdout.no_fnmatch_line("*met by no request*")
