"""The device and the precision of computations: chosen by what the machine supports natively, and recorded."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

import torch

from warmstart.errors import UserError

PRECISIONS = ("auto", "bf16-mixed", "16-mixed", "32-true")
ACCELERATORS = ("auto", "cpu", "gpu", "cuda", "mps")


class ComputeSettings(Protocol):
    """The fields of the configuration's ``trainer`` group that are read here."""

    accelerator: str
    precision: str
    threads: int | None


@dataclass(frozen=True)
class DevicePlan:
    """Where and how precisely to compute. accelerator, precision: in Lightning's words, without ``auto``."""

    accelerator: str
    precision: str

    @property
    def device(self) -> torch.device:
        """The torch device."""
        return torch.device({"gpu": "cuda"}.get(self.accelerator, self.accelerator))

    def autocast(self) -> AbstractContextManager[Any]:
        """The autocast context of this precision."""
        dtypes = {"bf16-mixed": torch.bfloat16, "16-mixed": torch.float16}
        if self.precision not in dtypes:
            return nullcontext()
        return torch.autocast(self.device.type, dtypes[self.precision])

    def describe(self) -> str:
        """The name of the device, for records."""
        return torch.cuda.get_device_name() if self.accelerator == "gpu" else self.accelerator


def plan_device(options: ComputeSettings) -> DevicePlan:
    """Resolve ``auto``, and set the number of CPU threads. Raises UserError for what this machine does not have."""
    accelerator, precision = options.accelerator, options.precision
    if accelerator not in ACCELERATORS:
        raise UserError(f"trainer.accelerator is {accelerator!r}; it is one of {', '.join(ACCELERATORS)}")
    if precision not in PRECISIONS:
        raise UserError(f"trainer.precision is {precision!r}; it is one of {', '.join(PRECISIONS)}")
    available = {"gpu": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if accelerator == "auto":
        accelerator = next(name for name in ("gpu", "mps", "cpu") if available[name])
    accelerator = {"cuda": "gpu"}.get(accelerator, accelerator)
    if not available[accelerator]:
        raise UserError(
            f"trainer.accelerator is {accelerator}, but this machine has none; auto takes the best there is"
        )
    if precision == "auto":
        precision = "bf16-mixed" if native_bf16(accelerator) else "32-true"
    if options.threads:
        torch.set_num_threads(options.threads)
    return DevicePlan(accelerator, precision)


def native_bf16(accelerator: str) -> bool:
    """Whether bfloat16 is computed by the hardware and not emulated."""
    if accelerator == "gpu":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if accelerator != "cpu":
        return False
    # PyTorch has no public function for CPUs; without these, float32 is the safe choice.
    questions = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, name, bool)()) for name in questions)
