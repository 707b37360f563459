"""attendo."""
