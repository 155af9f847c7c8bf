"""What changes for customers from one document to another, in sentences."""
