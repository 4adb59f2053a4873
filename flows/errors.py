"""What can go wrong, each error naming the place, what was expected and what was found."""


class ConvergenceError(Exception):
    """Base of every error this project raises on purpose."""


class UsageError(ConvergenceError):
    """A command was given something it cannot use (exit code 2)."""


class FetchError(ConvergenceError):
    """A page could not be fetched: bad address, bad status, too large, too slow."""


class TransientFetchError(FetchError):
    """The server was busy or broke off; the next try may succeed."""


class NoNetwork(FetchError):
    """The host cannot be reached from here; the source is skipped, not failed."""


class RobotsForbidden(FetchError):
    """robots.txt forbids the page; the source is skipped, not failed."""


class Unequipped(FetchError):
    """What the source needs is not here (a key, a browser); it is skipped, not failed, and the text says what to do."""


class PageError(ConvergenceError):
    """A page does not hold what its reader needs; the text says where, what was expected and what was found."""

    def __init__(self, place: str, expected: str, found: str) -> None:
        """Keep the three parts, so that reports can show them apart."""
        self.place, self.expected, self.found = place, expected, found
        super().__init__(f"{place}: expected {expected}; found {found}")


class LayoutChanged(PageError):
    """The page changed its shape: a heading, a table, a column or a unit is not as the source declares."""


class BlockedPage(PageError):
    """A gate answered in place of the page: a challenge, a consent wall, an access-denied page."""


class BadRow(PageError):
    """One row cannot be read; it goes to quarantine, the others go on."""


class ToleranceExceeded(ConvergenceError):
    """More rows of a capture failed validation than its source tolerates."""


class StaleSource(ConvergenceError):
    """A source has not been captured for longer than its cadence allows."""


class WarehouseError(ConvergenceError):
    """The warehouse cannot be used: read-only, disk full, damaged."""


class LayoutVersionError(WarehouseError):
    """The store was made by another layout version of this program."""


class WarehouseLocked(ConvergenceError):
    """Another run holds the warehouse (exit code 4)."""


class BuildFailed(ConvergenceError):
    """A model or one of its tests failed; the last published snapshot stands."""
