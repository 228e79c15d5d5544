"""Base class of all sections of settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from storyboard_ops.domain.base_record import Record

if TYPE_CHECKING:
    from storyboard_ops.domain.storyboard.frame_rate import FrameRate


class Settings(Record):
    """Parameters of a run: one section, or the combined sections of a DAG.

    A DAG's settings inherit from its sections. Pydantic takes the fields of the last base first, so
    the sections are named in the reverse order of the form.
    """

    if TYPE_CHECKING:  # Every DAG picks ProductionSection and LossSection, whose fields these are.

        @property
        def production(self) -> str: ...

        @property
        def workspace(self) -> str: ...

        @property
        def max_lost_share(self) -> float: ...

        @property
        def draws(self) -> bool: ...

        @property
        def rate(self) -> FrameRate: ...
