"""KERONG KR-CU48 lock boards."""
