"""Credit schedules as vendors print them, each with its source.

Percentages are in thousandths, so that the tests can judge them with whole numbers. Documents were
read in November 2026 as stored copies; the date of a version is that of the vendor.
"""

from __future__ import annotations

from typing import NamedTuple

Tiers = tuple[tuple[int, int], ...]
"""Thousandths of a percent below which so many percent are given, the mildest first."""


class Published(NamedTuple):
    """What one vendor gives back for which availability."""

    vendor: str
    service: str
    source: str
    tiers: Tiers
    days_to_claim: int | None = None


AVAILABILITY = (
    Published("AWS", "compute", "aws.amazon.com/compute/sla, 2022-05-05",
              ((99_990, 10), (99_000, 30), (95_000, 100))),
    Published("AWS", "documentdb", "aws.amazon.com/documentdb/sla, 2025-05-01",
              ((99_900, 10), (99_000, 25), (95_000, 100))),
    Published("Microsoft", "azure storage", "azure.microsoft.com, SLA for Storage Accounts",
              ((99_900, 10), (99_000, 25))),
    Published("Microsoft", "azure vm", "azure.microsoft.com, SLA for Virtual Machines",
              ((99_900, 10), (99_000, 25), (95_000, 100))),
    Published("Google", "compute before 2021", "cloud.google.com/compute/sla-20200407",
              ((99_990, 10), (99_000, 25), (95_000, 50))),
    Published("Google", "compute", "cloud.google.com/compute/sla",
              ((99_990, 10), (99_000, 25), (95_000, 100))),
    # Its printed bands overlap; below 99.0 the better of the two is meant.
    Published("MongoDB", "atlas", "mongodb.com/legal/sla",
              ((99_995, 10), (99_000, 25), (95_000, 100))),
    # The tier that its worked example names.
    Published("Atlassian", "premium", "atlassian.com/legal/sla/service-credits, 2024-10-07",
              ((99_900, 10),), 15),
    # With 99.0 in the upper band, where the printed table has a hole.
    Published("GitHub", "online services", "docs.github.com, Online Services SLA",
              ((99_900, 10), (99_000, 25))),
    Published("Twilio", "services", "twilio.com/legal/service-level-agreement, 2021-02-15",
              ((99_950, 10),), 30),
    Published("Twilio", "enterprise", "twilio.com/legal/service-level-agreement, 2021-02-15",
              ((99_990, 10),), 30),
    Published("Demyst", "essential services", "docs.demyst.com/docs/service-level-credits",
              ((99_900, 2), (99_000, 3), (95_000, 5))),
    Published("Digital Samba", "hosted services", "Service Level Policy at lawinsider.com",
              ((99_900, 10), (99_000, 30))),
    Published("CloudKarafka", "dedicated plans", "cloudkarafka.com/sla.html",
              ((99_950, 50),), 30),
)  # fmt: skip

# docs.github.com: 10 percent at 99.9 or less and more than 99.0, 25 percent below 99.0
GITHUB_AS_PRINTED = """
  - basis: availability
    id: github
    bands:
      - {credit: 10, above: 99.0, at_most: 99.9}
      - {credit: 25, below: 99.0}
"""

# mongodb.com/legal/sla: 25 percent below 99.5, and 10 percent from 99.0
MONGODB_AS_PRINTED = """
  - basis: availability
    id: mongodb
    bands:
      - {credit: 10, at_least: 99, below: 99.995}
      - {credit: 25, at_least: 95, below: 99.5}
      - {credit: 100, below: 95}
"""

# cockroachlabs.com, Technical Service Level Agreement: nothing is said of less than 95 percent
COCKROACH_AS_PRINTED = """
  - basis: availability
    id: cockroach
    bands:
      - {credit: 5, at_least: 99, below: 99.95}
      - {credit: 10, at_least: 97, below: 99}
      - {credit: 30, at_least: 95, below: 97}
"""

# cloudbalkan.com/service-level-agreement-sla: 12 hours of 732 for 2.17 to 59 minutes, 24 for 60 to
# 119; 59 and a half minutes are in no row
CLOUDBALKAN_AS_PRINTED = """
  - basis: downtime
    id: cloudbalkan
    bands:
      - {credit: 1, at_least: 2.17, at_most: 59}
      - {credit: 3, at_least: 60, at_most: 119}
      - {credit: 6, at_least: 120, at_most: 239}
      - {credit: 16, at_least: 240, at_most: 479}
      - {credit: 100, at_least: 480}
"""
