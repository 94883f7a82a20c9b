"""Convolution itself, shown on one image: kernels, direction, borders, pooling and reach."""
