"""From trained weights to the files a device loads."""
