"""The mock exchange and the client, checked against the contract by independent tools.

- `test_mock_*`: the mock exchange serves what the contract says, to anyone.
- `test_client_*`: the client reads and sends what the contract allows, and nothing else.
- `test_spec_*`: the contract itself is complete, as documented, and compatible with the last release.
- `mutants.py`: mutation tests. They break the code one line at a time, and check that a test fails.

`make test` runs a short profile, `make contract` the full one.
"""
