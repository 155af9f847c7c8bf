"""Values as rows."""
