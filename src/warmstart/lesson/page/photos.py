"""The second part: a small set of photos, from scratch and with a pretrained network."""

from __future__ import annotations

from warmstart.lesson.page.facts import Facts
from warmstart.lesson.page.figures import accuracies, convolution_part, curves, loss_against, parameters
from warmstart.lesson.page.section import Number, Picture, Section, source_of
from warmstart.models.backbone import Backbone
from warmstart.models.transfer import TransferNet, pool_features
from warmstart.training.lightning_module import loss_and_correct

VGG16 = "the lesson: VGG16 at 150 px"


def photo_sections(photos: Facts) -> list[Section]:
    """The sections on training with few photos."""
    return [
        _scratch(photos),
        _augmented(photos),
        _batch_norm(photos),
        _features(photos),
        _frozen(photos),
        _fine_tune(photos),
        _all(photos),
    ]


def _train(photos: Facts, recipe: str) -> str:
    return f"python pipelines/train.py data={photos.name} recipe={recipe}"


def _scratch(photos: Facts) -> Section:
    size = photos.meta["size"]
    _, shape = convolution_part(photos, "scratch")
    return Section(
        "scratch",
        "From scratch: it overfits",
        [
            f"{photos.meta['counts']['train']:,} training images are few for a network with millions of parameters: it memorises them. "
            "The training accuracy climbs to the end, the validation accuracy stops early."
        ],
        _train(photos, "scratch"),
        numbers=[
            parameters(photos, "scratch", "3,453,121", f"at 150 px; here {size} px"),
            Number("map before the dense layer", "7 × 7 × 128", shape),
            *accuracies(photos, "scratch"),
        ],
        pictures=curves(photos, "scratch"),
        sources=[source_of(loss_and_correct)],
    )


def _augmented(photos: Facts) -> Section:
    from warmstart.dataset.augmentation import Augmentation

    folder = photos.lesson / "augmentation"
    return Section(
        "augmentation",
        "Augmentation: no image twice",
        [
            "Each image is turned, shifted, sheared, zoomed and flipped at random each time it is used. The network never sees the same "
            "picture twice, and (almost) stops overfitting; it also needs longer to learn."
        ],
        _train(photos, "scratch_augmented"),
        numbers=accuracies(photos, "scratch_augmented"),
        pictures=[
            Picture(folder / "draws.png", "One photo, eight draws."),
            Picture(folder / "each.png", "Each change alone, with its range."),
            *curves(photos, "scratch_augmented"),
        ],
        sources=[source_of(Augmentation.__call__)],
    )


def _batch_norm(photos: Facts) -> Section:
    folder = photos.lesson / "batch_norm"
    return Section(
        "batch_norm",
        "Batch norm",
        [
            "Batch norm sets each channel's mean and spread by the batch in training, and by running averages afterwards. With Keras' "
            "momentum those averages follow slowly: after few steps they lag behind, and validation suffers."
        ],
        f"python pipelines/batch_norm.py data={photos.name}",
        numbers=accuracies(photos, "scratch_batchnorm"),
        pictures=[
            Picture(folder / "distributions.png", "Activations by layer, with and without batch norm."),
            Picture(folder / "running.png", "Running against batch statistics, epoch by epoch."),
            *curves(photos, "scratch_batchnorm"),
        ],
    )


def _features(photos: Facts) -> Section:
    _, shape = convolution_part(photos, "features")
    return Section(
        "features",
        "A pretrained network's features, computed once",
        [
            "The convolutions of a network trained on ImageNet know edges, textures and parts of animals. Run it once over the images, "
            "keep its output, and train a small head on that: seconds instead of minutes."
        ],
        _train(photos, "features"),
        numbers=[Number("feature map", "4 × 4 × 512", shape, VGG16), *accuracies(photos, "features")],
        pictures=curves(photos, "features"),
        sources=[source_of(pool_features)],
    )


def _frozen(photos: Facts) -> Section:
    return Section(
        "features_augmented",
        "The frozen network inside, with augmentation",
        ["Slower, since every image passes the whole network every time; but now images can be augmented."],
        _train(photos, "features_augmented"),
        numbers=[
            parameters(photos, "features_augmented", "16,812,353, 2,097,665 trained", VGG16),
            *accuracies(photos, "features_augmented"),
        ],
        pictures=curves(photos, "features_augmented"),
        sources=[source_of(TransferNet.forward)],
    )


def _fine_tune(photos: Facts) -> Section:
    return Section(
        "fine_tune",
        "Fine-tuning the last block",
        [
            "Once the head is trained, the last block may learn too, in small steps. Its batch norm keeps its running statistics. The "
            "lesson sees a better validation accuracy and a worse validation loss: the network is right more often, and more sure when it is wrong."
        ],
        f"python pipelines/fine_tune.py data={photos.name}",
        numbers=[
            *accuracies(photos, "fine_tune"),
            Number(
                "validation loss, last epoch",
                "worse than before",
                loss_against(photos, "fine_tune", "features_augmented"),
            ),
        ],
        pictures=curves(photos, "fine_tune"),
        sources=[source_of(Backbone.unfreeze), source_of(Backbone.train)],
    )


def _all(photos: Facts) -> Section:
    return Section(
        "comparison",
        "Side by side",
        [
            "The same test images for all, with intervals. The comparison page, report/index.html beside this one's folder, has the paired tests "
            "and the verdict."
        ],
        f"python pipelines/compare.py data={photos.name}",
        pictures=[
            Picture(photos.root / "report" / "accuracy.png", "Test accuracy of every recipe with its interval."),
            Picture(photos.root / "report" / "curves.png", "Validation accuracy and loss of every recipe."),
        ],
    )
