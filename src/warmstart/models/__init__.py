"""Networks, backbones and what is kept of a training."""
