"""Which assets and seeds may be used for training and which are held out.

Every asset module keeps two lists, ``ASSETS[TRAIN]`` and ``ASSETS[HELD_OUT]``, that share no entry, and a picture is
drawn from one list only. Seeds are disjoint too, so no random number is shared between the two worlds. Validation
(used to watch training) has training assets and its own seeds: held-out pictures never steer training.
"""

CLASSES = ("bus", "person", "car", "bicycle", "dog", "traffic light")

TRAIN = "train"
HELD_OUT = "held-out"

SEEDS = {
    "train": range(1_000_000, 1_100_000),
    "validation": range(2_000_000, 2_100_000),
    "held-out": range(9_000_000, 9_100_000),
    "bundled": range(9_500_000, 9_600_000),
}


def asset_split(purpose):
    """The asset list that a purpose (a key of SEEDS) may use."""
    return TRAIN if purpose in ("train", "validation") else HELD_OUT


def pick(rng, assets, split):
    """One asset of the split, uniformly."""
    options = assets[split]
    return options[int(rng.integers(len(options)))]


def check_disjoint(name, assets):
    """Refuses an asset table whose two lists share an entry."""
    train = [repr(a) for a in assets[TRAIN]]
    shared = [a for a in assets[HELD_OUT] if repr(a) in train]
    if shared:
        raise ValueError(f"{name}: held-out assets also in the training list: {shared}")
