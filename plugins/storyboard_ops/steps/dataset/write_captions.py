"""Caption every kept picture, and request captions with linter findings once more."""

from __future__ import annotations

import logging
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from storyboard_ops.core.dataset.caption_linter import (
    CaptionedPicture,
    CaptionFinding,
    captioned_picture,
    lint_captions,
    rules_for,
    shown_characters,
)
from storyboard_ops.core.detection.answer_parser import parse_caption
from storyboard_ops.core.pictures.codec import fitting_jpeg
from storyboard_ops.core.text.answer_forms import CAPTION_AS_JSON, caption_tool, tool_line
from storyboard_ops.core.text.prompts import Part, caption_parts, temperature_after
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.image_records import CaptionFacts, Drop, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.models.model_answers import AnswerTool
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.domain.settings.pictures import CaptionSection
from storyboard_ops.gateways.aws.call_pool import Outcome, call_in_batches
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.gateways.storage.answer_store import Bought
from storyboard_ops.gateways.storage.record_spool import RecordSpool
from storyboard_ops.steps.run.lost_share import check_lost_share
from storyboard_ops.steps.run.manifest_step import Made, find_or_make
from storyboard_ops.steps.run.progress import Progress, spending
from storyboard_ops.steps.run.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 5
CAPTION_PROMPT = "prompts/write_caption.txt"
#: Most tokens of an answer, and of the next one where it could not be used or was cut off.
CAPTION_TOKENS = 300
LONGER_CAPTION_TOKENS = 900

#: The caption of a picture, by its id.
Written = Outcome[str, CaptionedPicture]
Findings = Mapping[str, Sequence[CaptionFinding]]


def write_captions(tools: ToolBox[CaptionSection], ref: ManifestRef) -> ManifestRef:
    """Caption an "images" manifest; a picture without a usable caption is dropped with a reason.

    Raises BatchFailed when too many pictures get no caption.
    """
    prompt = include_text(CAPTION_PROMPT)
    # What is drawn later says nothing about the pictures.
    described = tools.production.model_dump(mode="json", exclude={"storyboard"})
    return find_or_make(
        tools.manifests,
        tools.run_root / "captions/images.jsonl",
        "images",
        digest_of(VERSION, ref.sha256, prompt, _model_id(tools), described),
        lambda digest: _captions(tools, ref, prompt, digest),
    )


def _model_id(tools: ToolBox[CaptionSection]) -> str:
    return tools.routes.model_id(tools.settings.caption_model_id)


def _captions(tools: ToolBox[CaptionSection], ref: ManifestRef, prompt: str, digest: str) -> Made:
    stream = partial(tools.manifests.stream, ref, ImageRecord, "images")
    with tools.booking(f"captions-{digest[:16]}"):
        total = sum(image.kept for image in stream())
        kept = (image for image in stream() if image.kept)
        progress = Progress("Wrote", total, "captions", spending(tools))
        written = _outcomes(kept, lambda image: _write(tools, prompt, image), progress.add_call)
        complaints = _complaints(written, _findings(tools, written))
        log.info("Wrote %d captions; %d are requested once more.", len(written), len(complaints))
        faulty = (image for image in stream() if image.image_id in complaints)
        again = _outcomes(
            faulty if complaints else (),
            lambda image: _write(tools, prompt, image, complaints[image.image_id]),
            Progress("Wrote", len(complaints), "captions once more", spending(tools)).add_call,
        )
    final = _choose_better(tools, written, again)
    findings = _findings(tools, final)
    outcomes = {one.item: one for one in final}
    records, lost, reasons = RecordSpool(), Counter[str](), Counter[str]()
    for image in stream():
        record = _record_caption(tools, prompt, image, outcomes, findings)
        records.append(record)
        if image.image_id in outcomes and record.dropped is not None:
            lost[record.dropped.detail] += 1
            reasons[record.dropped.reason] += 1
    check_lost_share(tools, "captions could not be written or used", len(final), lost.elements())
    summary = {
        "captions": len(final) - lost.total(),
        "asked_twice": len(complaints),
        "dropped": dict(reasons.most_common()),
    }
    return Made(records, summary)


def _outcomes(
    images: Iterable[ImageRecord],
    write: Callable[[ImageRecord], CaptionedPicture],
    progress: Callable[[Outcome[ImageRecord, CaptionedPicture]], object],
) -> list[Written]:
    """Write the caption of each picture; keeps of the pictures only their ids."""
    return [
        Outcome(one.item.image_id, one.value, one.failure)
        for one in call_in_batches(images, write, progress=progress)
    ]


@dataclass(frozen=True)
class _Question:
    """What is asked about one picture."""

    tools: ToolBox[CaptionSection]
    prompt: str
    image: ImageRecord
    picture: bytes
    complaints: Sequence[str]  # about its last caption

    @property
    def tool(self) -> AnswerTool | None:
        """The tool that the model has to call, if its service can force it to."""
        limits = self.tools.converse_limits(self.tools.settings.caption_model_id)
        return caption_tool(list(self.tools.production.names)) if limits.forces_tools else None

    @property
    def digest(self) -> str:
        facts = [part for part in self._parts() if isinstance(part, str)]
        schema = self.tool and self.tool.schema
        model = _model_id(self.tools)
        return digest_of(
            "write_caption", model, self.prompt, schema, facts, sha256_hex(self.picture)
        )

    def buy(self, faults: Sequence[str]) -> Bought:
        """Ask by tool first, then in prose and for a longer answer: that may be why it failed."""
        ask = partial(
            self.tools.runtime.converse, self.tools.settings.caption_model_id, self.prompt
        )
        if self.complaints or faults:
            parts = self._parts(faults[-1:])
            return ask(parts, LONGER_CAPTION_TOKENS, temperature=temperature_after(faults))
        last = tool_line(self.tool) if self.tool else CAPTION_AS_JSON
        return ask(self._parts(last=last), CAPTION_TOKENS, self.tool)

    def _parts(self, faults: Sequence[str] = (), last: str = CAPTION_AS_JSON) -> list[Part]:
        return caption_parts(
            self.tools.production,
            shown_characters(self.image),
            self.picture,
            [*self.complaints, *faults],
            last,
            framing=self.image.crop.framing,
        )


def _write(
    tools: ToolBox[CaptionSection], prompt: str, image: ImageRecord, complaints: Sequence[str] = ()
) -> CaptionedPicture:
    png = tools.objects.get(S3Uri.parse(image.uri))
    picture = fitting_jpeg(png, tools.converse_limits(tools.settings.caption_model_id))
    question = _Question(tools, prompt, image, picture, complaints)
    text = tools.answers.ask_rephrased(
        "bedrock.converse",
        question.digest,
        question.buy,
        about=image.image_id,
        check=parse_caption,
    )
    parsed = parse_caption(text)
    return captioned_picture(image, parsed.text, parsed.characters)


def _findings(tools: ToolBox[CaptionSection], written: Sequence[Written]) -> Findings:
    """Lint the captions; returns the findings by image id."""
    captions = [one.value for one in written if one.value is not None]
    by_image: dict[str, list[CaptionFinding]] = defaultdict(list)
    production = tools.production
    for finding in lint_captions(captions, production.characters, rules_for(production)):
        by_image[finding.image_id].append(finding)
    return by_image


def _complaints(written: Sequence[Written], findings: Findings) -> dict[str, list[str]]:
    """Return the findings to tell the model the second time; none for an unusable answer.

    What was wrong with that is kept with its question, which is asked again in other words.
    """
    faulty = {
        image_id: [finding.message for finding in found] for image_id, found in findings.items()
    }
    return faulty | {one.item: [] for one in written if one.value is None}


def _choose_better(
    tools: ToolBox[CaptionSection], first: Sequence[Written], second: Sequence[Written]
) -> list[Written]:
    """Return the second answer if it is usable and no worse than the first, else the first."""
    if not second:
        return list(first)
    usable = {one.item: one for one in second if one.value is not None}
    latest = [usable.get(one.item, one) for one in first]
    before, after = _findings(tools, first), _findings(tools, latest)
    return [
        old if old.value and _faults(before, old) < _faults(after, new) else new
        for old, new in zip(first, latest, strict=True)
    ]


def _faults(findings: Findings, one: Written) -> tuple[int, int]:
    """Count a caption's blocking findings, and all of them, for comparison."""
    found = findings.get(one.item, ())
    return sum(finding.blocking for finding in found), len(found)


def _record_caption(
    tools: ToolBox[CaptionSection],
    prompt: str,
    image: ImageRecord,
    outcomes: Mapping[str, Written],
    findings: Findings,
) -> ImageRecord:
    if image.image_id not in outcomes:
        return image
    outcome = outcomes[image.image_id]
    if outcome.value is None:
        drop = Drop(stage="caption", reason="no caption", detail=outcome.failure)
        return image.model_copy(update={"dropped": drop})
    found = findings.get(image.image_id, ())
    caption = CaptionFacts(
        text=outcome.value.text,
        model_id=_model_id(tools),
        prompt=CAPTION_PROMPT,
        prompt_sha256=sha256_hex(prompt.encode()),
        findings=tuple(map(str, found)),
    )
    blocking = [finding.message for finding in found if finding.blocking]
    drop = Drop(stage="caption", reason="caption unusable", detail="; ".join(blocking))
    return image.model_copy(update={"caption": caption, "dropped": drop if blocking else None})
