"""What the first layer looks for: its kernels, what each resembles, and what training made of them."""
