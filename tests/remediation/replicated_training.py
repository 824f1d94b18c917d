"""Run by test_min_diff_replicas.py in a process of its own: MinDiff on two replicas of one machine.

Usage: replicated_training.py results.npz
"""

import sys

import numpy as np
import tensorflow as tf


def main(path):
    tf.config.set_logical_device_configuration(tf.config.list_physical_devices("CPU")[0],
                                               [tf.config.LogicalDeviceConfiguration()] * 2)
    import keras  # only now that there are two devices

    from fairkit.remediation import MinDiffModel, pack_min_diff_data

    rng = np.random.default_rng(0)
    x, s, n = (rng.normal(shift, 1, (16, 3)).astype(np.float32) for shift in (0, 1, 0))
    y = rng.integers(0, 2, 16).astype(np.float32)
    strategy = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"])
    with strategy.scope():
        model = keras.Sequential([keras.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
        wrapper = MinDiffModel(model, "mmd", 2.0)
        wrapper.compile(keras.optimizers.SGD(0.5), "binary_crossentropy")
    start = [np.array(w) for w in model.get_weights()]

    def batches(*columns):
        return tf.data.Dataset.from_tensor_slices(columns).batch(8)

    packed = pack_min_diff_data(batches(x, y), batches(s, y), batches(n, y))
    evaluated = wrapper.evaluate(packed, verbose=0, return_dict=True)
    fitted = wrapper.fit(packed.take(1), epochs=1, verbose=0, shuffle=False).history
    plain = wrapper.evaluate(batches(x, y), verbose=0, return_dict=True)
    np.savez(path, x=x, y=y, s=s, n=n, kernel=start[0], bias=start[1], trained_kernel=model.get_weights()[0],
             trained_bias=model.get_weights()[1], evaluated=[evaluated["loss"], evaluated["min_diff_loss"]],
             fitted=[fitted["loss"][0], fitted["min_diff_loss"][0]], replicas=strategy.num_replicas_in_sync,
             plain=sorted(plain))


if __name__ == "__main__":
    main(sys.argv[1])
