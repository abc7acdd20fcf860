#!/usr/bin/env python3
"""Runs a command, whose standard output is dropped; prints its exit status, seconds and peak resident memory in MB as JSON.

usage: measure.py COMMAND [ARG...]
A process of its own, and a small one: what a parent holds when it forks counts in the peak of its child.
"""
import json
import os
import sys
import time

start = time.perf_counter()
child = os.fork()
if child == 0:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.execvp(sys.argv[1], sys.argv[1:])
_, status, usage = os.wait4(child, 0)
print(json.dumps(dict(status=os.waitstatus_to_exitcode(status), seconds=round(time.perf_counter() - start, 2),
                      peak_mb=round(usage.ru_maxrss / 1024, 1))))
