"""The days that an update asks for, gaps, and responses of another account."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from archive_steps import DAY, parsed, snapshot_json, snapshots
from binance_wallet_extras.archive import ArchiveError, Gap
from binance_wallet_extras.archive.plan import changes, days_to_ask, gaps
from binance_wallet_mock import Account
from hypothesis import given
from hypothesis import strategies as st

TODAY = date(2026, 3, 31)
YESTERDAY = TODAY - DAY
OURS, THEIRS = Account(seed=1, assets=3), Account(seed=2, assets=3)


def days(first, last):
    return [first + n * DAY for n in range((last - first).days + 1)]


def test_an_empty_archive_asks_for_all_that_the_exchange_has():
    assert days_to_ask(None, set(), TODAY) == 30


def test_a_complete_archive_asks_for_nothing():
    assert days_to_ask(date(2020, 1, 1), {*days(TODAY - 30 * DAY, YESTERDAY)}, TODAY) is None


def test_an_archive_of_yesterday_asks_for_the_fewest_days_that_a_call_may_ask_for():
    assert days_to_ask(date(2020, 1, 1), {*days(TODAY - 30 * DAY, TODAY - 2 * DAY)}, TODAY) == 7


def test_a_gap_that_the_exchange_still_serves_is_asked_for():
    recorded = {*days(TODAY - 30 * DAY, YESTERDAY)} - {TODAY - 20 * DAY}
    assert days_to_ask(date(2020, 1, 1), recorded, TODAY) == 26  # and six days before it, to compare


def test_a_recorded_day_that_is_not_over_asks_because_the_clock_must_be_wrong():
    first = TODAY - 30 * DAY
    assert days_to_ask(first, {*days(first, TODAY)}, TODAY) == 7
    assert days_to_ask(TODAY + 300 * DAY, {*days(TODAY + 300 * DAY, TODAY + 330 * DAY)}, TODAY) == 7


def test_days_before_the_first_record_are_not_asked_for_again():
    """The update that added the first record has asked for them."""
    first = TODAY - 10 * DAY
    assert days_to_ask(first, {*days(first, YESTERDAY)}, TODAY) is None


@given(st.dates(date(2019, 1, 1), date(2040, 1, 1)), st.sets(st.integers(1, 60)))
def test_one_call_covers_every_missing_day_that_the_exchange_serves(today, ago):
    recorded = {today - n * DAY for n in ago}
    first = min(recorded, default=None)
    wanted = {day for day in days(today - 30 * DAY, today - DAY) if day not in recorded and (not first or day > first)}
    asked = days_to_ask(first, recorded, today)
    assert (asked is None) == (not wanted)
    if asked:
        assert 7 <= asked <= 30
        assert wanted <= {*days(today - asked * DAY, today - DAY)}


def test_a_month_and_a_half_without_updates_loses_the_days_that_are_older_than_a_month():
    recorded = days(date(2026, 1, 1), date(2026, 1, 31))
    assert gaps(recorded, date(2026, 3, 17)) == [
        Gap(date(2026, 2, 1), date(2026, 2, 14), lost=True),
        Gap(date(2026, 2, 15), date(2026, 3, 16), lost=False),
    ]


def test_a_gap_has_as_many_days_as_are_missing():
    [gap] = gaps([date(2026, 3, 20), *days(date(2026, 3, 24), YESTERDAY)], TODAY)
    assert gap.days == 3


def test_an_archive_that_is_complete_up_to_yesterday_has_no_gap():
    assert gaps(days(date(2020, 1, 1), YESTERDAY), TODAY) == []


def test_days_before_the_first_record_are_no_gap():
    assert gaps([YESTERDAY], TODAY) == []


def test_a_record_of_tomorrow_gives_no_gap():
    """After the clock was set back, say."""
    assert gaps([TODAY + DAY], TODAY) == []


@given(st.dates(date(2019, 1, 1), date(2040, 1, 1)), st.sets(st.integers(1, 100), min_size=1))
def test_each_day_since_the_first_is_recorded_or_in_one_gap(today, ago):
    recorded = sorted(today - n * DAY for n in ago)
    in_gaps = [day for gap in gaps(recorded, today) for day in days(gap.first, gap.last)]
    assert sorted(recorded + in_gaps) == days(recorded[0], today - DAY)
    assert all(gap.lost == (gap.last < today - 30 * DAY) for gap in gaps(recorded, today))


def test_the_29th_of_february_is_a_day():
    assert gaps([date(2028, 2, 28), date(2028, 3, 1)], date(2028, 3, 2)) == [
        Gap(date(2028, 2, 29), date(2028, 2, 29), lost=False)
    ]


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Kiritimati"])
@pytest.mark.parametrize("year", [2026, 2027])
def test_days_are_whole_days_of_utc_where_clocks_change(zone, year):
    """A record at the end of each day of a year is one record a day, whatever the local day is."""
    ends = [datetime(year, 1, 1, 23, 59, 59, tzinfo=UTC) + n * DAY for n in range(365)]
    local = [end.astimezone(ZoneInfo(zone)) for end in ends]
    assert len({end.astimezone(UTC).date() for end in local}) == 365
    assert gaps([end.astimezone(UTC).date() for end in local], date(year + 1, 1, 1)) == []


def test_the_same_content_changes_nothing():
    found = snapshots(OURS, "SPOT", TODAY - 7 * DAY, YESTERDAY)
    known = {each.update_time.date(): [each] for each in found}
    assert changes(found, known, TODAY).added == []
    assert changes(found, known, TODAY).corrected == []


def test_another_order_of_assets_and_other_zeros_are_the_same_content():
    record = snapshot_json(OURS, "SPOT", YESTERDAY)
    [before] = parsed([record])
    record["data"]["balances"].reverse()
    record["data"]["totalAssetOfBtc"] += "000"
    assert changes(parsed([record]), {YESTERDAY: [before]}, TODAY).corrected == []


def test_other_content_of_a_few_days_is_a_correction():
    recorded = snapshots(OURS, "SPOT", TODAY - 7 * DAY, TODAY - 2 * DAY)
    [corrected] = snapshots(THEIRS, "SPOT", TODAY - 3 * DAY, TODAY - 3 * DAY)
    found = [corrected if each.update_time == corrected.update_time else each for each in recorded]
    found += snapshots(OURS, "SPOT", YESTERDAY, YESTERDAY)
    changed = changes(found, {each.update_time.date(): [each] for each in recorded}, TODAY)
    assert changed.corrected == [corrected]
    assert [each.update_time.date() for each in changed.added] == [YESTERDAY]


def test_a_correction_that_is_known_is_not_seen_again():
    [before], [after] = (snapshots(each, "SPOT", YESTERDAY, YESTERDAY) for each in (OURS, THEIRS))
    assert changes([after], {YESTERDAY: [before, after]}, TODAY).corrected == []


@pytest.mark.parametrize(("differing", "refused"), [(3, False), (4, True), (6, True)])
def test_an_update_is_refused_where_most_overlapping_days_differ(differing, refused):
    recorded = snapshots(OURS, "MARGIN", TODAY - 6 * DAY, YESTERDAY)
    other = snapshots(THEIRS, "MARGIN", TODAY - 6 * DAY, YESTERDAY)
    known = {each.update_time.date(): [each] for each in recorded}
    found = other[:differing] + recorded[differing:]
    if refused:
        with pytest.raises(ArchiveError, match=f"looks like another account: {differing} of 6 days"):
            changes(found, known, TODAY)
    else:
        assert changes(found, known, TODAY).corrected == other[:differing]


def test_one_day_that_differs_is_a_correction_where_no_other_day_overlaps():
    """Else an archive that has one day of the last week could never be completed."""
    [before], after = snapshots(OURS, "SPOT", YESTERDAY, YESTERDAY), snapshots(THEIRS, "SPOT", YESTERDAY, YESTERDAY)
    assert changes(after, {YESTERDAY: [before]}, TODAY).corrected == after


def test_a_day_that_is_not_over_is_left_out():
    found = snapshots(OURS, "FUTURES", YESTERDAY, TODAY)
    assert changes(found, {}, TODAY).added == found[:1]


def test_two_different_records_of_one_day_are_one_day_and_a_correction():
    found = [*snapshots(OURS, "SPOT", YESTERDAY, YESTERDAY), *snapshots(THEIRS, "SPOT", YESTERDAY, YESTERDAY)]
    changed = changes(found, {}, TODAY)
    assert (changed.added, changed.corrected) == (found[:1], found[1:])
