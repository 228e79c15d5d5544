"""The panel board of a run: validate what people choose, log it, and say what publishing costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from storyboard_ops.core.storyboard.choosing.apply import repeats_picture
from storyboard_ops.core.storyboard.choosing.state import BoardState, fold
from storyboard_ops.domain.error_tree import ObjectMissing, ReviewRefused
from storyboard_ops.domain.object_keys import S3Uri, run_key
from storyboard_ops.domain.settings.model import MOST_REDRAWS
from storyboard_ops.domain.storyboard.panel_board import (
    ChoiceBatch,
    ChoiceEntry,
    LoggedChoice,
    PanelState,
    PublishRequest,
    StartedRun,
)
from storyboard_ops.domain.utc_time import iso_millis
from storyboard_ops.steps.run.tool_box import ToolBox
from storyboard_ops.steps.storyboard.choosing.board import (
    THUMBS,
    LaidOut,
    board_document,
    load_panels,
)
from storyboard_ops.steps.storyboard.choosing.carry import choice_log
from storyboard_ops.steps.storyboard.choosing.publish import DRAWING_DAG, Price, plan_run, price_run

#: Tries to save when others save first; then the save is refused.
ATTEMPTS = 20


def open_panel_desk(tools: ToolBox[Any]) -> PanelDesk:
    """Open the panel board of a run; raises ObjectMissing before it is laid out."""
    return PanelDesk(tools, load_panels(tools))


class PanelDesk:
    """A panel board, as its log records it. Safe for concurrent use by threads and processes."""

    def __init__(self, tools: ToolBox[Any], board: LaidOut) -> None:
        self.board = board
        self._tools = tools
        self._log = choice_log(tools)
        self._known = BoardState()
        self._lock = Lock()

    def document(self) -> dict[str, Any]:
        """Build the document that the page shows, see ``board_document``."""
        return board_document(self._tools.production, self.board)

    def state(self) -> BoardState:
        """Return the current state; reads only what was added since the last call."""
        with self._lock:
            self._known = fold(self._log.entries(after=self._known.version), self._known)
            return self._known

    def history(self, panel_id: str) -> tuple[PanelState, ...]:
        """Return what was wanted of a panel, in order; raises ObjectMissing for an unknown one."""
        if panel_id not in self.board.by_key:
            raise ObjectMissing(f"Panel {panel_id} is not on this board.")
        return self.state().history.get(panel_id, ())

    def link(self, digest: str, small: bool, seconds: int) -> str:
        """Return a link to a picture of the board, valid for this many seconds.

        ``small``: to its thumbnail, where there is one. Raises ObjectMissing for any other picture,
        and for one outside the workspace, even if the board names it.
        """
        uri = self.board.pictures.get(digest)
        if uri is None:
            raise ObjectMissing(f"Picture {digest[:12]} is not on this board.")
        place, root = S3Uri.parse(uri), self._tools.workspace.root
        if not uri.startswith((f"{root / 'runs'}/", f"{root / 'library'}/")):
            raise ObjectMissing("A picture of this board is outside the runs and the library.")
        thumb = self._tools.run_root / f"{THUMBS}/{digest}.jpg"
        if small and self._tools.objects.head(thumb) is not None:
            place = thumb
        return self._tools.objects.link(place, seconds)

    def picture_origin(self) -> str:
        """Return the scheme and host of links, e.g. ``https://bucket.s3.amazonaws.com``."""
        link = urlsplit(self._tools.objects.link(self._tools.workspace.root / "x", 1))
        return f"{link.scheme}://{link.netloc}"

    def price(self, state: BoardState) -> Price:
        """Return what publishing costs now, by the price table of the run's region."""
        planned = plan_run(self._tools, self.board, state)
        return price_run(self._tools, self.board.board, planned)

    def save(self, person: str, batch: ChoiceBatch) -> BoardState:
        """Add a batch of choices as a whole; raises ReviewRefused and adds none of it."""

        def make_entry(state: BoardState) -> ChoiceEntry:
            self._refuse_used_or_closed(state, batch.id)
            for choice in batch.choices:
                self._refuse_impossible(choice)
            _refuse_stale(state, state.stale(batch.choices))
            _refuse_too_many(state, batch.choices)
            return self._make_entry(state, batch.id, "choices", person, choices=batch.choices)

        return self._add(make_entry)

    def publish(self, person: str, request: PublishRequest) -> BoardState:
        """Close the board with the run that publishes it; raises ReviewRefused when it has changed.

        Nothing is started here: the page starts the run, with the permissions of its user.
        """

        def make_entry(state: BoardState) -> ChoiceEntry:
            self._refuse_used_or_closed(state, request.id)
            if request.based_on != state.version:
                _refuse_stale(state, state.since(request.based_on))
            price = self.price(state)
            if (request.redraws, request.usd) != (len(state.redraws), price.usd):
                raise ReviewRefused(
                    "consent",
                    f"Publishing draws {len(state.redraws)} panels again and costs about "
                    f"{price.usd:,.2f} USD now. Agree to that.",
                    price=price.model_dump(mode="json"),
                )
            if price.unpriced:
                raise ReviewRefused("consent", price.unpriced, price=price.model_dump(mode="json"))
            run = self._started_run(state, price)
            return self._make_entry(state, request.id, "publish", person, run=run)

        return self._add(make_entry)

    def reopen(self, person: str) -> BoardState:
        """Reopen a published board with its choices; raises ReviewRefused when it is open."""

        def make_entry(state: BoardState) -> ChoiceEntry:
            if state.closed is None:
                raise ReviewRefused("open", "The board is open already.", version=state.version)
            return self._make_entry(state, str(uuid4()), "reopen", person)

        return self._add(make_entry)

    def _started_run(self, state: BoardState, price: Price) -> StartedRun:
        """Name the run by the board and the version of its log, so that it is started once."""
        run_id = f"panels__{self._tools.run_key}__{state.version + 1}"
        settings = plan_run(self._tools, self.board, state)
        return StartedRun(
            dag_id=DRAWING_DAG,
            run_id=run_id,
            run_key=run_key(DRAWING_DAG, run_id),
            conf=settings.model_dump(mode="json", exclude_defaults=True),
            usd=price.usd,
        )

    def _add(self, make_entry: Callable[[BoardState], ChoiceEntry]) -> BoardState:
        for _ in range(ATTEMPTS):
            if self._log.add(make_entry(self.state())):
                return self.state()
        raise ReviewRefused(
            "busy", "Too many people are saving at the moment. Your choices are kept: save again."
        )

    def _make_entry(
        self, state: BoardState, entry_id: str, kind: str, person: str, **facts: Any
    ) -> ChoiceEntry:
        entry = {"version": state.version + 1, "id": entry_id, "kind": kind, "reviewer": person}
        at = iso_millis(self._tools.clock())
        return ChoiceEntry.model_validate({**entry, "at": at, **facts})

    def _refuse_used_or_closed(self, state: BoardState, entry_id: str) -> None:
        if entry_id in state.used_ids:
            raise ReviewRefused("repeated", "This is already saved.", version=state.version)
        if state.closed:
            raise ReviewRefused(
                "closed",
                f"{state.closed.by} published this board. Choose on the board of the run "
                f"{state.closed.run.run_id}, or reopen this one.",
                closed=state.closed.model_dump(mode="json"),
            )

    def _refuse_impossible(self, choice: LoggedChoice) -> None:
        panel = self.board.by_key.get(choice.panel_id)
        if panel is None:
            raise _unknown(f"Panel {choice.panel_id} is not on this board.")
        known = {one.sha256 for one in panel.choosable}
        if choice.candidate and choice.candidate not in known:
            raise _unknown(
                f"Picture {choice.candidate[:12]} is not a candidate of panel {choice.panel_id}."
            )
        if choice.decision == "choose" and not choice.candidate:
            raise _unknown(f"No candidate of panel {choice.panel_id} is named.")
        asks = bool(choice.note or choice.reference) or choice.seed is not None
        if asks and choice.decision != "redraw":
            raise _unknown(f"Panel {choice.panel_id} has a note, but is not to be drawn again.")
        if choice.reference and choice.reference not in self.board.references:
            raise _unknown(
                f"Picture {choice.reference[:12]} is not a reference picture of this board."
            )
        if choice.reference and self.board.board.no_references:
            raise _unknown(self.board.board.no_references)
        if repeats_picture(panel, choice.seed, choice.note, choice.reference):
            raise _unknown(
                f"Panel {choice.panel_id} has a picture with seed {choice.seed} already. Choose "
                "another seed, or add a note."
            )


def _unknown(message: str) -> ReviewRefused:
    return ReviewRefused("unknown", message)


def _refuse_too_many(state: BoardState, choices: Sequence[LoggedChoice]) -> None:
    wanted = {key: one.decision for key, one in state.panels.items()}
    wanted |= {one.panel_id: one.decision for one in choices}
    count = list(wanted.values()).count("redraw")
    if count > MOST_REDRAWS:
        raise _unknown(
            f"{count} panels would be drawn again; one run draws at most {MOST_REDRAWS}. Publish "
            "those first."
        )


def _refuse_stale(state: BoardState, theirs: dict[str, PanelState]) -> None:
    if theirs:
        names = ", ".join(sorted({one.reviewer for one in theirs.values()}))
        raise ReviewRefused(
            "stale",
            f"{names} decided about {len(theirs)} of these panels in the meantime.",
            version=state.version,
            decisions={key: one.model_dump(mode="json") for key, one in theirs.items()},
        )
