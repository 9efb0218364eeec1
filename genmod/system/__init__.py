"""Files, locks, processes and memory: what the operating system gives."""
