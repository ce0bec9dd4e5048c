"""What an append costs that reads all, adds one, and writes the summary: the way of the Python implementation.

Arguments: log, summary, repetitions. Prints the median in milliseconds. Flushes as often as the store does.
"""

import json
import os
import statistics
import sys
import time

log, summary, repetitions = sys.argv[1], sys.argv[2], int(sys.argv[3])


def append(record):
    with open(log, encoding="utf-8") as file:
        records = [json.loads(line) for line in file if line.strip()]
    with open(log, "a", encoding="utf-8") as file:
        file.write(json.dumps(record, sort_keys=True) + "\n")
        file.flush()
        os.fdatasync(file.fileno())
    records.append(record)
    scores = [r["quality_score"] for r in records if "quality_score" in r]
    figures = {
        "execution_count": len(records),
        "success_rate": round(sum(1 for r in records if r["success"]) / len(records), 3),
        "avg_quality_score": round(sum(scores) / len(scores), 3) if scores else 0.0,
    }
    with open(summary, "w", encoding="utf-8") as file:
        json.dump(figures, file, indent=2, sort_keys=True)


times = []
for _ in range(repetitions):
    begun = time.perf_counter()
    append({"agent": "reviewer", "success": True, "quality_score": 0.5, "timestamp": "2026-11-22T10:00:00Z"})
    times.append((time.perf_counter() - begun) * 1000)
print(statistics.median(times))
