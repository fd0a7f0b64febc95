"""What is in force in a compound, by revisions alone."""

import enum

import msgspec

from checkpoint.ids import CompoundId, Revision


class Leaf(enum.Enum):
    """What is whole, retained and has revisions; the value is the last level of its topic."""

    ROSTER = "roster"
    POLICY = "policy"
    NOTICES = "notices"


class InForce(msgspec.Struct, frozen=True, kw_only=True):
    """The revisions in force in one compound; None: there has been none."""

    compound: CompoundId
    roster_revision: Revision | None = None
    policy_revision: Revision | None = None
    notices_revision: Revision | None = None

    def revision(self, leaf: Leaf) -> Revision | None:
        """Of one leaf."""
        found: Revision | None = getattr(self, f"{leaf.value}_revision")
        return found

    @property
    def newest(self) -> int:
        """The highest of them; 0 for none."""
        return max(self.revision(leaf) or 0 for leaf in Leaf)
