"""The doors of the assessment, by what they open on."""
