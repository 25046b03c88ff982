#!/usr/bin/env bash
# schemathesis against the mock exchange, each as people run it. Further arguments go to `schemathesis run`.
set -euo pipefail
cd "$(dirname "$0")/../.."
unset BINANCE_API_KEY BINANCE_API_SECRET  # with them, the mock would take those and name none

# The weight limit is not what is tested here: with the real one, nearly all responses would be 429.
coproc mock { exec .venv/bin/binance-wallet mock --port 0 --weight-limit 1000000000000; }
trap 'kill "$mock_PID"' EXIT
# It says what a shell needs to know of it; the secret comes last.
while read -r line <&"${mock[0]}"; do
    eval "$line"
    [[ $line == *SECRET* ]] && break
done

PYTHONPATH=tests SCHEMATHESIS_HOOKS=contract.hooks .venv/bin/schemathesis \
    --config-file tests/contract/schemathesis.toml \
    run spec/openapi.yaml --url "$BINANCE_BASE_URL" \
    --report junit,har --report-junit-path build/contract-cli.xml --report-har-path build/contract-cli.har \
    ${CONTRACT_SEED:+--seed "$CONTRACT_SEED"} "$@"
