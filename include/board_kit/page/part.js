// Shows a part of a picture: [left, top, width, height] as shares of it, in a frame that clips it.

// The frame needs a size in one direction; ratio: width by height of the whole picture.
export function showPart(frame, image, [left, top, width, height], ratio) {
  const percent = (share) => `${100 * share}%`;
  frame.style.aspectRatio = String((ratio * width) / height);
  Object.assign(image.style, {
    position: "absolute", maxWidth: "none", width: percent(1 / width), height: percent(1 / height),
    left: percent(-left / width), top: percent(-top / height),
  });
}
