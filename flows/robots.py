"""robots.txt as RFC 9309 has it, read by protego; the standard library's parser knows no wildcards and takes the first rule."""

from __future__ import annotations

import re
from dataclasses import dataclass

from protego import Protego

MAX_BYTES = 512 * 1024  # RFC 9309, 2.5: at least 500 KiB are read; what is over is not


@dataclass
class Rules:
    """The rules that hold for one crawler; without a file everything is allowed."""

    product: str = "*"
    file: Protego | None = None

    def allows(self, url: str) -> bool:
        """Return whether the address may be fetched: the longest pattern decides, and of two as long the one that allows."""
        return self.file is None or self.file.can_fetch(url, self.product)

    @property
    def delay_seconds(self) -> float:
        """Seconds that the file asks to leave between requests; 0 if it does not say."""
        return 0.0 if self.file is None else self.file.crawl_delay(self.product) or 0.0


def parse(text: str, product: str) -> Rules:
    """Return the rules for a product (such as 'llm-convergence') of a robots.txt; a version after its name does not count."""
    plain = re.sub(r"(?im)^(\s*user-agent\s*:\s*[^\s/#]+)/\S*", r"\1", text.removeprefix("\ufeff"))
    return Rules(product, Protego.parse(plain))
