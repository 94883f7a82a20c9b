"""The channels of each convolution for a photo, their sparsity by depth, and the photos that excite them most."""
