"""Passwords of tests, hashed as in production but at the smallest cost: how dear a guess is, is no test's subject."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class QuickHasher(Argon2PasswordHasher):
    time_cost = 1
    memory_cost = 8
    parallelism = 1
