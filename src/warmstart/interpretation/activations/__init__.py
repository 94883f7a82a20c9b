"""What each convolution's channels say of a photo, how sparse they are by depth, and the photos that excite them most."""
