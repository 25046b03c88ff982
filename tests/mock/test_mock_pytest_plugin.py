"""The fixture that other projects get."""

pytest_plugins = "pytester"


def test_the_fixture_is_a_fresh_exchange_for_each_test(pytester, monkeypatch):
    # However this environment has installed the plugin, the inner run loads it once, by name.
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        """
        import urllib.error
        import urllib.request

        import pytest

        @pytest.mark.parametrize("n", [1, 2])
        def test_it(mock_exchange, n):
            with pytest.raises(urllib.error.HTTPError, match="401"):
                urllib.request.urlopen(mock_exchange.base_url + "/sapi/v1/accountSnapshot")
            assert len(mock_exchange.requests) == 1
        """
    )
    result = pytester.runpytest_subprocess("-p", "binance_wallet.mock.pytest_plugin", "-W", "error")
    result.assert_outcomes(passed=2)
