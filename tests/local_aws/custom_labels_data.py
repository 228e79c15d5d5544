"""Training manifests of Custom Labels over drawn scenes with two characters."""

import json

from local_aws.vision.picture_codec import encode_png
from tests.local_aws.vision.drawn_pictures import bolt, meadow, mira, paste


def scene(seed):
    picture = meadow(seed=seed)
    boxes = [paste(picture, mira(150), 40 + 9 * seed, 150), paste(picture, bolt(130), 430, 180)]
    return picture, boxes


def line(uri, boxes):
    annotations = [
        {"class_id": number, "left": left, "top": top, "width": right - left, "height": low - top}
        for number, (left, top, right, low) in enumerate(boxes)
    ]
    return json.dumps(
        {
            "source-ref": uri,
            "boxes": {
                "image_size": [{"width": 640, "height": 360, "depth": 3}],
                "annotations": annotations,
            },
            "boxes-metadata": {
                "objects": [{"confidence": 1}] * len(boxes),
                "class-map": {"0": "mira", "1": "bolt"},
                "type": "groundtruth/object-detection",
                "human-annotated": "yes",
            },
        }
    )


def manifest(s3, bucket, key="train.manifest"):
    lines = []
    for seed in (1, 2):
        picture, boxes = scene(seed)
        s3.put_object(Bucket=bucket, Key=f"{seed}.png", Body=encode_png(picture))
        lines.append(line(f"s3://{bucket}/{seed}.png", boxes))
    s3.put_object(Bucket=bucket, Key=key, Body="\n".join(lines).encode())
    return {"GroundTruthManifest": {"S3Object": {"Bucket": bucket, "Name": key}}}
