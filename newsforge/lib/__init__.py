"""What everything may use and what knows no app."""
