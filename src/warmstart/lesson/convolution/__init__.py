"""Convolution on one image: kernels, orientation, padding, pooling and receptive fields."""
