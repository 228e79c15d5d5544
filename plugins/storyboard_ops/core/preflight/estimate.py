"""Estimate what a run will buy before it starts: an upper bound from simple counts."""

from __future__ import annotations

import math

from storyboard_ops.core.pictures.codec import MOST_SENT_SIDE
from storyboard_ops.domain.money.paid_usage import Usage
from storyboard_ops.domain.production_sheet import Production
from storyboard_ops.domain.settings.common import CommonSettings
from storyboard_ops.domain.settings.pictures import DetectionSection
from storyboard_ops.domain.settings.run import RunSettings

#: Most input tokens of one picture, long side 1,024 px, for a Nova model.
PICTURE_TOKENS = 1_800
#: Most input tokens of a reference picture: it is sent with a long side of 512 px, but Nova
#: enlarges pictures below 896 px before it counts.
REFERENCE_TOKENS = 1_300
#: Nova counts about 650 pixels of a picture as a token (900 x 900: about 1,300), after enlarging it
#: to this longer side; here a little fewer pixels.
PIXELS_PER_TOKEN = 600
LEAST_COUNTED_SIDE = 896
PROMPT_TOKENS = 400
#: Most pictures of a question: those of a detection are references, strangers and the frame.
PICTURES_PER_QUESTION = 20
#: A question whose answer is unusable is asked once more, and billed again.
QUESTIONS_PER_ANSWER = 2
#: Approximate tokens by which the second request of a caption is longer: what was wrong with the
#: first.
COMPLAINT_TOKENS = 200
ANSWER_TOKENS = 120
#: Approximate pictures of characters per sampled frame: two thirds of the frames show a character,
#: and for some the head is cut out as well.
PICTURES_PER_FRAME = 0.9
#: Capacity is billed by the hour; provisioning, drawing and release fit into one.
HOSTING_HOURS = 1
#: Approximate faces per sampled frame; each is a separate search.
FACES_PER_FRAME = 1.5
#: Hours of a Custom Labels training: half an hour to a day; low for a few dozen pictures.
LABELS_TRAINING_HOURS = 2.0
#: Hours to start a model, at most; billed like running, on the high side.
LABELS_STARTING_HOURS = 0.5
#: Fewest pictures per second that one inference unit answers.
LABELS_PER_SECOND = 2.0


def estimate_usages(
    settings: CommonSettings,
    production: Production,
    frames: int,
    hosting_hours: int = HOSTING_HOURS,
    frame_tokens: int = PICTURE_TOKENS,
) -> tuple[Usage, ...]:
    """Return everything a run would buy if nothing could be reused and nothing was dropped.

    ``frames``: number sampled from all videos together; 0 for a run without films.
    ``hosting_hours``: hours for which capacity is billed. ``frame_tokens``: most input tokens of
    one frame, see ``picture_tokens``.
    """
    films = (
        _films(settings, production, frames, frame_tokens)
        if isinstance(settings, RunSettings)
        else ()
    )
    return (*films, *(_training(settings, hosting_hours) if settings.draws else ()))


def picture_tokens(width: int, height: int) -> int:
    """Return the most input tokens of a picture of this size for a Nova model.

    Nova enlarges small pictures before it counts; detection sends frames as large as they are, up
    to the longest side that services accept.
    """
    side = max(width, height)
    scale = max(min(side, MOST_SENT_SIDE), LEAST_COUNTED_SIDE) / side
    return math.ceil(width * height * scale**2 / PIXELS_PER_TOKEN)


def _films(
    settings: RunSettings, production: Production, frames: int, frame_tokens: int
) -> list[Usage]:
    pictures = math.ceil(frames * PICTURES_PER_FRAME)
    return [
        *_detection(settings, production, frames, frame_tokens),
        *_captions(settings, pictures),
        *(_review(pictures) if settings.review_desk in ("a2i", "choose") else ()),
    ]


def _detection(
    settings: DetectionSection, production: Production, frames: int, frame_tokens: int
) -> list[Usage]:
    usages = []
    references = sum(len(character.references) for character in production.characters)
    if "multimodal" in settings.detectors:
        shown = min(references + len(production.strangers), PICTURES_PER_QUESTION - 1)
        question = PROMPT_TOKENS + REFERENCE_TOKENS * shown + frame_tokens
        asked = frames * QUESTIONS_PER_ANSWER
        usages += _tokens(settings.detection_model_id, asked * question, asked * ANSWER_TOKENS)
    if "labels" in settings.detectors:
        usages.append(_rekognition("DetectLabels", "image", frames))
    if "faces" in settings.detectors:
        usages += [
            _rekognition("IndexFaces", "image", references),
            _rekognition("DetectFaces", "image", frames),
            _rekognition("SearchFacesByImage", "image", math.ceil(frames * FACES_PER_FRAME)),
        ]
    if "custom_labels" in settings.detectors:
        hours = LABELS_STARTING_HOURS + frames / LABELS_PER_SECOND / 3600
        usages += [
            _rekognition("CustomLabelsTraining", "hour", LABELS_TRAINING_HOURS),
            _rekognition("DetectCustomLabels", "hour", round(hours, 2)),
        ]
    return usages


def _rekognition(item: str, unit: str, amount: float) -> Usage:
    return Usage(service="rekognition", item=item, unit=unit, amount=amount)


def _captions(settings: RunSettings, pictures: int) -> list[Usage]:
    question = PROMPT_TOKENS + PICTURE_TOKENS
    read = question * QUESTIONS_PER_ANSWER + COMPLAINT_TOKENS
    written = ANSWER_TOKENS * QUESTIONS_PER_ANSWER
    return [
        Usage(service="bedrock", item=settings.embedding_model_id, unit="image", amount=pictures),
        *_tokens(settings.caption_model_id, pictures * read, pictures * written),
    ]


def _review(pictures: int) -> list[Usage]:
    return [Usage(service="a2i", item="human_loop_object", unit="object", amount=pictures)]


def _training(settings: CommonSettings, hosting_hours: int) -> list[Usage]:
    hours = settings.model_units * hosting_hours
    model = settings.base_model_id
    return [
        Usage(service="bedrock", item=model, unit="training_image", amount=settings.images_seen),
        Usage(service="bedrock", item=model, unit="model_unit_hour", amount=hours),
    ]


def _tokens(model_id: str, read: float, written: float) -> list[Usage]:
    return [
        Usage(service="bedrock", item=model_id, unit="input_token", amount=read),
        Usage(service="bedrock", item=model_id, unit="output_token", amount=written),
    ]
