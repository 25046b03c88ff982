"""Snapshots come oldest first, whatever the order of the response."""

import itertools
from typing import Any

import pytest

from .bodies import FUTURES, MARGIN, SPOT, encoded
from .conftest import OpenWallet, StartServer
from .server import respond

BODIES = {"SPOT": SPOT, "MARGIN": MARGIN, "FUTURES": FUTURES}
DAY = 86_400_000
TIMES = [1_768_867_199_000 - days * DAY for days in (2, 1, 0)]


def body(kind: str, times: list[int], **more: Any) -> bytes:
    [record] = BODIES[kind]["snapshotVos"]
    return encoded({"code": 200, "snapshotVos": [{**record, "updateTime": time} for time in times]} | more)


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("times", [*itertools.permutations(TIMES)])
def test_snapshots_are_oldest_first(
    kind: Any, times: tuple[int, ...], fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    snapshots = open_wallet(fault_server(respond(body(kind, [*times]))).url, weight_limit=None).snapshots(kind)
    assert [snapshot.update_time_ms for snapshot in snapshots] == TIMES


def test_two_records_of_a_day_are_both_returned(fault_server: StartServer, open_wallet: OpenWallet) -> None:
    times = [TIMES[2], TIMES[0], TIMES[2]]
    snapshots = open_wallet(fault_server(respond(body("SPOT", times))).url).snapshots("SPOT")
    assert [snapshot.update_time_ms for snapshot in snapshots] == sorted(times)


@pytest.mark.parametrize("more", [{}, {"msg": None}, {"msg": ""}, {"msg": "success"}], ids=repr)
def test_a_message_under_success_may_be_missing_or_null(
    more: dict[str, Any], fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    assert len(open_wallet(fault_server(respond(body("MARGIN", TIMES, **more))).url).snapshots("MARGIN")) == 3


@pytest.mark.parametrize("kind", ["spot", "Spot", "SPOT"])
def test_the_type_of_a_snapshot_names_its_account(
    kind: Any, fault_server: StartServer, open_wallet: OpenWallet
) -> None:
    server = fault_server(respond(body("SPOT", TIMES)))
    assert open_wallet(server.url).snapshots(kind)
    assert server.requests[0].parameters["type"] == "SPOT"
