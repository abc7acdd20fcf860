#!/usr/bin/env python3
"""Calibration and test samples for the real models, from the pictures and models that tools/get_models fetches.

usage: make_calibration.py CACHE OUT_DIR [--sounds DIR] [--only MODEL]
Writes OUT_DIR/MODEL.npz (64 samples) and OUT_DIR/MODEL_test.npz (16 samples of other pictures or sounds); the array is `x`.
Faces and eyes are found with the short-range face detector; the other picture models get random crops. --sounds: a folder
of .wav files of speech (mono, 16 bits) for speech_embedding; without it vowels are synthesized.
"""
import argparse
import pathlib
import wave

import numpy as np
from PIL import Image, ImageEnhance, ImageOps
from scipy import signal

import peer

CALIBRATION, TEST = 64, 16
TEST_PICTURES = ("sample5.jpg", "sample6.jpg", "chelsea.png", "china.jpg")
RATE = 16000
# model: (input size, what is cut out, lowest value, highest value)
PICTURE_MODELS = dict(
    palm_detection=(128, "any", 0, 1), face_landmark=(192, "face", 0, 1), iris_landmark=(64, "eye", 0, 1),
    face_detection_short_range=(128, "any", -1, 1), ssd_mobilenetv2=(300, "any", -1, 1),
    selfie_segmentation=(256, "any", 0, 1))


# Pictures ------------------------------------------------------------------------------------------------------------

def crop(picture, center_x, center_y, side, size):
    """A square of a picture, scaled to `size`; black outside of the picture."""
    half = side / 2
    box = [round(v) for v in (center_x - half, center_y - half, center_x + half, center_y + half)]
    return picture.crop(box).resize((size, size), Image.BILINEAR)


def as_array(picture, low, high):
    return np.asarray(picture, np.float32) / 255 * (high - low) + low


def altered(picture, rng):
    """Mirrored by chance, and changed a little in light, contrast, colour and angle."""
    if rng.random() < 0.5:
        picture = ImageOps.mirror(picture)
    for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        picture = change(picture).enhance(rng.uniform(0.7, 1.3))
    return picture.rotate(rng.uniform(-15, 15), Image.BILINEAR)


class FaceFinder:
    """Faces of a picture: centre, side and the two eyes, from the short-range detector's raw outputs."""
    SIZE = 128

    def __init__(self, path):
        self.interpreter = peer.open_model(path)
        anchors = []
        for cells, count in ((16, 2), (8, 6)):
            grid = (np.arange(cells) + 0.5) / cells
            x, y = np.meshgrid(grid, grid)
            anchors.append(np.repeat(np.stack([x.ravel(), y.ravel()], 1), count, 0))
        self.anchors = np.concatenate(anchors)

    def in_square(self, picture, x, y, side):
        """The faces of one square, each (score, centre, side, eye, eye) in pixels of the picture."""
        boxes, scores = peer.run(self.interpreter, [as_array(crop(picture, x, y, side, self.SIZE), -1, 1)[None]])
        faces = []
        for index in np.flatnonzero(scores[0, :, 0] > 1):
            raw = boxes[0, index] / self.SIZE
            points = [np.array([x, y]) - side / 2 + side * (raw[k:k + 2] + self.anchors[index]) for k in (0, 4, 6)]
            faces.append((scores[0, index, 0], points[0], raw[2] * side, points[1], points[2]))
        return faces

    def find(self, picture):
        """The best face of each place, over squares of several sizes."""
        faces = []
        width, height = picture.size
        for side in (max(width, height), min(width, height) // 2, min(width, height) // 3):
            for y in np.arange(side / 2, max(height - side / 2, side / 2) + 1, side / 2):
                for x in np.arange(side / 2, max(width - side / 2, side / 2) + 1, side / 2):
                    faces += self.in_square(picture, x, y, side)
        kept = []
        for face in sorted(faces, key=lambda f: -f[0]):
            if all(np.linalg.norm(face[1] - other[1]) > 0.5 * max(face[2], other[2]) for other in kept):
                kept.append(face)
        return kept


def places(picture, faces, kind):
    """Where to cut: (x, y, side) of each face or eye."""
    if kind == "face":
        return [(*center, side * 1.5) for _, center, side, _, _ in faces]
    return [(*eye, np.linalg.norm(left - right) * 0.9) for _, _, _, left, right in faces for eye in (left, right)]


def random_place(picture, rng):
    side = min(picture.size) * rng.uniform(0.4, 1.0)
    x, y = (rng.uniform(side / 2, length - side / 2) for length in picture.size)
    return x, y, side


def picture_samples(pictures, size, kind, low, high, count, rng):
    """`pictures`: (picture, faces) pairs, taken in turn with a new place and alteration each time."""
    spots = [(picture, place) for picture, faces in pictures for place in places(picture, faces, kind)] if kind != "any" else pictures
    samples = []
    for number in range(count):
        picture, place = spots[number % len(spots)]
        x, y, side = random_place(picture, rng) if kind == "any" else place
        side *= rng.uniform(0.9, 1.15)
        x, y = x + side * rng.uniform(-0.06, 0.06), y + side * rng.uniform(-0.06, 0.06)
        samples.append(as_array(altered(crop(picture, x, y, side, size), rng), low, high))
    return np.stack(samples)


def load_pictures(cache):
    """(picture, faces) of the calibration set and of the test set."""
    finder = FaceFinder(cache / "face_detection_short_range.tflite")
    sets = ([], [])
    for path in sorted((cache / "pictures").iterdir()):
        picture = Image.open(path).convert("RGB")
        sets[path.name in TEST_PICTURES].append((picture, finder.find(picture)))
    return sets


# Sound ---------------------------------------------------------------------------------------------------------------

def read_wav(path):
    with wave.open(str(path)) as file:
        samples = np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(np.float32)
        return signal.resample_poly(samples, RATE, file.getframerate()).astype(np.float32)


def vowel(rng):
    """A third of a second of a pulse train through three formants, falling in pitch."""
    time = np.arange(RATE // 3) / RATE
    phase = np.cumsum(rng.uniform(90, 250) * (1 - 0.4 * time)) / RATE
    sound = np.diff(np.floor(phase), prepend=0) + rng.normal(0, 0.01, len(time))
    for formant in (rng.uniform(300, 850), rng.uniform(850, 2400), rng.uniform(2400, 3200)):
        sound = signal.lfilter(*signal.iirpeak(formant, 8, RATE), sound) + 0.1 * sound
    return (sound / np.abs(sound).max() * np.hanning(len(sound)) * rng.uniform(2000, 20000)).astype(np.float32)


def sound_samples(melspectrogram, takes, count, rng):
    """Windows of 76 frames of 32 mel bands, spaced and scaled as openWakeWord feeds its embedding model."""
    windows = []
    while len(windows) < count:
        sound = np.concatenate([takes[k]() for k in rng.integers(len(takes), size=6)])
        features = peer.run(melspectrogram, [sound[None]])[0].reshape(-1, 32) / 10 + 2
        windows += [features[k:k + 76, :, None] for k in range(0, len(features) - 75, 40)]
    return np.stack(windows[:count])


def load_takes(folder):
    """Functions that give a sound each: of the calibration set and of the test set."""
    if not folder:
        return [[lambda seed=seed: vowel(np.random.default_rng(seed)) for seed in seeds] for seeds in (range(200), range(200, 300))]
    paths = sorted(folder.rglob("*.wav"))
    return [[lambda path=path: read_wav(path) for path in part] for part in (paths[::2], paths[1::2])]


def main():
    parser = argparse.ArgumentParser(description="Calibration and test samples for the real models.")
    parser.add_argument("cache", type=pathlib.Path, help="the folder that tools/get_models filled")
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--sounds", type=pathlib.Path, help="folder of .wav files of speech")
    parser.add_argument("--only", choices=[*PICTURE_MODELS, "speech_embedding"])
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    models = [args.only] if args.only else [*PICTURE_MODELS, "speech_embedding"]
    picture_sets = load_pictures(args.cache) if set(models) & set(PICTURE_MODELS) else None
    for model in models:
        for part, (suffix, count) in enumerate((("", CALIBRATION), ("_test", TEST))):
            rng = np.random.default_rng(1 + part)
            if model in PICTURE_MODELS:
                samples = picture_samples(picture_sets[part], *PICTURE_MODELS[model], count, rng)
            else:
                melspectrogram = peer.open_model(args.cache / "melspectrogram.tflite")
                samples = sound_samples(melspectrogram, load_takes(args.sounds)[part], count, rng)
            np.savez_compressed(args.out / f"{model}{suffix}.npz", x=samples.astype(np.float32))
            print(f"{model}{suffix}: {samples.shape}, {samples.min():.2f} to {samples.max():.2f}", flush=True)


if __name__ == "__main__":
    main()
