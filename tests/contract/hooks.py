"""What schemathesis must know of this API beyond the contract: how to sign, and rules that OpenAPI cannot express."""

import os
import re
from urllib.parse import parse_qs, urlsplit

import requests
import schemathesis

from .wire import DAY, now_ms, signature


class Signed(requests.auth.AuthBase):
    """Stamps and signs requests, with the key and the secret in the environment."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Half a second ahead, which the exchange allows: so a request is in time for any recvWindow.
        request.prepare_url(request.url, {"timestamp": now_ms() + 500})
        query = urlsplit(request.url).query
        request.prepare_url(request.url, {"signature": signature(query, os.environ["BINANCE_API_SECRET"])})
        request.headers["X-MBX-APIKEY"] = os.environ["BINANCE_API_KEY"]
        return request


schemathesis.auth.set_from_requests(Signed())


@schemathesis.hook
def before_call(context, case, kwargs):
    """Bring valid times into the last month, less than 30 days apart: the exchange serves no others.

    The rule depends on today, and on both parameters together; a schema cannot say so. Nor does it list the assets.
    """
    if quote_asset := case.query.get("quoteAsset"):
        case.query["quoteAsset"] = "USDT" if isinstance(quote_asset, str) else quote_asset
    now, start, end = now_ms(), *(as_moment(case.query.get(name)) for name in ("startTime", "endTime"))
    if start is not None:
        case.query["startTime"] = start = now - 60_000 - start % (29 * DAY)
    if end is not None:
        case.query["endTime"] = now - end % (22 * DAY) if start is None else start + 1 + end % (29 * DAY)


def as_moment(value: object) -> int | None:
    """The number that goes over the wire, if it is a valid one. The tool holds it as a number or as text."""
    number = int(str(value)) if re.fullmatch(r"[0-9]{1,19}", str(value)) else 2**63
    return number if number < 2**63 else None


@schemathesis.check
def error_is_documented(context, response, case):
    """An error has one of the codes that the contract lists for its status."""
    if case.method == "GET" and response.status_code >= 400:
        node = case.operation.definition.raw["responses"][str(response.status_code)]
        node = case.operation.schema.raw_schema["components"]["responses"][node["$ref"].rpartition("/")[2]]
        documented = {example["value"]["code"] for example in node["content"]["application/json"]["examples"].values()}
        assert response.json()["code"] in documented


@schemathesis.check
def snapshots_are_those_asked_for(context, response, case):
    """All of the type, all days that end in the period, or as many of them as `limit` allows; oldest first."""
    if response.status_code == 200 and case.path.endswith("/accountSnapshot"):
        asked = {name: values[0] for name, values in parse_qs(urlsplit(response.request.url).query).items()}
        body = response.json()
        assert body["code"] == 200
        assert {record["type"] for record in body["snapshotVos"]} <= {asked["type"].lower()}
        now = now_ms()
        end = int(asked.get("endTime", now))
        start = int(asked.get("startTime", end - end % DAY - 7 * DAY))
        ends_of_days = range(start - start % DAY + DAY - 1000, min(end, now) + 1, DAY)
        period = [moment for moment in ends_of_days if moment >= start]
        times = [record["updateTime"] for record in body["snapshotVos"]]
        assert times == sorted(set(times) & set(period))
        assert len(times) == min(len(period), int(asked.get("limit", 7)))
