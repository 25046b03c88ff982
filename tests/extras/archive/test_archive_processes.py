"""Updates that are killed, and updates at the same time."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def run(mode, url, *numbers):
    command = [sys.executable, Path(__file__).with_name("archive_processes.py"), mode, url, *map(str, numbers)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


KILLS = 200 if os.environ.get("FUZZ") else 20


@pytest.mark.timeout(300)
def test_an_update_killed_at_any_moment_leaves_each_day_whole_or_absent(sqlite_url):
    """And the next update completes the archive, however often it takes."""
    done = run("killed", sqlite_url, KILLS)
    assert done["killed"] == KILLS
    if KILLS > 20:  # of so many, some come after the first day, and some after the last one
        assert done["partly"] > 0
        assert done["completed"] > 0


def test_an_update_of_a_postgresql_archive_may_be_killed_too(postgres_url):
    assert run("killed", postgres_url, KILLS // 4)["killed"] == KILLS // 4


def test_updates_at_the_same_time_add_each_day_once(each_url):
    """They also make the archive at the same time."""
    assert run("together", each_url, 4, 2) == {"rounds": 2}
