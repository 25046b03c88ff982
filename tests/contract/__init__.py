"""Both sides held to the contract, by tools that neither of them has written.

- `test_mock_*`: the mock exchange serves what the contract says, to anyone.
- `test_client_*`: the client reads what the contract allows and nothing else, and sends nothing else either.
- `test_spec_*`: the contract is fit to be held to.
- `mutants.py`: proves that these tests and others bite, by breaking what they test one line at a time.

`make test` runs a short profile, `make contract` the full one.
"""
