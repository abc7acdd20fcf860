#!/usr/bin/env python3
"""Train the handwriting demo's model: a small depthwise-separable network on MNIST, written as a float32 .tflite file.

usage: train.py MNIST_DIR OUT.tflite [--epochs N] [--seed N]
See README.md beside this file for the environment and the result to expect.
"""
import argparse
import os
import pathlib

os.environ["TF_USE_LEGACY_KERAS"] = "1"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np
import tensorflow as tf
import tf_keras as keras

BATCH = 128
layers = keras.layers


def read_idx(path, header_bytes):
    return np.frombuffer(path.read_bytes(), np.uint8)[header_bytes:]


def load(folder, part):
    images = read_idx(folder / f"{part}-images-idx3-ubyte", 16).reshape(-1, 28, 28, 1).astype(np.float32) / 255
    return images, read_idx(folder / f"{part}-labels-idx1-ubyte", 8).astype(np.int32)


def normalized(x):
    return layers.ReLU(6.0)(layers.BatchNormalization()(x))


def separable(x, channels, stride):
    x = normalized(layers.DepthwiseConv2D(3, stride, padding="same", use_bias=False)(x))
    return normalized(layers.Conv2D(channels, 1, use_bias=False)(x))


def network():
    """182 thousand weights once batch normalization is folded, 2.3 million multiplications an image."""
    image = layers.Input((28, 28, 1), name="image")
    x = normalized(layers.Conv2D(24, 3, 2, padding="same", use_bias=False)(image))
    for channels, stride in ((48, 1), (96, 2), (160, 1), (320, 2)):
        x = separable(x, channels, stride)
    x = layers.Dense(320, activation="relu")(layers.GlobalAveragePooling2D()(x))
    x = layers.Dense(10)(layers.Dropout(0.2)(x))
    return keras.Model(image, layers.Softmax(name="digit")(x))


def augment(images, labels):
    """Rotate (15 degrees), scale (12 %), shear (0.15) and shift (2.5 pixels) each image of a batch at random."""
    n = tf.shape(images)[0]
    uniform = lambda limit: tf.random.uniform([n], -limit, limit)
    angle, shear, zoom_x, zoom_y = uniform(0.26), uniform(0.15), 1 + uniform(0.12), 1 + uniform(0.12)
    a, b = tf.cos(angle) * zoom_x, -tf.sin(angle) * zoom_y + shear
    c, d = tf.sin(angle) * zoom_x, tf.cos(angle) * zoom_y
    center = 13.5
    shift_x = center - (a + b) * center + uniform(2.5)
    shift_y = center - (c + d) * center + uniform(2.5)
    zero = tf.zeros([n])
    images = tf.raw_ops.ImageProjectiveTransformV3(
        images=images, transforms=tf.stack([a, b, shift_x, c, d, shift_y, zero, zero], 1), output_shape=[28, 28],
        fill_value=0.0, interpolation="BILINEAR", fill_mode="CONSTANT")
    return images, labels


def accuracy(blob, images, labels):
    """Share of right answers of the .tflite file itself."""
    interpreter = tf.lite.Interpreter(model_content=blob)
    index = interpreter.get_input_details()[0]["index"]
    interpreter.resize_tensor_input(index, [100, 28, 28, 1])
    interpreter.allocate_tensors()
    right = 0
    for start in range(0, len(labels), 100):
        interpreter.set_tensor(index, images[start:start + 100])
        interpreter.invoke()
        answer = interpreter.get_tensor(interpreter.get_output_details()[0]["index"]).argmax(1)
        right += int((answer == labels[start:start + 100]).sum())
    return right / len(labels)


def main():
    parser = argparse.ArgumentParser(description="Train the handwriting demo's model.")
    parser.add_argument("mnist", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    keras.utils.set_random_seed(args.seed)
    images, labels = load(args.mnist, "train")
    test_images, test_labels = load(args.mnist, "t10k")
    data = tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(len(labels), seed=args.seed)
    data = data.batch(BATCH, drop_remainder=True).map(augment, num_parallel_calls=1).prefetch(2)
    model = network()
    rate = keras.optimizers.schedules.CosineDecay(2e-3, args.epochs * (len(labels) // BATCH))
    model.compile(keras.optimizers.Adam(rate), keras.losses.SparseCategoricalCrossentropy(), ["accuracy"])
    model.fit(data, epochs=args.epochs, verbose=2)
    blob = tf.lite.TFLiteConverter.from_keras_model(model).convert()
    args.out.write_bytes(blob)
    print(f"parameters {model.count_params()}, bytes {len(blob)}, test accuracy {accuracy(blob, test_images, test_labels):.4f}")


if __name__ == "__main__":
    main()
