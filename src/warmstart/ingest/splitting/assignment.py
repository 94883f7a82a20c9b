"""Assigning units, which stay whole, into parts of wanted sizes: seeded, stratified by class, as near as the units
allow.

Single images are drawn as they always were: each class is shuffled and cut. Larger units go first, the largest before
the others, each to the part that lacks most, so that no part is made of larger units only.
"""

from __future__ import annotations

import numpy as np

UNASSIGNED = -1


def assign(
    labels: np.ndarray, units: np.ndarray, targets: np.ndarray, generator: np.random.Generator, *, exact: bool
) -> np.ndarray:
    """Choose a part for each image.

    labels: int64 (N,), class indices. units: int64 (N,); images with the same number go to one part. targets: int64 (P,
    C), images wanted of each class in each part. exact: never put more into a part than is wanted; images may be left
    over, and only where nothing else fits is a part of a unit used and its rest left over. Otherwise every image is put
    somewhere, whole units only. Returns int8 (N,): parts, and -1 for what is left over.
    """
    return _Assignment(labels, units, targets, exact).run(generator)


class _Assignment:
    def __init__(self, labels: np.ndarray, units: np.ndarray, targets: np.ndarray, exact: bool) -> None:
        self.labels, self.targets, self.exact = labels, targets, exact
        self.room = targets.copy()
        self.parts = np.full(len(labels), UNASSIGNED, dtype=np.int8)
        _, first, inverse, sizes = np.unique(units, return_index=True, return_inverse=True, return_counts=True)
        self.first, self.sizes = first, sizes
        self.members = np.argsort(inverse, kind="stable")  # those of each unit side by side
        self.ends = np.cumsum(sizes)

    def run(self, generator: np.random.Generator) -> np.ndarray:
        homes = self.labels[self.first]
        in_order = np.argsort(self.first)
        shuffled = [generator.permutation(in_order[homes[in_order] == label]) for label in range(self.targets.shape[1])]
        drawn = self._draw(shuffled) if self.exact else shuffled
        several = np.concatenate([order[self.sizes[order] > 1] for order in drawn])
        for unit in several[np.argsort(-self.sizes[several], kind="stable")].tolist():
            self._put(unit)
        for label, order in enumerate(drawn):
            self._deal(label, order[self.sizes[order] == 1])
        if self.exact and self.room.any():
            self._fill(np.concatenate(shuffled).tolist())
        self._mend()
        return self.parts

    def of(self, unit: int) -> np.ndarray:
        """The images of a unit."""
        return self.members[self.ends[unit] - self.sizes[unit] : self.ends[unit]]

    def _draw(self, shuffled: list[np.ndarray]) -> list[np.ndarray]:
        """The first units of each class that make up what is wanted of it."""
        left = self.targets.sum(axis=0)
        drawn = []
        for label, order in enumerate(shuffled):
            taken = []
            for unit in order.tolist():
                if not left[label]:
                    break
                if self.sizes[unit] == 1:
                    left[label] -= 1
                    taken.append(unit)
                    continue
                after = left - np.bincount(self.labels[self.of(unit)], minlength=len(left))
                if (after >= 0).all():
                    left = after
                    taken.append(unit)
            drawn.append(np.array(taken, dtype=np.int64))
        return drawn

    def _put(self, unit: int) -> None:
        """Put a whole unit into the part that has room for it and lacks most; where none has room, the one it overfills
        least.
        """
        images = self.of(unit)
        classes, counts = np.unique(self.labels[images], return_counts=True)
        room = self.room[:, classes]
        lack = (room / np.maximum(self.targets[:, classes], 1) * counts).sum(axis=1)
        too_many = np.maximum(counts - np.maximum(room, 0), 0).sum(axis=1)
        part = int(np.lexsort((-lack, too_many))[0])
        if not (self.exact and too_many[part]):
            self.parts[images] = part
            self.room[part, classes] -= counts

    def _set(self, images: np.ndarray, part: int) -> None:
        """Move images to a part from wherever they are."""
        for at in np.unique(self.parts[images]):
            if at != UNASSIGNED:
                self.room[at] += np.bincount(
                    self.labels[images[self.parts[images] == at]], minlength=self.room.shape[1]
                )
        self.parts[images] = part
        if part != UNASSIGNED:
            self.room[part] -= np.bincount(self.labels[images], minlength=self.room.shape[1])

    def _deal(self, label: int, singles: np.ndarray) -> None:
        """Cut shuffled single images where the parts are full."""
        room = np.maximum(self.room[:, label], 0)
        while not self.exact and room.sum() > len(
            singles
        ):  # larger units have overfilled some part: the others share what lacks
            room[np.argmax(room / np.maximum(self.targets[:, label], 1))] -= 1
        ends = np.cumsum(room)
        for part, (start, end) in enumerate(zip(ends - room, ends, strict=True)):
            self._set(self.members[self.ends[singles[start:end]] - 1], part)

    def _fill(self, order: list[int]) -> None:
        """Fill what is still lacking: with whole units that fit, else with parts of units."""
        for whole in (True, False):
            for unit in order:
                if not self.room.any():
                    return
                images = self.of(unit)
                if (self.parts[images] != UNASSIGNED).any():
                    continue
                if whole:
                    self._put(unit)
                else:
                    self._set(*self._piece(images))

    def _piece(self, images: np.ndarray) -> tuple[np.ndarray, int]:
        """As many images of a unit as one part has room for, and that part."""
        counts = np.bincount(self.labels[images], minlength=self.room.shape[1])
        part = int(np.minimum(self.room, counts).sum(axis=1).argmax())
        return self._within(images, self.room[part]), part

    def _within(self, images: np.ndarray, room: np.ndarray) -> np.ndarray:
        """The first images of a unit, no more of any class than there is room for."""
        labels = self.labels[images]
        return np.concatenate([images[labels == label][: room[label]] for label in np.unique(labels)])

    def _mend(self) -> None:
        """Give a part that has none of a class a unit of another part that has several, the smallest."""
        unit_of = np.empty(len(self.labels), dtype=np.int64)
        unit_of[self.members] = np.repeat(np.arange(len(self.sizes)), self.sizes)
        for part, label in np.argwhere((self.room == self.targets) & (self.targets > 0)).tolist():
            used = np.flatnonzero((self.labels == label) & (self.parts != UNASSIGNED))
            units, place = np.unique(unit_of[used], return_index=True)
            owners = self.parts[used[place]]
            donors = units[np.bincount(owners, minlength=len(self.targets))[owners] > 1]
            if len(donors):
                images = self.of(int(donors[np.argmin(self.sizes[donors])]))
                self._set(images, UNASSIGNED)
                self._set(self._within(images, self.room[part]) if self.exact else images, part)
