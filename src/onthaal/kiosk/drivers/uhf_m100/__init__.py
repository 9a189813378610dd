"""UHF tag readers of the M100, R200, YRM100 family."""
