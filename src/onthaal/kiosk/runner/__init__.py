"""What carries out a session's effects against store, truth, locks and readers, and watches every door."""
