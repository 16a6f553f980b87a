"""The rules of the assessment, without I/O."""
