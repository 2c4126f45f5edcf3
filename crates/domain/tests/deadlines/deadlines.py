"""Deadlines once more, written from the rules and not from the program, to see whether the two agree.

Usage: deadlines.py CALENDARS < cases > answers
A case is a line of JSON: start, days, unit ("working" or "natural"), extended (days more), pauses ([from, until or null]).
The answer is the last day, or "-" while a pause leaves it open; "?" follows when a year without a notice was used.

The rules: the first day is not counted; the day a clock is paused counts as used, the day it goes on does not; a last
day by the calendar moves to the next day on which offices are open; a year without a notice counts weekends only.
"""

import json
import sys
import tomllib
from datetime import date, timedelta
from pathlib import Path

ONE = timedelta(days=1)


def read(folder):
    off, work, years = set(), set(), set()
    for path in Path(folder).glob("*.toml"):
        notice = tomllib.loads(path.read_text())
        years.add(notice["year"])
        for holiday in notice.get("off", []):
            day, last = date.fromisoformat(holiday["from"]), date.fromisoformat(holiday["to"])
            while day <= last:
                off.add(day)
                day += ONE
        work |= {date.fromisoformat(one["on"]) for one in notice.get("work", [])}
    return off, work, years


class Clock:
    def __init__(self, notices, case):
        self.off, self.work, self.years = notices
        self.start = date.fromisoformat(case["start"])
        self.wanted = case["days"] + case["extended"]
        self.working = case["unit"] == "working"
        self.stops = [(date.fromisoformat(a), date.fromisoformat(b) if b else date.max) for a, b in case["pauses"]]

    def open(self, day):
        return day in self.work or (day not in self.off and day.isoweekday() < 6)

    def runs(self, day):
        return not any(start < day <= end for start, end in self.stops)

    def uses_up(self, day):
        return self.runs(day) and (self.open(day) or not self.working)

    def last_day(self):
        """The days that may be the last one, one after another, until one of them is."""
        # An open pause leaves nothing to count after it.
        horizon = max([self.start] + [a for a, _ in self.stops] + [b for _, b in self.stops if b != date.max])
        horizon += timedelta(days=30 + 4 * self.wanted)
        days = [self.start + ONE * n for n in range((horizon - self.start).days)]
        reached = self.start
        if self.wanted:
            counted = [day for day in days[1:] if self.uses_up(day)]
            if len(counted) < self.wanted:
                return "-"
            reached = counted[self.wanted - 1]
        for day in days:
            if day >= reached and self.open(day) and self.runs(day):
                return self.said(reached, day)
        return "-"

    def said(self, reached, last):
        # Which days were looked up in a notice: all that were counted, or only those around the last one.
        first = self.start + ONE if self.working and self.wanted else reached
        used = {first.year + n for n in range(last.year - first.year + 1)}
        return last.isoformat() + ("" if used <= self.years else "?")


def main():
    notices = read(sys.argv[1])
    for line in sys.stdin:
        print(Clock(notices, json.loads(line)).last_day())


main()
