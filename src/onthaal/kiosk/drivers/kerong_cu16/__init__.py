"""KERONG KR-CU16 lock boards."""
