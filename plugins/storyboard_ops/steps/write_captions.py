"""Caption every kept picture; what the linter finds is mended by asking once more."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence

from storyboard_ops.core.answer_parser import parse_caption
from storyboard_ops.core.caption_linter import (
    CaptionedPicture,
    CaptionFinding,
    CaptionRules,
    lint_captions,
)
from storyboard_ops.core.picture_codec import model_jpeg
from storyboard_ops.core.prompt_parts import caption_parts
from storyboard_ops.domain.base_record import digest_of
from storyboard_ops.domain.error_tree import RemoteFailure
from storyboard_ops.domain.image_records import CaptionFacts, Drop, ImageRecord
from storyboard_ops.domain.manifest_codec import ManifestRef, sha256_hex
from storyboard_ops.domain.object_keys import S3Uri
from storyboard_ops.gateways.call_pool import Outcome, call_each
from storyboard_ops.gateways.include_files import include_text
from storyboard_ops.steps.tool_box import ToolBox

log = logging.getLogger(__name__)

VERSION = 1
CAPTION_PROMPT = "prompts/write_caption.txt"
CAPTION_TOKENS = 300
#: Of another character this much has to be inside the crop for the caption to name them.
SHOWN_SHARE = 0.5

Written = Outcome[ImageRecord, CaptionedPicture]


def write_captions(tools: ToolBox, ref: ManifestRef) -> ManifestRef:
    """Captions for an "images" manifest; a picture without a usable one is dropped, saying why."""
    prompt = include_text(CAPTION_PROMPT)
    uri = tools.run_root / "captions/images.jsonl"
    digest = digest_of(VERSION, ref.sha256, prompt, tools.settings.caption_model_id)
    if found := tools.manifests.find(uri, digest):
        return found[0]
    images = tools.manifests.read(ref, ImageRecord, "images").records
    kept = [image for image in images if image.kept]

    written = call_each(kept, lambda image: _write(tools, prompt, image))
    complaints = _complaints(tools, written)
    faulty = [one.item for one in written if one.item.image_id in complaints]
    log.info("Wrote %d captions; %d are asked for once more.", len(kept), len(faulty))
    again = call_each(
        faulty, lambda image: _write(tools, prompt, image, complaints[image.image_id])
    )
    final = _best_of(written, again)
    if kept and not any(one.value for one in final.values()):
        reason = next(iter(final.values())).failure
        raise RemoteFailure(f"Not a single caption could be written. The first reason: {reason}")

    findings = _findings(tools, list(final.values()))
    records = [_captioned(tools, prompt, image, final, findings) for image in images]
    tools.book(f"captions-{digest[:16]}", tools.answers.usages)
    summary = {
        "captions": sum(image.kept for image in records),
        "asked_twice": len(faulty),
        "dropped": sum(not image.kept for image in records) - (len(images) - len(kept)),
    }
    return tools.manifests.commit(uri, "images", digest, records, summary)


def _write(
    tools: ToolBox, prompt: str, image: ImageRecord, complaints: Sequence[str] = ()
) -> CaptionedPicture:
    model_id = tools.settings.caption_model_id
    picture = model_jpeg(tools.objects.get(S3Uri.parse(image.uri)))
    present = _present(image)
    parts = caption_parts(tools.production, present, picture, complaints)
    facts = [part for part in parts if isinstance(part, str)]
    text = tools.answers.ask(
        "bedrock.converse",
        digest_of("write_caption", model_id, prompt, facts, sha256_hex(picture)),
        lambda: tools.runtime.converse(model_id, prompt, parts, CAPTION_TOKENS),
    )
    parsed = parse_caption(text)
    return CaptionedPicture(
        image_id=image.image_id,
        character=image.character,
        text=parsed.text,
        present=frozenset(present),
        claimed=parsed.characters,
    )


def _present(image: ImageRecord) -> list[str]:
    """The picture's character, and others of whom enough is inside the crop."""
    others = [c for c, share in sorted(image.crop.overlap.items()) if share >= SHOWN_SHARE]
    return [image.character, *others]


def _findings(tools: ToolBox, written: Sequence[Written]) -> dict[str, list[CaptionFinding]]:
    captions = [one.value for one in written if one.value is not None]
    by_image: dict[str, list[CaptionFinding]] = defaultdict(list)
    rules = CaptionRules(known_words=_known_words(tools))
    for finding in lint_captions(captions, tools.production.characters, rules):
        by_image[finding.image_id].append(finding)
    return by_image


def _known_words(tools: ToolBox) -> tuple[str, ...]:
    """Capitalized words that are nobody's name: those of the title and of the places."""
    production = tools.production
    texts = [production.production, production.source.title, production.style]
    texts += [scene.scene.title() for scene in production.storyboard]
    return tuple(sorted({word for text in texts for word in text.split()}))


def _complaints(tools: ToolBox, written: Sequence[Written]) -> dict[str, list[str]]:
    """What to say when asking once more: the findings, or why the answer could not be read."""
    said = {
        image_id: [finding.message for finding in findings if finding.fixable]
        for image_id, findings in _findings(tools, written).items()
    }
    unread = {one.item.image_id: [one.failure] for one in written if one.value is None}
    return {image_id: messages for image_id, messages in (said | unread).items() if messages}


def _best_of(first: Sequence[Written], second: Sequence[Written]) -> dict[str, Written]:
    """The second answer where there is a usable one, else the first."""
    mended = {one.item.image_id: one for one in second if one.value is not None}
    return {one.item.image_id: mended.get(one.item.image_id, one) for one in first}


def _captioned(
    tools: ToolBox,
    prompt: str,
    image: ImageRecord,
    written: Mapping[str, Written],
    findings: Mapping[str, Sequence[CaptionFinding]],
) -> ImageRecord:
    if image.image_id not in written:
        return image
    outcome = written[image.image_id]
    if outcome.value is None:
        drop = Drop(stage="caption", reason="no caption", detail=outcome.failure)
        return image.model_copy(update={"dropped": drop})
    found = findings.get(image.image_id, ())
    caption = CaptionFacts(
        text=outcome.value.text,
        model_id=tools.settings.caption_model_id,
        prompt=CAPTION_PROMPT,
        prompt_sha256=sha256_hex(prompt.encode()),
        findings=tuple(f"{finding.code}: {finding.message}" for finding in found),
    )
    blocking = [finding.message for finding in found if finding.blocking]
    drop = Drop(stage="caption", reason="caption unusable", detail="; ".join(blocking))
    return image.model_copy(update={"caption": caption, "dropped": drop if blocking else None})
