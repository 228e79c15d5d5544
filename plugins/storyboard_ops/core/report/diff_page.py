"""Render the page that shows what changed between two datasets, with pictures before and after."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from storyboard_ops.core.dataset.diff import (
    DatasetDiff,
    PicturePair,
    Wording,
    diff_words,
)
from storyboard_ops.core.report.contact_sheet import ShownPicture, film_name
from storyboard_ops.core.report.even_choice import evenly
from storyboard_ops.core.report.page import TALL_FROM, data_uri
from storyboard_ops.core.text.templates import page_environment
from storyboard_ops.core.text.visible import isolated
from storyboard_ops.domain.base_record import Record
from storyboard_ops.domain.image_records import ImageRecord
from storyboard_ops.domain.production_sheet import Production

#: Most changes shown of each kind, spread over the films.
MOST_SHOWN = 120

TITLES = {
    "added": ("Added", "pictures that the earlier dataset does not have"),
    "removed": ("Removed", "pictures that are no longer in the dataset"),
    "recropped": ("Recropped", "the same character in the same frame, cropped differently"),
    "reassigned": ("Reassigned", "the same picture, now assigned to another character"),
    "recaptioned": ("Recaptioned", "the same picture with a different caption"),
}


@dataclass(frozen=True)
class Change:
    """One changed picture: one view or two, and how its caption changed."""

    views: tuple[ImageRecord, ...]
    who: str
    place: str
    caption: tuple[Wording, ...]

    @property
    def letters(self) -> int:
        """Number of letters of the caption, with removed and added words."""
        return sum(len(text) for _, text in self.caption)


@dataclass(frozen=True)
class ChangeGroup:
    """All changes of one kind."""

    kind: str
    title: str
    explanation: str
    total: int
    shown: tuple[Change, ...]

    @property
    def more(self) -> int:
        return self.total - len(self.shown)


class DiffFacts(Record):
    """Data that the page shows."""

    production: Production
    earlier_run: str
    later_run: str
    diff: DatasetDiff
    thumbnails: dict[str, bytes] = {}  # WebP by image id


def change_groups(facts: DiffFacts) -> tuple[ChangeGroup, ...]:
    """Group the changes by kind, without empty groups."""
    groups = []
    for kind, (title, explanation) in TITLES.items():
        found: tuple[ImageRecord | PicturePair, ...] = getattr(facts.diff, kind)
        if found:
            shown = tuple(_change(item, facts.production) for item in evenly(found, MOST_SHOWN))
            groups.append(ChangeGroup(kind, title, explanation, len(found), shown))
    return tuple(groups)


def wanted_pictures(facts: DiffFacts) -> tuple[ShownPicture, ...]:
    """List every picture that the page shows, each once."""
    shown = {
        image.image_id: image
        for group in change_groups(facts)
        for change in group.shown
        for image in change.views
    }
    return tuple(ShownPicture(key, image.uri, "") for key, image in shown.items())


def render_diff(facts: DiffFacts, template: str, css: str) -> str:
    """Render the page; ``template`` is Jinja, ``css`` is inserted verbatim.

    The page contains the id of each picture, so that a removal of the picture finds the page.
    """
    environment = page_environment()
    environment.filters |= {"count": lambda number: f"{number:,.0f}"}
    return environment.from_string(template).render(
        facts=facts,
        diff=facts.diff,
        groups=change_groups(facts),
        tall_from=TALL_FROM,
        data_uri=lambda image: data_uri(facts.thumbnails, image.image_id),
        css=Markup(css),
    )


def _change(item: ImageRecord | PicturePair, production: Production) -> Change:
    before, after = (item, item) if isinstance(item, ImageRecord) else (item.before, item.after)
    names = [production.display_name(image.character) for image in (before, after)]
    return Change(
        views=(after,) if before.image_id == after.image_id else (before, after),
        who=" → ".join(map(isolated, dict.fromkeys(names))),
        place=f"{isolated(film_name(after.frame.video.uri))} {after.frame.timecode}",
        caption=diff_words(before.caption_text, after.caption_text),
    )
