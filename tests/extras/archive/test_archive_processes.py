"""Updates that are killed, and updates at the same time."""

import json
import subprocess
import sys
from pathlib import Path

import pytest


def run(mode, url, *numbers):
    command = [sys.executable, Path(__file__).with_name("archive_processes.py"), mode, url, *map(str, numbers)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.timeout(300)
def test_an_update_killed_at_any_of_200_moments_leaves_each_day_whole_or_absent(sqlite_url):
    """And the next update completes the archive, however often it takes."""
    done = run("killed", sqlite_url, 200)
    assert done["killed"] == 200
    assert done["partly"] > 0  # the moments were not all before the first day or after the last one
    assert done["completed"] > 0


def test_an_update_of_a_postgresql_archive_may_be_killed_too(postgres_url):
    assert run("killed", postgres_url, 10)["killed"] == 10


def test_updates_at_the_same_time_add_each_day_once(url):
    """They also make the archive at the same time."""
    assert run("together", url, 4, 5) == {"rounds": 5}
