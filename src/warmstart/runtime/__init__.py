"""The process around a stage: devices, console, progress, signals, memory."""
