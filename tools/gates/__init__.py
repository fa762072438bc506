# SPDX-License-Identifier: GPL-2.0-only
"""The gates of tools/check, a module for each kind."""
